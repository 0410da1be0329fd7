// Hashes of keys inside tables. They are private to a process: the stable hash of key groups is contract/hash.ts.

const multiplier: u64 = 0x9e3779b97f4a7c15;

// Fold before the multiply, so that the bits that a table masks out depend on the whole word (doubles differ in their high bits).
@inline export function hashStep(state: u64, word: u64): u64 {
  const h = (state ^ word ^ (word >> 32)) * multiplier;
  return h ^ (h >> 29);
}

@inline export function hashEnd(state: u64): u32 {
  return <u32>(state >> 32);
}

@inline export function hashWord(word: u64, nulls: u32): u32 {
  return hashEnd(hashStep(<u64>nulls, word));
}

@inline export function lowBytes(word: u64, bytes: i32): u64 {
  return bytes >= 8 ? word : word & ((<u64>1 << (<u64>bytes << 3)) - 1);
}

/** Reads up to 7 bytes behind the string: every source is padded. */
export function hashBytes(pointer: usize, length: i32): u32 {
  let h: u64 = <u64>length * multiplier;
  let rest = length;
  while (rest >= 8) {
    h = hashStep(h, load<u64>(pointer));
    pointer += 8;
    rest -= 8;
  }
  if (rest > 0) h = hashStep(h, lowBytes(load<u64>(pointer), rest));
  return hashEnd(h);
}

export function equalBytes(a: usize, b: usize, length: i32): bool {
  let rest = length;
  while (rest >= 8) {
    if (load<u64>(a) != load<u64>(b)) return false;
    a += 8;
    b += 8;
    rest -= 8;
  }
  return rest == 0 || lowBytes(load<u64>(a) ^ load<u64>(b), rest) == 0;
}

/** Copies 16 bytes at a time, up to 15 bytes too many: source and target are padded. */
export function copyBytes(target: usize, source: usize, length: i32): void {
  for (let i: i32 = 0; i < length; i += 16) v128.store(target + i, v128.load(source + i));
}
