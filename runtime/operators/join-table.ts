import type { Batch, Column } from "../contract/batch.ts";
import { hashRows } from "../contract/hash.ts";
import { sameRows } from "../state/row-equality.ts";

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
  const columns = (batch: Batch, keys: readonly number[]): readonly Column[] => keys.map((key) => batch.columns[key] as Column);
  const equal = sameRows(columns(probe, probeKeys), columns(build, buildKeys));
  const nulls = columns(probe, probeKeys).flatMap(({ validity }) => (validity === null ? [] : [validity]));
  const hashes = new Int32Array(probe.rows);
  hashRows(probe, probeKeys, hashes);
  let count = 0;
  for (let i = 0; i < probe.rows; i++) {
    if (nulls.some((validity) => validity[i] === 0)) continue;
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
