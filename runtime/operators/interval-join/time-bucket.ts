import { type Batch, type Column, words } from "../../contract/batch.ts";
import type { Schema } from "../../contract/types.ts";
import { BatchBuilder } from "../../exchange/batch-builder.ts";
import { IntList } from "../../state/int-list.ts";
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
  /** No partner of any row is earlier, or later (as `approximate_us` has it). */
  readonly from_us: number;
  readonly to_us: number;
}

/** Row numbers of pairs, `count` of them. Reused: read before the next call. */
export interface Pairs {
  readonly probe: Int32Array;
  readonly bucket: Int32Array;
}
export const pairs_max = 4_096;

/** The fate of a row that `changed` holds has this bit too. */
const changedBit = 4;
const fateBits = 3;

/** The buffered rows of one input within one stretch of time. */
export class TimeBucket {
  readonly #schema: { readonly keys: readonly number[]; readonly time: number };
  readonly #rows: BatchBuilder;
  readonly #chains = new HashChains();
  readonly #stored: StoredRun[] = [];
  stored_rows = 0;
  /** Per run the row that it begins with. */
  readonly #runStarts: number[] = [];
  readonly #changed = new IntList();
  /** Per row; null where nobody asks. */
  #fates: Uint8Array | null;
  /** Rows by time, as far as they may have to be emitted without a partner. */
  readonly #waiting: TimerHeap | null;
  /** Least and greatest time, as `approximate_us` has it. */
  #least_us = Number.POSITIVE_INFINITY;
  #greatest_us = Number.NEGATIVE_INFINITY;

  constructor(schema: Schema, keys: readonly number[], time: number, tracksFates: boolean) {
    this.#schema = { keys, time };
    this.#rows = new BatchBuilder(schema);
    this.#fates = tracksFates ? new Uint8Array(64) : null;
    this.#waiting = tracksFates ? new TimerHeap() : null;
  }

  get rows(): number {
    return this.#rows.rows;
  }

  get stored(): readonly StoredRun[] {
    return this.#stored;
  }

  /** Whether all its rows are at or before a time. A little late where doubles are not exact: that keeps rows, and loses none. */
  isPast(time_us: number): boolean {
    return this.#greatest_us <= (Math.abs(time_us) < Number.MAX_SAFE_INTEGER ? time_us : time_us - slack_us);
  }

  batch(): Batch {
    return this.#rows.build();
  }

  /** Adds the selected rows. `fate` is per selected row; null: they are fresh. */
  add(batch: Batch, hashes: Int32Array, selection: Int32Array, fate: Int32Array | null): void {
    const first = this.rows;
    this.#rows.append(batch, { selection, from: 0, to: selection.length });
    const times = timesOf(batch, this.#schema.time);
    this.#chains.add(hashes, selection);
    this.#widen(times, selection);
    if (this.#fates === null || this.#waiting === null) return;
    if (this.#fates.length < this.rows) this.#fates = grown(this.#fates, this.rows);
    for (let k = 0; k < selection.length; k++) {
      const known = fate === null ? fates.fresh : (fate[k] as number);
      this.#fates[first + k] = known;
      if (known === fates.fresh) this.#waiting.pushFrom(times, selection[k] as number, first + k);
    }
  }

  /** The next rows without an identity in the state have this one. */
  storedAs(run: StoredRun): void {
    pushRun(this.#stored, run);
    if (this.#runStarts.length < this.#stored.length) this.#runStarts.push(this.stored_rows);
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
    const run = this.#stored[low] as StoredRun;
    return { ...run, first: run.first + row - (this.#runStarts[low] as number), count: 1 };
  }

  fate(row: number): number {
    return this.#fates === null ? fates.fresh : (this.#fates[row] as number) & fateBits;
  }

  setFate(row: number, fate: number): void {
    if (this.#fates === null) return;
    const known = this.#fates[row] as number;
    if ((known & fateBits) === fate) return;
    const isNews = row < this.stored_rows;
    if (isNews && (known & changedBit) === 0) this.#changed.push(row);
    this.#fates[row] = fate | (isNews ? changedBit : 0);
  }

  /** Stored rows whose fate has changed since the last call, ascending. */
  takeChanged(): Int32Array {
    const changed = this.#changed.values.slice(0, this.#changed.length).sort();
    this.#changed.clear();
    if (this.#fates !== null) for (const row of changed) this.#fates[row] = (this.#fates[row] as number) & fateBits;
    return changed;
  }

  /** Pairs of the probing rows with rows here, keys and times compared; those that are settled are no partners. */
  probe(probe: Probe, pairs: Pairs, emit: (count: number) => void): void {
    const least = this.#least_us - slack_us;
    const greatest = this.#greatest_us + slack_us;
    if (probe.from_us > greatest || probe.to_us < least) return;
    const batch = this.batch();
    // Rows with a NULL key that equals none are neither here nor probe.
    const equal = sameRows(columnsOf(probe.batch, probe.keys), columnsOf(batch, this.#schema.keys));
    const times = timesOf(batch, this.#schema.time);
    const { hashes, nexts, heads } = this.#chains;
    const mask = heads.length - 1;
    const known = this.#fates;
    const { skip, times: probeTimes, hashes: probeHashes, low_us, high_us } = probe;
    const rows = probe.batch.rows;
    let count = 0;
    for (let i = 0; i < rows; i++) {
      const hash = probeHashes[i] as number;
      let j = heads[hash & mask] as number;
      if (j < 0 || (skip !== null && skip[i] === 1)) continue;
      const low = low_us[i] as number;
      const time = approximate_us(probeTimes, i);
      if (time + low > greatest || time + high_us < least) continue;
      for (; j >= 0; j = nexts[j] as number) {
        if (hashes[j] !== hash) continue;
        const gap = gap_us(times, j, probeTimes, i);
        if (gap < low || gap > high_us || (known !== null && ((known[j] as number) & fateBits) === fates.settled) || !equal(i, j)) continue;
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
    const waiting = this.#waiting;
    const rows = new IntList();
    if (waiting === null) return rows.values.subarray(0, 0);
    for (let row = waiting.popUntil(time); row >= 0; row = waiting.popUntil(time)) {
      if (this.fate(row) !== fates.fresh) continue;
      this.setFate(row, fates.settled);
      rows.push(row);
    }
    return rows.values.subarray(0, rows.length);
  }

  /** Forgets its rows, keeps the memory for those of another stretch of time. */
  clear(): void {
    this.#rows.clear();
    this.#chains.clear();
    this.#stored.length = 0;
    this.#runStarts.length = 0;
    this.stored_rows = 0;
    this.#changed.clear();
    this.#waiting?.clear();
    this.#least_us = Number.POSITIVE_INFINITY;
    this.#greatest_us = Number.NEGATIVE_INFINITY;
  }

  #widen(times: Int32Array, selection: Int32Array): void {
    let least = this.#least_us;
    let greatest = this.#greatest_us;
    for (let k = 0; k < selection.length; k++) {
      const time = approximate_us(times, selection[k] as number);
      if (time < least) least = time;
      if (time > greatest) greatest = time;
    }
    this.#least_us = least;
    this.#greatest_us = greatest;
  }
}

const columnsOf = ({ columns }: Batch, keys: readonly number[]): readonly Column[] => keys.map((key) => columns[key] as Column);

const timesOf = ({ columns }: Batch, time: number): Int32Array => words((columns[time] as Extract<Column, { phys: "i64" }>).values);

function grown(array: Uint8Array, need: number): Uint8Array {
  const larger = new Uint8Array(Math.max(need, array.length * 2));
  larger.set(array);
  return larger;
}
