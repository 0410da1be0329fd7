import { type Batch, type Column, words } from "../../contract/batch.ts";
import type { Schema } from "../../contract/types.ts";
import { BatchBuilder } from "../../exchange/batch-builder.ts";
import { sameRows } from "../../state/row-equality.ts";
import { pushRun, type StoredRun } from "../../state/stored-runs.ts";
import { TimerHeap } from "../../state/timer-heap.ts";
import { HashChains } from "./hash-chains.ts";
import { approximate_us, gap_us, slack_us } from "./times.ts";

/** What became of a row: nothing yet; it matched; nothing more will come of it (it was emitted once and for all). */
export const fates = { fresh: 0, matched: 1, settled: 2 } as const;

/** Rows of the other input that look for partners here. */
export interface Probe {
  readonly batch: Batch;
  readonly keys: readonly number[];
  readonly hashes: Int32Array;
  readonly times: Int32Array;
  /** Rows without a partner whatever comes: a NULL key that equals none. */
  readonly skip: Uint8Array | null;
  /** Per row the bounds of (partner's time - its own). */
  readonly low_us: Float64Array;
  readonly high_us: number;
}

/** Row numbers of pairs, `count` of them. Reused: read before the next call. */
export interface Pairs {
  readonly probe: Int32Array;
  readonly bucket: Int32Array;
}
export const pairs_max = 4_096;

/** The buffered rows of one input within one stretch of time. */
export class TimeBucket {
  readonly #schema: { readonly keys: readonly number[]; readonly time: number };
  readonly #rows: BatchBuilder;
  readonly #chains = new HashChains();
  readonly stored: StoredRun[] = [];
  stored_rows = 0;
  /** Per run the row that it begins with. */
  readonly #runStarts: number[] = [];
  /** Stored rows whose fate has changed since the last snapshot. */
  readonly changed = new Set<number>();
  /** Per row; null where nobody asks. */
  #fates: Uint8Array | null;
  /** Rows by time, as far as they may have to be emitted without a partner. */
  readonly #waiting: TimerHeap | null;
  #least: bigint | null = null;
  #greatest: bigint | null = null;

  constructor(schema: Schema, keys: readonly number[], time: number, tracksFates: boolean) {
    this.#schema = { keys, time };
    this.#rows = new BatchBuilder(schema);
    this.#fates = tracksFates ? new Uint8Array(64) : null;
    this.#waiting = tracksFates ? new TimerHeap() : null;
  }

  get rows(): number {
    return this.#rows.rows;
  }

  get greatest_us(): bigint | null {
    return this.#greatest;
  }

  batch(): Batch {
    return this.#rows.build();
  }

  /** Adds the selected rows. `fate` is per selected row. */
  add(batch: Batch, hashes: Int32Array, selection: Int32Array, fate: Uint8Array | null): void {
    const first = this.rows;
    const count = selection.length;
    this.#rows.append(batch, { selection, from: 0, to: count });
    const times = (batch.columns[this.#schema.time] as Extract<Column, { phys: "i64" }>).values;
    for (let k = 0; k < count; k++) this.#chains.add(hashes[selection[k] as number] as number);
    this.#widen(times, selection);
    if (this.#fates === null || this.#waiting === null) return;
    if (this.#fates.length < this.rows) this.#fates = grown(this.#fates, this.rows);
    for (let k = 0; k < count; k++) {
      const known = fate === null ? fates.fresh : (fate[k] as number);
      this.#fates[first + k] = known;
      if (known === fates.fresh) this.#waiting.push(times[selection[k] as number] as bigint, first + k);
    }
  }

  /** The next rows without an identity in the state have this one. */
  storedAs(run: StoredRun): void {
    pushRun(this.stored, run);
    if (this.#runStarts.length < this.stored.length) this.#runStarts.push(this.stored_rows);
    this.stored_rows += run.count;
  }

  /** The identity of one stored row. */
  identityOf(row: number): StoredRun {
    let low = 0;
    let high = this.#runStarts.length;
    while (low + 1 < high) {
      const middle = (low + high) >> 1;
      if ((this.#runStarts[middle] as number) <= row) low = middle;
      else high = middle;
    }
    const run = this.stored[low] as StoredRun;
    return { ...run, first: run.first + row - (this.#runStarts[low] as number), count: 1 };
  }

  fate(row: number): number {
    return this.#fates === null ? fates.fresh : (this.#fates[row] as number);
  }

  setFate(row: number, fate: number): void {
    if (this.#fates === null || this.#fates[row] === fate) return;
    this.#fates[row] = fate;
    if (row < this.stored_rows) this.changed.add(row);
  }

  /** Pairs of the probing rows with rows here, keys and times compared; those that are settled are no partners. */
  probe(probe: Probe, pairs: Pairs, emit: (count: number) => void): void {
    if (this.#least === null || this.#greatest === null) return;
    const batch = this.batch();
    // Rows with a NULL key that equals none are neither here nor probe.
    const equal = sameRows(columnsOf(probe.batch, probe.keys), columnsOf(batch, this.#schema.keys));
    const times = words((batch.columns[this.#schema.time] as Extract<Column, { phys: "i64" }>).values);
    const { hashes, nexts } = this.#chains;
    const least = Number(this.#least) - slack_us;
    const greatest = Number(this.#greatest) + slack_us;
    let count = 0;
    for (let i = 0; i < probe.batch.rows; i++) {
      if (probe.skip !== null && probe.skip[i] === 1) continue;
      const time = approximate_us(probe.times, i);
      const low = probe.low_us[i] as number;
      if (time + low > greatest || time + probe.high_us < least) continue;
      const hash = probe.hashes[i] as number;
      for (let j = this.#chains.first(hash); j >= 0; j = nexts[j] as number) {
        if (hashes[j] !== hash) continue;
        const gap = gap_us(times, j, probe.times, i);
        if (gap < low || gap > probe.high_us || this.fate(j) === fates.settled || !equal(i, j)) continue;
        pairs.probe[count] = i;
        pairs.bucket[count] = j;
        if (++count < pairs_max) continue;
        emit(count);
        count = 0;
      }
    }
    if (count > 0) emit(count);
  }

  /** Settles the rows up to `time` that never matched, and gives them. */
  takeUnmatched(time: bigint): Int32Array {
    const rows: number[] = [];
    const waiting = this.#waiting;
    for (let first = waiting?.first ?? null; waiting !== null && first !== null && first <= time; first = waiting.first) {
      const row = waiting.pop();
      if (this.fate(row) !== fates.fresh) continue;
      this.setFate(row, fates.settled);
      rows.push(row);
    }
    return Int32Array.from(rows);
  }

  #widen(times: BigInt64Array, selection: Int32Array): void {
    if (selection.length === 0) return;
    const first = times[selection[0] as number] as bigint;
    let least = this.#least ?? first;
    let greatest = this.#greatest ?? first;
    for (const row of selection) {
      const time = times[row] as bigint;
      if (time < least) least = time;
      if (time > greatest) greatest = time;
    }
    this.#least = least;
    this.#greatest = greatest;
  }
}

const columnsOf = ({ columns }: Batch, keys: readonly number[]): readonly Column[] => keys.map((key) => columns[key] as Column);

function grown(array: Uint8Array, need: number): Uint8Array {
  const larger = new Uint8Array(Math.max(need, array.length * 2));
  larger.set(array);
  return larger;
}
