import { type Batch, type Column, words } from "../../contract/batch.ts";
import type { StateDelta, Watermark } from "../../contract/operator.ts";
import type { Schema } from "../../contract/types.ts";
import { IntList } from "../../state/int-list.ts";
import { identityColumns } from "../../state/row-identity.ts";
import { identities, identityAt, type StoredRun } from "../../state/stored-runs.ts";
import { FrozenBuckets, type FrozenPart } from "./frozen-buckets.ts";
import { type Pairs, type Probe, TimeBucket } from "./time-bucket.ts";
import { approximate_us } from "./times.ts";

/** Buckets are half as wide as the bounds lie apart (notes: kernels, section 4), within reason. */
const width_us_min = 100_000;

/** Emptied buckets kept for the next stretches of time, so that a steady stream allocates none. */
const spare_max = 2;

export interface SideOptions {
  readonly schema: Schema;
  readonly subtask: number;
  readonly keys: readonly number[];
  readonly time: number;
  /** Bounds of (partner's time - own time). */
  readonly low_us: bigint;
  readonly high_us: bigint;
  /** Whether it matters which rows have matched. */
  readonly tracksFates: boolean;
}

/** Rows of a batch that go into one bucket, and their fates. */
interface Dealt {
  readonly bucket: TimeBucket;
  readonly rows: IntList;
  readonly fate: IntList;
}

/** The rows of one input that may still find partners, in buckets of time that are dropped whole. */
export class IntervalSide {
  readonly #options: SideOptions;
  readonly #width_us: number;
  readonly #buckets = new Map<number, TimeBucket>();
  readonly #spare: TimeBucket[] = [];
  readonly #dropped: StoredRun[] = [];
  readonly #dealt = new Map<number, Dealt>();
  /** Rows of the last snapshot that may not be written yet. */
  #frozen: FrozenBuckets | null = null;
  #position = 0;
  #positionsOf = -1;

  constructor(options: SideOptions) {
    this.#options = options;
    this.#width_us = Math.max(width_us_min, Math.ceil(Number(options.high_us - options.low_us) / 2));
  }

  /** Adds the selected rows; `fate` is per selected row, null where they have none. */
  add(batch: Batch, hashes: Int32Array, selection: Int32Array, fate: Uint8Array | null): void {
    for (const { bucket, rows, fate: fates } of this.#deal(batch, selection, fate)) {
      const own = fate === null ? null : fates.values.subarray(0, fates.length);
      bucket.add(batch, hashes, rows.values.subarray(0, rows.length), own);
    }
    this.#dealt.clear();
  }

  probe(probe: Probe, pairs: Pairs, emit: (bucket: TimeBucket, count: number) => void): void {
    for (const bucket of this.#buckets.values()) bucket.probe(probe, pairs, (count) => emit(bucket, count));
  }

  /** Rows for which no partner can come any more and that had none, once each; and forgets the buckets of such times. */
  advance(watermark: Watermark, unmatched: (batch: Batch, rows: Int32Array) => void): void {
    const past = watermark - this.#options.high_us;
    const past_us = Number(past);
    for (const [number, bucket] of this.#buckets) {
      if (this.#options.tracksFates) {
        const rows = bucket.takeUnmatched(past);
        if (rows.length > 0) unmatched(bucket.batch(), rows);
      }
      if (!bucket.isPast(past_us)) continue;
      this.#dropped.push(...bucket.stored);
      this.#buckets.delete(number);
      this.#frozen?.meet(bucket);
      bucket.clear();
      if (this.#spare.length < spare_max) this.#spare.push(bucket);
    }
  }

  /** Rows that no snapshot has yet, those whose fate has changed, and the identities of stored ones that were dropped. */
  takeDeltas(table: string, checkpoint: number): readonly StateDelta[] {
    if (this.#positionsOf !== checkpoint) this.#position = 0;
    this.#positionsOf = checkpoint;
    const parts = [...this.#buckets.values()].flatMap((bucket) => [this.#changedRows(bucket), this.#newRows(bucket, checkpoint)]);
    const changed = parts.filter((part) => part !== null);
    this.#frozen = changed.length === 0 ? null : new FrozenBuckets(this.#options.schema, changed);
    const deletes = this.#takeDropped();
    if (this.#frozen === null && deletes === null) return [];
    return [{ table, puts: null, deletes, ...(this.#frozen === null ? {} : { rest: this.#frozen }) }];
  }

  /** Rows of the state as `takeDeltas` gave them. */
  restore(state: Batch, hash: (data: Batch) => Int32Array): void {
    const { tracksFates } = this.#options;
    const own = identityColumns.length + (tracksFates ? 1 : 0);
    const data: Batch = { rows: state.rows, columns: state.columns.slice(own), weights: null };
    const fate = tracksFates ? Uint8Array.from((state.columns[own - 1] as Extract<Column, { phys: "i32" }>).values) : null;
    const hashes = hash(data);
    const all = Int32Array.from({ length: data.rows }, (_, row) => row);
    for (const { bucket, rows, fate: fates } of this.#deal(data, all, fate)) {
      const places = rows.values.subarray(0, rows.length);
      bucket.add(data, hashes, places, fate === null ? null : fates.values.subarray(0, fates.length));
      for (const row of places) bucket.storedAs(identityAt(state, row));
    }
    this.#dealt.clear();
  }

  #changedRows(bucket: TimeBucket): FrozenPart | null {
    const rows = bucket.takeChanged();
    if (rows.length === 0) return null;
    const runs = Array.from(rows, (row) => bucket.identityOf(row));
    return { bucket, count: rows.length, rows, runs, fates: Uint8Array.from(rows, (row) => bucket.fate(row)) };
  }

  #newRows(bucket: TimeBucket, checkpoint: number): FrozenPart | null {
    const from = bucket.stored_rows;
    const count = bucket.rows - from;
    if (count === 0) return null;
    const run = { checkpoint, subtask: this.#options.subtask, first: this.#position, count };
    bucket.storedAs(run);
    this.#position += count;
    const fates = this.#options.tracksFates ? Uint8Array.from({ length: count }, (_, k) => bucket.fate(from + k)) : null;
    return { bucket, count, rows: from, runs: [run], fates };
  }

  /** Identities of stored rows whose buckets were dropped since the last call. */
  #takeDropped(): Batch | null {
    const columns = identities(this.#dropped.splice(0));
    const rows = (columns[1] as Extract<Column, { phys: "i32" }>).values.length;
    return rows === 0 ? null : { rows, columns, weights: null };
  }

  /** The selected rows by bucket, valid until the next call; in time order one lookup of a bucket serves a whole stretch of rows. */
  #deal(batch: Batch, selection: Int32Array, fate: Uint8Array | null): Iterable<Dealt> {
    const times = words((batch.columns[this.#options.time] as Extract<Column, { phys: "i64" }>).values);
    let from_us = 0;
    let to_us = 0;
    let dealt: Dealt | null = null;
    for (let k = 0; k < selection.length; k++) {
      const row = selection[k] as number;
      const time = approximate_us(times, row);
      if (dealt === null || time < from_us || time >= to_us) {
        const number = Math.floor(time / this.#width_us);
        from_us = number * this.#width_us;
        to_us = from_us + this.#width_us;
        dealt = this.#dealtTo(number);
      }
      dealt.rows.push(row);
      if (fate !== null) dealt.fate.push(fate[k] as number);
    }
    return this.#dealt.values();
  }

  #dealtTo(number: number): Dealt {
    const known = this.#dealt.get(number);
    if (known !== undefined) return known;
    const fresh = { bucket: this.#bucket(number), rows: new IntList(), fate: new IntList() };
    this.#dealt.set(number, fresh);
    return fresh;
  }

  #bucket(number: number): TimeBucket {
    const { schema, keys, time, tracksFates } = this.#options;
    const bucket = this.#buckets.get(number) ?? this.#spare.pop() ?? new TimeBucket(schema, keys, time, tracksFates);
    this.#buckets.set(number, bucket);
    return bucket;
  }
}
