import type { Batch } from "../../contract/batch.ts";
import { columnOf } from "../../contract/rows.ts";
import { sliceBatch } from "../../contract/slice-batch.ts";
import { integer, type Schema } from "../../contract/types.ts";
import { BatchBuilder } from "../../exchange/batch-builder.ts";
import { PiecewiseRest } from "../../state/piecewise-rest.ts";
import { identities, type StoredRun } from "../../state/stored-runs.ts";
import type { TimeBucket } from "./time-bucket.ts";

/** Rows of one bucket as a snapshot found them. Rows of a bucket do not change, but for their fates. */
export interface FrozenPart {
  readonly bucket: TimeBucket;
  readonly count: number;
  /** Row numbers; a number: rows in a row from there on. */
  readonly rows: Int32Array | number;
  /** Identities of `count` rows. */
  readonly runs: readonly StoredRun[];
  /** null where nobody asks. */
  readonly fates: Uint8Array | null;
}

/** What of an interval join's side has changed, written later, but before its bucket is forgotten. */
export class FrozenBuckets extends PiecewiseRest {
  readonly #schema: Schema;
  #parts: readonly FrozenPart[];
  /** Rows of the first part that are written. */
  #at = 0;

  constructor(schema: Schema, parts: readonly FrozenPart[]) {
    super();
    this.#schema = schema;
    this.#parts = parts;
  }

  write(rows_max: number): boolean {
    const [part] = this.#parts;
    if (part === undefined) return false;
    const to = Math.min(part.count, this.#at + rows_max);
    this.#put(part, this.#at, to);
    this.#at = to;
    if (to === part.count) this.#next();
    return this.#parts.length > 0;
  }

  drop(): void {
    this.#parts = [];
  }

  /** The bucket's rows are about to be forgotten. */
  meet(bucket: TimeBucket): void {
    if (this.#parts[0]?.bucket === bucket && this.#at > 0) {
      this.#put(this.#parts[0], this.#at, this.#parts[0].count);
      this.#next();
    }
    for (const part of this.#parts) if (part.bucket === bucket) this.#put(part, 0, part.count);
    this.#parts = this.#parts.filter((part) => part.bucket !== bucket);
  }

  #next(): void {
    this.#parts = this.#parts.slice(1);
    this.#at = 0;
  }

  #put({ bucket, rows, runs, fates }: FrozenPart, from: number, to: number): void {
    const values = typeof rows === "number" ? sliceBatch(bucket.batch(), rows + from, rows + to) : this.#selected(bucket, rows, from, to);
    const fate = fates === null ? [] : [columnOf(integer, Array.from(fates.subarray(from, to)))];
    const columns = [...identities(between(runs, from, to)), ...fate, ...values.columns];
    this.take({ rows: to - from, columns, weights: null });
  }

  #selected(bucket: TimeBucket, rows: Int32Array, from: number, to: number): Batch {
    const selected = new BatchBuilder(this.#schema);
    selected.append(bucket.batch(), { selection: rows, from, to });
    return selected.build();
  }
}

/** The identities at [from, to) of those of the runs. */
function between(runs: readonly StoredRun[], from: number, to: number): readonly StoredRun[] {
  const found: StoredRun[] = [];
  let at = 0;
  for (const run of runs) {
    const first = Math.max(0, from - at);
    const count = Math.min(run.count, to - at) - first;
    if (count > 0) found.push({ ...run, first: run.first + first, count });
    at += run.count;
  }
  return found;
}
