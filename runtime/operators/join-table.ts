import { type Batch, type Column, words } from "../contract/batch.ts";
import { hashRows } from "../contract/hash.ts";

const pairs_max = 4_096;

/** Row numbers of matches, in `left` and `right`, `count` of them. Reused: read before the next call. */
export interface Pairs {
  readonly left: Int32Array;
  readonly right: Int32Array;
}

/**
 * Inner equi-join of two whole batches: a chained hash table over the smaller one, probed by the larger. SQL equality:
 * NULL matches nothing; -0 = 0 and NaN = NaN, as in DuckDB. Without keys every pair matches. `emit` gets at most 4,096 pairs
 * at a time and may change their order.
 */
export function joinBatches(
  left: Batch,
  right: Batch,
  leftKeys: readonly number[],
  rightKeys: readonly number[],
  emit: (pairs: Pairs, count: number) => void,
): void {
  if (leftKeys.length === 0) return crossBatches(left, right, emit);
  const swap = left.rows < right.rows;
  const [build, buildKeys, probe, probeKeys] = swap ? [left, leftKeys, right, rightKeys] : [right, rightKeys, left, leftKeys];
  const table = new ChainedTable(build, buildKeys);
  const pairs = { left: new Int32Array(pairs_max), right: new Int32Array(pairs_max) };
  const [ofProbe, ofBuild] = swap ? [pairs.right, pairs.left] : [pairs.left, pairs.right];
  const equal = allEqual(
    probeKeys.map((key, k) => equality(probe.columns[key] as Column, build.columns[buildKeys[k] as number] as Column)),
  );
  const hashes = new Int32Array(probe.rows);
  hashRows(probe, probeKeys, hashes);
  let count = 0;
  for (let i = 0; i < probe.rows; i++) {
    for (let j = table.first(hashes[i] as number); j >= 0; j = table.next(j)) {
      if (!equal(i, j)) continue;
      ofProbe[count] = i;
      ofBuild[count] = j;
      if (++count < pairs_max) continue;
      emit(pairs, count);
      count = 0;
    }
  }
  if (count > 0) emit(pairs, count);
}

function crossBatches(left: Batch, right: Batch, emit: (pairs: Pairs, count: number) => void): void {
  const pairs = { left: new Int32Array(pairs_max), right: new Int32Array(pairs_max) };
  const swap = left.rows < right.rows;
  const [inner, outer] = swap ? [right.rows, left.rows] : [left.rows, right.rows];
  const [ofInner, ofOuter] = swap ? [pairs.right, pairs.left] : [pairs.left, pairs.right];
  for (let o = 0; o < outer; o++) {
    for (let from = 0; from < inner; from += pairs_max) {
      const count = Math.min(pairs_max, inner - from);
      for (let k = 0; k < count; k++) ofInner[k] = from + k;
      ofOuter.fill(o, 0, count);
      emit(pairs, count);
    }
  }
}

class ChainedTable {
  readonly #heads: Int32Array;
  readonly #nexts: Int32Array;
  readonly #mask: number;

  constructor(batch: Batch, keys: readonly number[]) {
    const size = 2 ** Math.ceil(Math.log2(Math.max(16, batch.rows * 2)));
    this.#mask = size - 1;
    this.#heads = new Int32Array(size).fill(-1);
    this.#nexts = new Int32Array(batch.rows);
    const hashes = new Int32Array(batch.rows);
    hashRows(batch, keys, hashes);
    for (let i = batch.rows - 1; i >= 0; i--) {
      const slot = (hashes[i] as number) & this.#mask;
      this.#nexts[i] = this.#heads[slot] as number;
      this.#heads[slot] = i;
    }
  }

  first(hash: number): number {
    return this.#heads[hash & this.#mask] as number;
  }

  next(row: number): number {
    return this.#nexts[row] as number;
  }
}

/** One call for the usual one to three keys. */
function allEqual(keys: readonly Same[]): Same {
  const [a, b, c] = keys;
  if (a !== undefined && keys.length === 1) return a;
  if (a !== undefined && b !== undefined && keys.length === 2) return (i, j) => a(i, j) && b(i, j);
  if (a !== undefined && b !== undefined && c !== undefined && keys.length === 3) return (i, j) => a(i, j) && b(i, j) && c(i, j);
  return (i, j) => keys.every((same) => same(i, j));
}

type Same = (left: number, right: number) => boolean;

const isNull = (column: Column, row: number): boolean => column.validity !== null && column.validity[row] === 0;

/** Compares row `i` of one column with row `j` of another of the same physical kind. */
function equality(a: Column, b: Column): Same {
  const same = valueEquality(a, b);
  return a.validity === null && b.validity === null ? same : (i, j) => !isNull(a, i) && !isNull(b, j) && same(i, j);
}

function valueEquality(a: Column, b: Column): Same {
  if (a.phys === "i64" && b.phys === "i64") return pairEquality(a.values, b.values);
  if (a.phys === "i32" && b.phys === "i32") return (i, j) => a.values[i] === b.values[j];
  if (a.phys === "u8" && b.phys === "u8") return (i, j) => a.values[i] === b.values[j];
  if (a.phys === "f64" && b.phys === "f64") {
    return (i, j) => a.values[i] === b.values[j] || (Number.isNaN(a.values[i]) && Number.isNaN(b.values[j]));
  }
  if (a.phys === "i128" && b.phys === "i128") {
    const low = pairEquality(a.lo, b.lo);
    const high = pairEquality(a.hi, b.hi);
    return (i, j) => low(i, j) && high(i, j);
  }
  if (a.phys === "bytes" && b.phys === "bytes") {
    return (i, j) => {
      const start = a.start[i] as number;
      const other = b.start[j] as number;
      const length = (a.end[i] as number) - start;
      if (length !== (b.end[j] as number) - other) return false;
      for (let k = 0; k < length; k++) if (a.bytes[start + k] !== b.bytes[other + k]) return false;
      return true;
    };
  }
  throw new Error(`invariant: a join key of kind ${a.phys} against ${b.phys}`);
}

function pairEquality(a: BigInt64Array, b: BigInt64Array): Same {
  const x = words(a);
  const y = words(b);
  return (i, j) => x[2 * i] === y[2 * j] && x[2 * i + 1] === y[2 * j + 1];
}
