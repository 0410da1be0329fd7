import type { Batch } from "../contract/batch.ts";
import type { IntervalJoinSpec } from "../contract/job-graph.ts";
import {
  type Operator,
  type OperatorContext,
  type OperatorDefinition,
  type OperatorSnapshot,
  type Output,
  type StateTableSpec,
  type Watermark,
  watermark_max,
  watermark_min,
} from "../contract/operator.ts";
import { hashRows } from "../contract/hash.ts";
import { integer, type Schema } from "../contract/types.ts";
import { identityColumns } from "../state/row-identity.ts";
import { bufferedColumns } from "../state/stored-runs.ts";
import { Arrivals } from "./interval-join/arrivals.ts";
import { IntervalSide } from "./interval-join/interval-side.ts";
import { fates, type Pairs, pairs_max, type TimeBucket } from "./interval-join/time-bucket.ts";
import { JoinedRows } from "./joined-rows.ts";
import { StoredWatermark, watermarkTable } from "./progress.ts";

const sides = ["left", "right"] as const;
type Side = 0 | 1;

/** Whether it matters which rows of a side have matched: they are padded, or emitted once. */
const tracked: Readonly<Record<IntervalJoinSpec["join"], readonly [boolean, boolean]>> = {
  inner: [false, false],
  left: [true, false],
  right: [false, true],
  full: [true, true],
  semi: [true, false],
  anti: [true, false],
};

const ownColumns = (spec: IntervalJoinSpec, side: number): Schema["columns"] =>
  tracked[spec.join][side as Side] ? [...identityColumns, { name: "fate", type: integer }] : identityColumns;

export const intervalJoin: OperatorDefinition<IntervalJoinSpec> = {
  op: "intervalJoin",
  doc: "Joins rows with equal keys whose event times lie within bounds; forgets rows once the watermark says that no partner can come.",
  stateTables: (spec, inputs) => [
    ...sides.map((name, side): StateTableSpec => {
      const own = ownColumns(spec, side);
      return {
        name,
        version: 1,
        columns: bufferedColumns(own, inputs[side] as Schema),
        keyColumns: identityColumns.length,
        defaults: [...own.map(() => undefined), ...(inputs[side] as Schema).columns.map(() => null)],
        redistribution: { kind: "keyed", distribution: keysOf(spec, side).map((key) => key + own.length) },
      };
    }),
    watermarkTable,
  ],
  create: (spec, context, output) => new IntervalJoin(spec, context, output),
};

const keysOf = (spec: IntervalJoinSpec, side: number): readonly number[] => (side === 0 ? spec.leftKeys : spec.rightKeys);

/** How far a time of the output may lie behind the watermark of the inputs (Flink's getMaxOutputDelay). */
function outputDelay_us({ join, lower_us, upper_us }: IntervalJoinSpec): bigint {
  const left = upper_us > 0n ? upper_us : 0n;
  const right = lower_us < 0n ? -lower_us : 0n;
  return join === "semi" || join === "anti" || left > right ? left : right;
}

/**
 * A row is stored while a partner may come, and joined at once with the partners that are there. So each pair is found when
 * its later row arrives, and an outer row is padded when it leaves without a match.
 */
class IntervalJoin implements Operator {
  readonly #spec: IntervalJoinSpec;
  readonly #output: Output;
  readonly #context: OperatorContext;
  readonly #sides: readonly IntervalSide[];
  readonly #arrivals: readonly Arrivals[];
  readonly #rows: JoinedRows;
  readonly #pairs: Pairs = { probe: new Int32Array(pairs_max), bucket: new Int32Array(pairs_max) };
  readonly #stored: StoredWatermark;
  readonly #delay_us: bigint;
  #watermark: Watermark = watermark_min;

  constructor(spec: IntervalJoinSpec, context: OperatorContext, output: Output) {
    this.#spec = spec;
    this.#context = context;
    this.#output = output;
    this.#delay_us = outputDelay_us(spec);
    this.#stored = new StoredWatermark(context);
    this.#rows = new JoinedRows(spec, context, output);
    const options = [0, 1].map((side) => ({
      schema: context.inputs[side] as Schema,
      subtask: context.subtaskIndex,
      keys: keysOf(spec, side),
      nullSafe: spec.nullSafe,
      time: side === 0 ? spec.leftTime : spec.rightTime,
      low_us: side === 0 ? spec.lower_us : -spec.upper_us,
      high_us: side === 0 ? spec.upper_us : -spec.lower_us,
      tracksFates: tracked[spec.join][side as Side],
    }));
    this.#sides = options.map((o) => new IntervalSide(o));
    this.#arrivals = options.map((o) => new Arrivals(o));
  }

  batch(batch: Batch, input: number): void {
    const side = input as Side;
    const arrivals = this.#arrivals[side] as Arrivals;
    arrivals.begin(batch, this.#watermark);
    this.#side(1 - side).probe(arrivals.probe(), this.#pairs, (bucket, count) => this.#join(side, batch, bucket, count));
    const { stored, fate, unmatched, dropped } = arrivals.end(this.#spec.join);
    this.#side(side).add(batch, arrivals.hashes, stored, fate);
    if (unmatched.length > 0) this.#rows.unmatched(side, batch, unmatched);
    if (dropped > 0) this.#context.metrics.add("numLateRecordsDropped", dropped);
  }

  watermark(watermark: Watermark): void {
    if (watermark > this.#watermark) this.#watermark = watermark;
    for (const side of [0, 1] as const) this.#side(side).advance(watermark, (batch, rows) => this.#rows.unmatched(side, batch, rows));
    this.#output.watermark(watermark === watermark_max ? watermark : later(watermark - this.#delay_us, watermark_min));
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    const deltas = sides.flatMap((table, side) => this.#side(side).takeDeltas(table, checkpointId));
    const progress = this.#stored.delta(this.#watermark);
    return { deltas: progress === null ? deltas : [...deltas, progress] };
  }

  restore(table: string, rows: Batch): void {
    if (table === watermarkTable.name) {
      this.#watermark = this.#stored.restore(rows);
      return;
    }
    const side = table === "left" ? 0 : 1;
    this.#side(side).restore(rows, (data) => {
      const hashes = new Int32Array(data.rows);
      hashRows(data, keysOf(this.#spec, side), hashes);
      return hashes;
    });
  }

  #side(side: number): IntervalSide {
    return this.#sides[side] as IntervalSide;
  }

  /** The first `count` pairs of arriving rows and rows of a bucket of the other side. */
  #join(side: Side, batch: Batch, bucket: TimeBucket, count: number): void {
    const { probe, bucket: buffered } = this.#pairs;
    const other = bucket.batch();
    const arrivals = this.#arrivals[side] as Arrivals;
    const kept = side === 0 ? this.#rows.keep(batch, probe, other, buffered, count) : this.#rows.keep(other, buffered, batch, probe, count);
    if (this.#spec.join === "semi" || this.#spec.join === "anti") {
      this.#decide(side, batch, bucket, kept);
      return;
    }
    for (let k = 0; k < kept; k++) {
      arrivals.matched[probe[k] as number] = 1;
      if (bucket.fate(buffered[k] as number) === fates.fresh) bucket.setFate(buffered[k] as number, fates.matched);
    }
    if (side === 0) this.#rows.pairs(batch, probe, other, buffered, kept);
    else this.#rows.pairs(other, buffered, batch, probe, kept);
  }

  /** The first match of a left row decides its fate: semi emits it, anti forgets it. */
  #decide(side: Side, batch: Batch, bucket: TimeBucket, count: number): void {
    const { probe, bucket: buffered } = this.#pairs;
    const { matched } = this.#arrivals[side] as Arrivals;
    const decided: number[] = [];
    for (let k = 0; k < count; k++) {
      const row = (side === 0 ? probe[k] : buffered[k]) as number;
      const isNew = side === 0 ? matched[row] === 0 : bucket.fate(row) !== fates.settled;
      if (side === 0) matched[row] = 1;
      else bucket.setFate(row, fates.settled);
      if (isNew) decided.push(row);
    }
    if (this.#spec.join === "semi") this.#rows.left(side === 0 ? batch : bucket.batch(), Int32Array.from(decided));
  }
}

const later = (a: Watermark, b: Watermark): Watermark => (a > b ? a : b);
