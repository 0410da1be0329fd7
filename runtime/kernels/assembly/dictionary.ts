// Strings as key words. Up to 7 bytes lie in the word itself, with the length in its top byte; longer ones are interned in a
// dictionary and the word is the entry's address under the tag 0xff. So equal strings have equal words, and tables compare words.
import { allocate, free } from "./memory";
import { copyBytes, equalBytes, hashBytes, lowBytes } from "./hash";

// Header: slots @0, mask @4, size @8. A slot is [hash u32, entry u32]. Entry: hash @0, length @4, references @8, bytes @16.
const header_bytes: usize = 16;
const entry_bytes: usize = 16;
const padding_bytes: usize = 16;
const slots_min: u32 = 64;

export const inline_bytes_max: i32 = 7;

@inline export function isInterned(word: u64): bool {
  return word >> 56 == 0xff;
}

@inline function entryOf(word: u64): usize {
  return <usize>(<u32>word);
}

export function dictionaryCreate(): usize {
  const dictionary = allocate(header_bytes);
  store<u32>(dictionary, <u32>emptySlots(slots_min));
  store<u32>(dictionary, slots_min - 1, 4);
  store<u32>(dictionary, 0, 8);
  return dictionary;
}

function emptySlots(count: u32): usize {
  const slots = allocate(<usize>count << 3);
  memory.fill(slots, 0, <usize>count << 3);
  return slots;
}

function entrySize(length: u32): usize {
  return entry_bytes + padding_bytes + <usize>length;
}

export function dictionarySize(dictionary: usize): u32 {
  return load<u32>(dictionary, 8);
}

export function dictionaryFree(dictionary: usize): void {
  const slots = <usize>load<u32>(dictionary);
  const count = load<u32>(dictionary, 4) + 1;
  for (let i: usize = 0; i < <usize>count; i++) {
    const entry = <usize>load<u32>(slots + (i << 3), 4);
    if (entry) free(entry, entrySize(load<u32>(entry, 4)));
  }
  free(slots, <usize>count << 3);
  free(dictionary, header_bytes);
}

// Builds the slots anew; entries without references are freed when `collect`.
function rebuild(dictionary: usize, count: u32, collect: bool): void {
  const old = <usize>load<u32>(dictionary);
  const oldCount = <usize>load<u32>(dictionary, 4) + 1;
  const slots = emptySlots(count);
  let size: u32 = 0;
  for (let i: usize = 0; i < oldCount; i++) {
    const entry = <usize>load<u32>(old + (i << 3), 4);
    if (!entry) continue;
    if (collect && load<u32>(entry, 8) == 0) {
      free(entry, entrySize(load<u32>(entry, 4)));
      continue;
    }
    place(slots, count - 1, load<u32>(entry), <u32>entry);
    size++;
  }
  free(old, oldCount << 3);
  store<u32>(dictionary, <u32>slots);
  store<u32>(dictionary, count - 1, 4);
  store<u32>(dictionary, size, 8);
}

function place(slots: usize, mask: u32, hash: u32, entry: u32): void {
  let p = hash & mask;
  while (load<u32>(slots + (<usize>p << 3), 4)) p = (p + 1) & mask;
  store<u32>(slots + (<usize>p << 3), hash);
  store<u32>(slots + (<usize>p << 3), entry, 4);
}

/** Frees the strings that no row refers to. Words made before and not yet stored in a row become invalid. */
export function dictionaryCollect(dictionary: usize): void {
  rebuild(dictionary, load<u32>(dictionary, 4) + 1, true);
}

function intern(dictionary: usize, bytes: usize, length: i32): u64 {
  const hash = hashBytes(bytes, length);
  const slots = <usize>load<u32>(dictionary);
  const mask = load<u32>(dictionary, 4);
  let p = hash & mask;
  while (true) {
    const slot = slots + (<usize>p << 3);
    const entry = <usize>load<u32>(slot, 4);
    if (!entry) return addEntry(dictionary, hash, bytes, length);
    if (load<u32>(slot) == hash && load<u32>(entry, 4) == <u32>length && equalBytes(entry + entry_bytes, bytes, length)) return tag(entry);
    p = (p + 1) & mask;
  }
}

@inline function tag(entry: usize): u64 {
  return 0xff00000000000000 | <u64>entry;
}

function addEntry(dictionary: usize, hash: u32, bytes: usize, length: i32): u64 {
  const size = load<u32>(dictionary, 8) + 1;
  if (size * 2 > load<u32>(dictionary, 4)) rebuild(dictionary, (load<u32>(dictionary, 4) + 1) * 2, false);
  const entry = allocate(entrySize(length));
  store<u32>(entry, hash);
  store<u32>(entry, <u32>length, 4);
  store<u32>(entry, 0, 8);
  copyBytes(entry + entry_bytes, bytes, length);
  place(<usize>load<u32>(dictionary), load<u32>(dictionary, 4), hash, <u32>entry);
  store<u32>(dictionary, size, 8);
  return tag(entry);
}

export function retainWord(word: u64): void {
  if (isInterned(word)) store<u32>(entryOf(word), load<u32>(entryOf(word), 8) + 1, 8);
}

export function releaseWord(word: u64): void {
  if (isInterned(word)) store<u32>(entryOf(word), load<u32>(entryOf(word), 8) - 1, 8);
}

export let rangeFrom: i32 = 0;
export let rangeTo: i32 = 0;

/** Bytes of the strings that are not NULL; they lie in [rangeFrom, rangeTo). */
export function stringRange(starts: usize, ends: usize, validity: usize, rows: i32): u32 {
  let from: i32 = i32.MAX_VALUE;
  let to: i32 = 0;
  let used: u32 = 0;
  for (let i: usize = 0; i < <usize>rows; i++) {
    if (validity && !load<u8>(validity + i)) continue;
    const start = load<i32>(starts + (i << 2));
    const end = load<i32>(ends + (i << 2));
    from = min(from, start);
    to = max(to, end);
    used += <u32>(end - start);
  }
  rangeFrom = min(from, to);
  rangeTo = to;
  return used;
}

/** One word per string [base + starts[i], base + ends[i]); rows without validity get 0. `validity` may be 0. */
export function stringWords(dictionary: usize, starts: usize, ends: usize, base: usize, validity: usize, rows: i32, words: usize): void {
  for (let i: usize = 0; i < <usize>rows; i++) {
    let word: u64 = 0;
    if (!validity || load<u8>(validity + i)) {
      const start = load<i32>(starts + (i << 2));
      const length = load<i32>(ends + (i << 2)) - start;
      const bytes = base + start;
      if (length <= inline_bytes_max) word = lowBytes(load<u64>(bytes), length) | (<u64>length << 56);
      else word = intern(dictionary, bytes, length);
    }
    store<u64>(words + (i << 3), word);
  }
}

@inline function bytesAt(word: u64, i: i32): u32 {
  return isInterned(word) ? <u32>load<u8>(entryOf(word) + i, entry_bytes) : <u32>(word >> (<u64>i << 3)) & 0xff;
}

@inline function lengthOf(word: u64): i32 {
  return isInterned(word) ? load<i32>(entryOf(word), 4) : <i32>(word >> 56);
}

/** Less than 0, 0, or more than 0: order of the strings behind two words, by bytes. */
export function compareWords(a: u64, b: u64): i32 {
  if (a == b) return 0;
  const length = min(lengthOf(a), lengthOf(b));
  let i: i32 = 0;
  if (isInterned(a) && isInterned(b)) {
    const x = entryOf(a) + entry_bytes;
    const y = entryOf(b) + entry_bytes;
    while (i + 8 <= length && load<u64>(x + i) == load<u64>(y + i)) i += 8;
  }
  for (; i < length; i++) {
    const difference = <i32>bytesAt(a, i) - <i32>bytesAt(b, i);
    if (difference) return difference;
  }
  return lengthOf(a) - lengthOf(b);
}

/** Bytes that the strings behind these words take. */
export function wordsBytes(words: usize, rows: i32): usize {
  let total: usize = 0;
  for (let i: usize = 0; i < <usize>rows; i++) {
    const word = load<u64>(words + (i << 3));
    total += isInterned(word) ? <usize>load<u32>(entryOf(word), 4) : <usize>(word >> 56);
  }
  return total;
}

/** Writes the strings one behind the other to `target` (padded by 16) and their offsets from `target`. */
export function wordsToStrings(words: usize, rows: i32, target: usize, starts: usize, ends: usize): void {
  let at: usize = 0;
  for (let i: usize = 0; i < <usize>rows; i++) {
    const word = load<u64>(words + (i << 3));
    store<u32>(starts + (i << 2), <u32>at);
    if (isInterned(word)) {
      const length = load<i32>(entryOf(word), 4);
      copyBytes(target + at, entryOf(word) + entry_bytes, length);
      at += length;
    } else {
      store<u64>(target + at, word);
      at += <usize>(word >> 56);
    }
    store<u32>(ends + (i << 2), <u32>at);
  }
}
