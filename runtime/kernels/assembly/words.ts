// Columns to 64-bit words and back.

export function widenI32(values: usize, rows: i32, words: usize): void {
  for (let i: usize = 0; i < <usize>rows; i++) store<i64>(words + (i << 3), <i64>load<i32>(values + (i << 2)));
}

export function widenU8(values: usize, rows: i32, words: usize): void {
  for (let i: usize = 0; i < <usize>rows; i++) store<i64>(words + (i << 3), <i64>load<u8>(values + i));
}

const nan_bits: i64 = 0x7ff8000000000000;

@inline function canonical(value: f64): i64 {
  return value == 0 ? 0 : value != value ? nan_bits : reinterpret<i64>(value);
}

/** Equal words for values that SQL holds for equal: -0 = 0, NaN = NaN. */
export function floatKeys(values: usize, rows: i32, words: usize): void {
  for (let i: usize = 0; i < <usize>rows; i++) store<i64>(words + (i << 3), canonical(load<f64>(values + (i << 3))));
}

/** Words whose order as integers is the order of the values, NaN greatest. Its own inverse is `floatsOfOrder`. */
export function floatOrder(values: usize, rows: i32, words: usize): void {
  for (let i: usize = 0; i < <usize>rows; i++) {
    const bits = canonical(load<f64>(values + (i << 3)));
    store<i64>(words + (i << 3), bits ^ ((bits >> 63) & 0x7fffffffffffffff));
  }
}

export function floatsOfOrder(words: usize, rows: i32): void {
  for (let i: usize = 0; i < <usize>rows; i++) {
    const word = load<i64>(words + (i << 3));
    store<i64>(words + (i << 3), word ^ ((word >> 63) & 0x7fffffffffffffff));
  }
}

/** Sets `bit` for rows that are NULL, and clears their words so that NULL equals NULL. */
export function applyNulls(validity: usize, rows: i32, bit: u32, nulls: usize, words: usize): void {
  for (let i: usize = 0; i < <usize>rows; i++) {
    if (load<u8>(validity + i)) continue;
    store<u32>(nulls + (i << 2), load<u32>(nulls + (i << 2)) | bit);
    store<u64>(words + (i << 3), 0);
  }
}

/** 1 where both are 1. */
export function andMask(a: usize, b: usize, rows: i32, into: usize): void {
  for (let i: usize = 0; i < <usize>rows; i++) store<u8>(into + i, load<u8>(a + i) & load<u8>(b + i));
}

export function gather64(rows: usize, count: i32, offset: i32, into: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) store<u64>(into + (i << 3), load<u64>(<usize>load<u32>(rows + (i << 2)) + offset));
}

export function gather32(rows: usize, count: i32, offset: i32, into: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) store<u32>(into + (i << 2), load<u32>(<usize>load<u32>(rows + (i << 2)) + offset));
}

/** 1 where the word at `offset` is not 0; returns how many are. */
export function gatherSet(rows: usize, count: i32, offset: i32, into: usize): i32 {
  let set: i32 = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    const flag = <i32>(load<u64>(<usize>load<u32>(rows + (i << 2)) + offset) != 0);
    store<u8>(into + i, <u8>flag);
    set += flag;
  }
  return set;
}

/** 0 where the key column's NULL bit is set; returns how many rows are not NULL. */
export function gatherKeyValidity(rows: usize, count: i32, bit: u32, into: usize): i32 {
  let set: i32 = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    const flag = <i32>((load<u32>(<usize>load<u32>(rows + (i << 2)), 4) & bit) == 0);
    store<u8>(into + i, <u8>flag);
    set += flag;
  }
  return set;
}

export function narrowI32(words: usize, rows: i32, into: usize): void {
  for (let i: usize = 0; i < <usize>rows; i++) store<i32>(into + (i << 2), load<i32>(words + (i << 3)));
}

export function narrowU8(words: usize, rows: i32, into: usize): void {
  for (let i: usize = 0; i < <usize>rows; i++) store<u8>(into + i, load<u8>(words + (i << 3)));
}

/** Puts `value` at `offset` of each row. */
export function scatterConstant(rows: usize, count: i32, offset: i32, value: u64): void {
  for (let i: usize = 0; i < <usize>count; i++) store<u64>(<usize>load<u32>(rows + (i << 2)) + offset, value);
}

/** Rows whose counter at `offset` is 0; `into` may be `rows`. */
export function rowsZero(rows: usize, count: i32, offset: i32, into: usize): i32 {
  let k: i32 = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = load<u32>(rows + (i << 2));
    store<u32>(into + (<usize>k << 2), row);
    k += load<i64>(<usize>row + offset) == 0 ? 1 : 0;
  }
  return k;
}

/** Changes the sign of each 64-bit word. */
export function negate64(words: usize, rows: i32): void {
  for (let i: usize = 0; i < <usize>rows; i++) store<i64>(words + (i << 3), -load<i64>(words + (i << 3)));
}

/** Rows whose counter at `offset` is above 0; `into` may be `rows`. */
export function rowsPositive(rows: usize, count: i32, offset: i32, into: usize): i32 {
  let k: i32 = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    const row = load<u32>(rows + (i << 2));
    store<u32>(into + (<usize>k << 2), row);
    k += load<i64>(<usize>row + offset) > 0 ? 1 : 0;
  }
  return k;
}
