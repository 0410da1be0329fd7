import { type Batch, type Column, words } from "../../contract/batch.ts";
import type { Watermark } from "../../contract/operator.ts";
import { columnOf } from "../../contract/rows.ts";
import { integer, type Schema } from "../../contract/types.ts";
import { BatchBuilder } from "../../exchange/batch-builder.ts";
import { identityColumns } from "../../state/row-identity.ts";
import { identities, identityAt, type StoredRun } from "../../state/stored-runs.ts";
import { type Pairs, type Probe, TimeBucket } from "./time-bucket.ts";
import { approximate_us } from "./times.ts";

/** Buckets are half as wide as the bounds lie apart (notes: kernels, section 4), within reason. */
const width_us_min = 100_000;

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

/** The rows of one input that may still find partners, in buckets of time that are dropped whole. */
export class IntervalSide {
  readonly #options: SideOptions;
  readonly #width_us: number;
  readonly #buckets = new Map<number, TimeBucket>();
  readonly #dropped: StoredRun[] = [];
  #position = 0;
  #positionsOf = -1;

  constructor(options: SideOptions) {
    this.#options = options;
    this.#width_us = Math.max(width_us_min, Math.ceil(Number(options.high_us - options.low_us) / 2));
  }

  /** Buffered rows, those that a bucket keeps a little longer included. */
  get rows(): number {
    let rows = 0;
    for (const bucket of this.#buckets.values()) rows += bucket.rows;
    return rows;
  }

  add(batch: Batch, hashes: Int32Array, selection: Int32Array, fate: Uint8Array | null): void {
    for (const { bucket, places } of this.#byBucket(batch, selection)) {
      const rows = places === null ? selection : places.map((k) => selection[k] as number);
      bucket.add(batch, hashes, rows, fate === null || places === null ? fate : Uint8Array.from(places, (k) => fate[k] as number));
    }
  }

  probe(probe: Probe, pairs: Pairs, emit: (bucket: TimeBucket, count: number) => void): void {
    for (const bucket of this.#buckets.values()) bucket.probe(probe, pairs, (count) => emit(bucket, count));
  }

  /** Rows for which no partner can come any more and that had none, once each; and forgets the buckets of such times. */
  advance(watermark: Watermark, unmatched: (batch: Batch, rows: Int32Array) => void): void {
    const past = watermark - this.#options.high_us;
    for (const [number, bucket] of this.#buckets) {
      if (this.#options.tracksFates) {
        const rows = bucket.takeUnmatched(past);
        if (rows.length > 0) unmatched(bucket.batch(), rows);
      }
      if (bucket.greatest_us === null || bucket.greatest_us > past) continue;
      for (const run of bucket.stored) this.#dropped.push(run);
      this.#buckets.delete(number);
    }
  }

  /** Rows that no snapshot has yet, and those whose fate has changed, with their identities in front. */
  takeChanged(checkpoint: number): Batch | null {
    if (this.#positionsOf !== checkpoint) this.#position = 0;
    this.#positionsOf = checkpoint;
    const rows = new BatchBuilder(this.#options.schema);
    const runs: StoredRun[] = [];
    const fate: number[] = [];
    for (const bucket of this.#buckets.values()) {
      const changed = [...bucket.changed].sort((a, b) => a - b);
      bucket.changed.clear();
      runs.push(...changed.map((row) => bucket.identityOf(row)));
      rows.append(bucket.batch(), { selection: Int32Array.from(changed), from: 0, to: changed.length });
      const from = bucket.stored_rows;
      const count = bucket.rows - from;
      if (this.#options.tracksFates) for (const row of [...changed, ...range(from, bucket.rows)]) fate.push(bucket.fate(row));
      if (count === 0) continue;
      rows.append(bucket.batch(), { selection: null, from, to: bucket.rows });
      const run = { checkpoint, subtask: this.#options.subtask, first: this.#position, count };
      bucket.storedAs(run);
      runs.push(run);
      this.#position += count;
    }
    if (rows.rows === 0) return null;
    const { columns } = rows.build();
    const fates = this.#options.tracksFates ? [columnOf(integer, fate)] : [];
    return { rows: rows.rows, columns: [...identities(runs), ...fates, ...columns], weights: null };
  }

  /** Identities of stored rows whose buckets were dropped since the last call. */
  takeDropped(): Batch | null {
    const columns = identities(this.#dropped.splice(0));
    const rows = (columns[1] as Extract<Column, { phys: "i32" }>).values.length;
    return rows === 0 ? null : { rows, columns, weights: null };
  }

  /** Rows of the state as `takeChanged` gave them. */
  restore(state: Batch, hash: (data: Batch) => Int32Array): void {
    const { tracksFates } = this.#options;
    const own = identityColumns.length + (tracksFates ? 1 : 0);
    const data: Batch = { rows: state.rows, columns: state.columns.slice(own), weights: null };
    const fate = tracksFates ? Uint8Array.from((state.columns[own - 1] as Extract<Column, { phys: "i32" }>).values) : null;
    const hashes = hash(data);
    for (const { bucket, places } of this.#byBucket(data, Int32Array.from(range(0, data.rows)))) {
      const rows = places ?? Int32Array.from(range(0, data.rows));
      bucket.add(data, hashes, rows, fate === null ? null : Uint8Array.from(rows, (row) => fate[row] as number));
      for (const row of rows) bucket.storedAs(identityAt(state, row));
    }
  }

  /** The buckets of the selected rows; `places` are positions in the selection, null for all. */
  #byBucket(batch: Batch, selection: Int32Array): readonly { readonly bucket: TimeBucket; readonly places: Int32Array | null }[] {
    const times = words((batch.columns[this.#options.time] as Extract<Column, { phys: "i64" }>).values);
    const numbers = Float64Array.from(selection, (row) => Math.floor(approximate_us(times, row) / this.#width_us));
    const distinct = new Set(numbers);
    return [...distinct].map((number) => ({
      bucket: this.#bucket(number),
      places: distinct.size === 1 ? null : Int32Array.from(selection.keys()).filter((k) => numbers[k] === number),
    }));
  }

  #bucket(number: number): TimeBucket {
    const known = this.#buckets.get(number);
    if (known !== undefined) return known;
    const { schema, keys, time, tracksFates } = this.#options;
    const bucket = new TimeBucket(schema, keys, time, tracksFates);
    this.#buckets.set(number, bucket);
    return bucket;
  }
}

const range = (from: number, to: number): readonly number[] => Array.from({ length: to - from }, (_, i) => from + i);
