import type { Batch, Column } from "../contract/batch.ts";
import type { AsofJoinSpec } from "../contract/job-graph.ts";
import {
  type Operator,
  type OperatorContext,
  type OperatorDefinition,
  type OperatorSnapshot,
  type Output,
  type Watermark,
  watermark_min,
} from "../contract/operator.ts";
import type { Schema } from "../contract/types.ts";
import { RowTable } from "../state/row-table.ts";
import { type RowTableOptions, rowTableSpec } from "../state/row-table-spec.ts";
import { Versions } from "./asof-join/versions.ts";
import { JoinedRows } from "./joined-rows.ts";
import { StoredWatermark, watermarkTable } from "./progress.ts";
import { TimerHeap } from "../state/timer-heap.ts";

const rows_max = 4_096;

const keysOf = (spec: AsofJoinSpec, side: number): readonly number[] => (side === 0 ? spec.leftKeys : spec.rightKeys);

const tableOf = (spec: AsofJoinSpec, side: number, schema: Schema): RowTableOptions => ({
  name: side === 0 ? "left" : "versions",
  schema,
  keys: keysOf(spec, side),
  changelog: false,
});

export const asofJoin: OperatorDefinition<AsofJoinSpec> = {
  op: "asofJoin",
  doc: "Joins rows with the version of their key that held at their event time, when the watermark passes them; keeps the last version of each key.",
  stateTables: (spec, inputs) => [
    ...inputs.map((schema, side) => rowTableSpec(tableOf(spec, side, schema), keysOf(spec, side))),
    watermarkTable,
  ],
  create: (spec, context, output) => new AsofJoin(spec, context, output),
};

class AsofJoin implements Operator {
  readonly #spec: AsofJoinSpec;
  readonly #context: OperatorContext;
  readonly #output: Output;
  readonly #left: RowTable;
  readonly #right: RowTable;
  readonly #versions: Versions;
  readonly #waiting = new TimerHeap();
  readonly #rows: JoinedRows;
  readonly #stored: StoredWatermark;
  #groups = new Int32Array(rows_max);
  #watermark: Watermark = watermark_min;

  constructor(spec: AsofJoinSpec, context: OperatorContext, output: Output) {
    this.#spec = spec;
    this.#context = context;
    this.#output = output;
    const [left, right] = context.inputs as readonly [Schema, Schema];
    this.#left = new RowTable(tableOf(spec, 0, left), context.subtaskIndex);
    this.#right = new RowTable(tableOf(spec, 1, right), context.subtaskIndex);
    this.#versions = new Versions(this.#right, spec.rightTime, spec.ttl_ms);
    this.#rows = new JoinedRows(spec, context, output);
    this.#stored = new StoredWatermark(context);
  }

  open(): void {
    this.#versions.open(this.#context.world.clock.now_ms());
    this.#versions.advance(this.#watermark);
    const times = this.#leftTimes();
    for (const row of this.#left.liveRows()) this.#waiting.push(times[row] as bigint, row);
  }

  batch(batch: Batch, input: number): void {
    const now_ms = this.#context.world.clock.now_ms();
    this.tick(now_ms);
    const late = input === 1 ? this.#versions.add(batch, now_ms) : this.#addLeft(batch);
    if (late > 0) this.#context.metrics.add("numLateRecordsDropped", late);
  }

  tick(now_ms: number): void {
    this.#versions.expire(now_ms);
  }

  watermark(watermark: Watermark): void {
    if (watermark > this.#watermark) this.#watermark = watermark;
    this.#fire(watermark);
    this.#versions.advance(watermark);
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    const deltas = [this.#left.takeDelta(checkpointId), this.#right.takeDelta(checkpointId)];
    const progress = this.#stored.delta(this.#watermark);
    return { deltas: progress === null ? deltas : [...deltas, progress] };
  }

  restore(table: string, rows: Batch): void {
    if (table === watermarkTable.name) this.#watermark = this.#stored.restore(rows);
    else (table === "left" ? this.#left : this.#right).restore(rows);
  }

  /** Rows wait for the watermark; late ones are answered at once where the answer is still known, others are dropped. Returns how many. */
  #addLeft(batch: Batch): number {
    const { rows, count } = this.#left.add(batch);
    const times = this.#leftTimes();
    const late: number[] = [];
    for (let i = 0; i < count; i++) {
      const row = rows[i] as number;
      if ((times[row] as bigint) <= this.#watermark) late.push(row);
      else this.#waiting.push(times[row] as bigint, row);
    }
    if (late.length === 0) return 0;
    this.#find(Int32Array.from(late));
    const known = late.filter((row, i) => !this.#versions.isForgotten(this.#groups[i] as number, times[row] as bigint, this.#spec.strict));
    this.#join(Int32Array.from(known));
    for (const row of late) this.#left.remove(row);
    return late.length - known.length;
  }

  #fire(watermark: Watermark): void {
    const due: number[] = [];
    for (let row = this.#waiting.popUntil(watermark); row >= 0; row = this.#waiting.popUntil(watermark)) {
      due.push(row);
      if (due.length === rows_max) this.#answer(due.splice(0));
    }
    if (due.length > 0) this.#answer(due);
  }

  #answer(rows: readonly number[]): void {
    this.#join(Int32Array.from(rows));
    for (const row of rows) this.#left.remove(row);
  }

  #find(rows: Int32Array): void {
    if (this.#groups.length < rows.length) this.#groups = new Int32Array(rows.length);
    this.#right.findGroupsOf(this.#left, rows, rows.length, this.#spec.nullSafe, this.#groups);
  }

  /** Emits left rows with their versions. */
  #join(rows: Int32Array): void {
    this.#find(rows);
    const times = this.#leftTimes();
    const found = new Int32Array(rows.length);
    const versions = new Int32Array(rows.length);
    const alone: number[] = [];
    let count = 0;
    for (const [i, row] of rows.entries()) {
      const group = this.#groups[i] as number;
      const version = group < 0 ? -1 : this.#versions.at(group, times[row] as bigint, this.#spec.strict);
      if (version < 0) alone.push(row);
      else {
        found[count] = row;
        versions[count++] = version;
      }
    }
    const candidates = found.slice(0, count);
    const left = this.#left.rows();
    const right = this.#right.rows();
    const kept = this.#rows.keep(left, found, right, versions, count);
    this.#rows.pairs(left, found, right, versions, kept);
    if (kept < count) {
      const held = new Set(found.subarray(0, kept));
      alone.push(...candidates.filter((row) => !held.has(row)));
    }
    if (alone.length > 0) this.#rows.unmatched(0, left, Int32Array.from(alone));
  }

  #leftTimes(): BigInt64Array {
    return (this.#left.rows().columns[this.#spec.leftTime] as Extract<Column, { phys: "i64" }>).values;
  }
}
