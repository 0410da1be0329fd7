// Updates of accumulators in packed rows, one vector pass per aggregate. `rows` are row addresses; `mask` (or 0) has 1 for the
// rows that count; `weights` (or 0) are the changelog's multiplicities.

@inline function target(rows: usize, i: usize, offset: usize): usize {
  return <usize>load<u32>(rows + (i << 2)) + offset;
}
@inline function masked(mask: usize, i: usize): bool {
  return mask != 0 && load<u8>(mask + i) == 0;
}
@inline function weightAt(weights: usize, i: usize): i64 {
  return weights ? <i64>load<i32>(weights + (i << 2)) : 1;
}

/** [count i64] */
export function addCount(rows: usize, count: i32, offset: usize, mask: usize, weights: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    if (masked(mask, i)) continue;
    const q = target(rows, i, offset);
    store<i64>(q, load<i64>(q) + weightAt(weights, i));
  }
}

/** Adds 64-bit counters to a counter. */
export function addCounters(rows: usize, count: i32, offset: usize, values: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const q = target(rows, i, offset);
    store<i64>(q, load<i64>(q) + load<i64>(values + (i << 3)));
  }
}

@inline function add128(q: usize, lo: u64, hi: i64): void {
  const old = load<u64>(q);
  const sum = old + lo;
  store<u64>(q, sum);
  store<i64>(q, load<i64>(q, 8) + hi + i64(sum < old), 8);
}

/** [sum lo, sum hi, count]: exact, as 2^63 rows of 64 bits cannot leave 128. */
export function sumI64(rows: usize, count: i32, offset: usize, values: usize, mask: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    if (masked(mask, i)) continue;
    const q = target(rows, i, offset);
    const value = load<i64>(values + (i << 3));
    add128(q, <u64>value, value >> 63);
    store<i64>(q, load<i64>(q, 16) + 1, 16);
  }
}

// value * weight to 128 bits, by 32-bit halves of the value: a weight has 32 bits.
@inline function addProduct(q: usize, value: i64, weight: i64): void {
  const low = <i64>(<u64>value & 0xffffffff) * weight;
  const high = (value >> 32) * weight;
  add128(q, <u64>low, low >> 63);
  add128(q, <u64>high << 32, high >> 32);
}

export function sumI64Weighted(rows: usize, count: i32, offset: usize, values: usize, mask: usize, weights: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    if (masked(mask, i)) continue;
    const q = target(rows, i, offset);
    const weight = weightAt(weights, i);
    addProduct(q, load<i64>(values + (i << 3)), weight);
    store<i64>(q, load<i64>(q, 16) + weight, 16);
  }
}

/** Adds 128-bit sums and their counts; `counts` 0: each counts its weight. Returns 1 after an overflow of 128 bits. */
export function sumI128(rows: usize, count: i32, offset: usize, lo: usize, hi: usize, counts: usize, mask: usize, weights: usize): i32 {
  let overflow: i64 = 0;
  for (let i: usize = 0; i < <usize>count; i++) {
    if (masked(mask, i)) continue;
    const q = target(rows, i, offset);
    const weight = weightAt(weights, i);
    let vlo = load<u64>(lo + (i << 3));
    let vhi = load<i64>(hi + (i << 3));
    const times = weight < 0 ? -weight : weight;
    if (weight < 0) {
      vhi = ~vhi + i64(vlo == 0);
      vlo = 0 - vlo;
    }
    for (let k: i64 = 0; k < times; k++) {
      const before = load<i64>(q, 8);
      add128(q, vlo, vhi);
      const after = load<i64>(q, 8);
      overflow |= (before ^ after) & (vhi ^ after);
    }
    store<i64>(q, load<i64>(q, 16) + (counts ? load<i64>(counts + (i << 3)) : weight), 16);
  }
  return i32(overflow < 0);
}

/** [sum f64, count]; `counts` as in sumI128. */
export function sumF64(rows: usize, count: i32, offset: usize, values: usize, counts: usize, mask: usize, weights: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    if (masked(mask, i)) continue;
    const q = target(rows, i, offset);
    const weight = weightAt(weights, i);
    const value = load<f64>(values + (i << 3));
    store<f64>(q, load<f64>(q) + (weights ? value * <f64>weight : value));
    store<i64>(q, load<i64>(q, 8) + (counts ? load<i64>(counts + (i << 3)) : weight), 8);
  }
}

/** [product f64, count] */
export function productF64(rows: usize, count: i32, offset: usize, values: usize, counts: usize, mask: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    if (masked(mask, i)) continue;
    const q = target(rows, i, offset);
    const value = load<f64>(values + (i << 3));
    store<f64>(q, load<i64>(q, 8) ? load<f64>(q) * value : value);
    store<i64>(q, load<i64>(q, 8) + (counts ? load<i64>(counts + (i << 3)) : 1), 8);
  }
}

/** [value i64, unused, state]: the hot case of keepExtreme (keep.ts), in the same place. */
export function minI64(rows: usize, count: i32, offset: usize, values: usize, mask: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    if (masked(mask, i)) continue;
    const q = target(rows, i, offset);
    const value = load<i64>(values + (i << 3));
    const old = load<i64>(q);
    store<i64>(q, select<i64>(value, old, i32(value < old) | i32(load<i64>(q, 16) == 0)));
    store<i64>(q, 1, 16);
  }
}

export function maxI64(rows: usize, count: i32, offset: usize, values: usize, mask: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    if (masked(mask, i)) continue;
    const q = target(rows, i, offset);
    const value = load<i64>(values + (i << 3));
    const old = load<i64>(q);
    store<i64>(q, select<i64>(value, old, i32(value > old) | i32(load<i64>(q, 16) == 0)));
    store<i64>(q, 1, 16);
  }
}

/** [value, seen]: and (0), or (1), xor (2) of words. */
export function combineBits(rows: usize, count: i32, offset: usize, values: usize, mask: usize, operation: i32): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    if (masked(mask, i)) continue;
    const q = target(rows, i, offset);
    const value = load<u64>(values + (i << 3));
    const old = load<u64>(q);
    if (load<i64>(q, 8) == 0) store<u64>(q, value);
    else store<u64>(q, operation == 0 ? old & value : operation == 1 ? old | value : old ^ value);
    store<i64>(q, 1, 8);
  }
}

/** [count i64, mean f64, m2 f64]: Welford's steps, taken back for negative weights. */
export function varianceF64(rows: usize, count: i32, offset: usize, values: usize, mask: usize, weights: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    if (masked(mask, i)) continue;
    const q = target(rows, i, offset);
    const weight = weightAt(weights, i);
    const value = load<f64>(values + (i << 3));
    const n = load<i64>(q) + weight;
    store<i64>(q, n);
    if (n == 0) {
      store<f64>(q, 0, 8);
      store<f64>(q, 0, 16);
      continue;
    }
    const delta = value - load<f64>(q, 8);
    const mean = load<f64>(q, 8) + (delta * <f64>weight) / <f64>n;
    store<f64>(q, mean, 8);
    store<f64>(q, load<f64>(q, 16) + <f64>weight * delta * (value - mean), 16);
  }
}

/** Chan's formula for two parts. */
export function mergeVariance(rows: usize, count: i32, offset: usize, counts: usize, means: usize, m2s: usize): void {
  for (let i: usize = 0; i < <usize>count; i++) {
    const q = target(rows, i, offset);
    const nb = load<i64>(counts + (i << 3));
    if (nb == 0) continue;
    const na = load<i64>(q);
    const n = <f64>(na + nb);
    const delta = load<f64>(means + (i << 3)) - load<f64>(q, 8);
    if (na == 0) {
      store<f64>(q, load<f64>(means + (i << 3)), 8);
      store<f64>(q, load<f64>(m2s + (i << 3)), 16);
    } else {
      store<f64>(q, load<f64>(q, 8) + (delta * <f64>nb) / n, 8);
      store<f64>(q, load<f64>(q, 16) + load<f64>(m2s + (i << 3)) + (delta * delta * <f64>na * <f64>nb) / n, 16);
    }
    store<i64>(q, na + nb);
  }
}
