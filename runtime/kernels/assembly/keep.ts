// Values of any type kept in rows, as one or two key words: first, last, least, greatest. A place in a row is
// [word 0, word 1, state]; state 0: nothing yet, 1: a value, 2: NULL. String words hold their dictionary entries.
import { compareWords, releaseWord, retainWord } from "./dictionary";

const state_at: usize = 16;
const state_value: i64 = 1;
const state_null: i64 = 2;

const order_i128: i32 = 1;
const order_string: i32 = 2;

@inline function masked(mask: usize, i: usize): bool {
  return mask != 0 && load<u8>(mask + i) == 0;
}

@inline function put(q: usize, word0: u64, word1: u64, state: i64, strings: bool): void {
  if (strings) {
    retainWord(word0);
    releaseWord(load<u64>(q));
  }
  store<u64>(q, word0);
  store<u64>(q, word1, 8);
  store<i64>(q, state, state_at);
}

/** Keeps each group's last value, or its first one when `first`; `second` is 0 for values of one word, `validity` for no NULLs. */
export function keepValue(
  rows: usize,
  count: i32,
  offset: usize,
  words: usize,
  second: usize,
  validity: usize,
  mask: usize,
  first: bool,
  strings: bool,
): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    if (masked(mask, i)) continue;
    const q = <usize>load<u32>(rows + (i << 2)) + offset;
    if (first && load<i64>(q, state_at) != 0) continue;
    if (validity && !load<u8>(validity + i)) put(q, 0, 0, state_null, strings);
    else put(q, load<u64>(words + (i << 3)), second ? load<u64>(second + (i << 3)) : 0, state_value, strings);
  }
}

@inline function compare(q: usize, word0: u64, word1: u64, order: i32): i32 {
  const old = load<u64>(q);
  if (order == order_string) return compareWords(word0, old);
  if (order == order_i128 && <i64>word1 != load<i64>(q, 8)) return <i64>word1 < load<i64>(q, 8) ? -1 : 1;
  if (word0 == old) return 0;
  if (order == order_i128) return word0 < old ? -1 : 1;
  return <i64>word0 < <i64>old ? -1 : 1;
}

/** Keeps each group's least value, or its greatest; ties keep the older. `won` (or 0) gets 1 for rows that took the place. */
export function keepExtreme(
  rows: usize,
  count: i32,
  offset: usize,
  words: usize,
  second: usize,
  mask: usize,
  order: i32,
  greatest: bool,
  won: usize,
): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    let wins = false;
    if (!masked(mask, i)) {
      const q = <usize>load<u32>(rows + (i << 2)) + offset;
      const word0 = load<u64>(words + (i << 3));
      const word1 = second ? load<u64>(second + (i << 3)) : 0;
      const sign = load<i64>(q, state_at) == 0 ? 0 : compare(q, word0, word1, order);
      wins = load<i64>(q, state_at) == 0 || (greatest ? sign > 0 : sign < 0);
      if (wins) put(q, word0, word1, state_value, order == order_string);
    }
    if (won) store<u8>(won + i, <u8>wins);
  }
}

/** Gives up the dictionary entries of rows that end. */
export function releaseValues(rows: usize, count: i32, offset: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const q = <usize>load<u32>(rows + (i << 2)) + offset;
    releaseWord(load<u64>(q));
    store<u64>(q, 0);
  }
}

/** 1 where the place holds a value (not NULL, not nothing); returns how many do. */
export function gatherValueState(rows: usize, count: i32, offset: usize, into: usize): i32 {
  let set: i32 = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    const flag = <i32>(load<i64>(<usize>load<u32>(rows + (i << 2)) + offset, state_at) == state_value);
    store<u8>(into + i, <u8>flag);
    set += flag;
  }
  return set;
}
