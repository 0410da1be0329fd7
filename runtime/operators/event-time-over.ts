import { type Batch, type I64Column, words } from "../contract/batch.ts";
import type { EventTimeOverSpec } from "../contract/job-graph.ts";
import {
  type Operator,
  type OperatorContext,
  type OperatorDefinition,
  type OperatorSnapshot,
  type Output,
  type StateDelta,
  type Watermark,
  watermark_min,
} from "../contract/operator.ts";
import type { Schema } from "../contract/types.ts";
import { gatherBatch } from "../expr/gather.ts";
import { IntList } from "../state/int-list.ts";
import { RowTable } from "../state/row-table.ts";
import { type RowTableOptions, rowTableSpec } from "../state/row-table-spec.ts";
import { TimeSlices } from "../state/time-slices.ts";
import { compareBy, wholeRow } from "../state/value-order.ts";
import { carriedTables } from "./over/carried-answers.ts";
import { DueOrder } from "./over/due-order.ts";
import { EventTimeAnswers } from "./over/event-time-answers.ts";
import { historyTables } from "./over/history.ts";
import { gap_us, lanesOf } from "./interval-join/times.ts";
import { StoredWatermark, watermarkTable } from "./progress.ts";

const tableOf = (spec: EventTimeOverSpec, schema: Schema): RowTableOptions => ({
  name: "waiting",
  schema,
  keys: spec.partition,
  changelog: false,
});

export const eventTimeOver: OperatorDefinition<EventTimeOverSpec> = {
  op: "eventTimeOver",
  doc: "Window functions in the order of event time: answers a row once, when the watermark has passed it. Append-only.",
  stateTables: (spec, [input]) => [
    rowTableSpec(tableOf(spec, input as Schema), spec.partition),
    ...historyTables(spec, input as Schema),
    ...carriedTables(spec, input as Schema),
    watermarkTable,
  ],
  create: (spec, context, output) => new EventTimeOver(spec, context, output),
};

/** Rows wait until the watermark has passed them, for earlier ones may still come. Rows that come behind the watermark are late. */
class EventTimeOver implements Operator {
  readonly #spec: EventTimeOverSpec;
  readonly #context: OperatorContext;
  readonly #output: Output;
  readonly #waiting: RowTable;
  readonly #times = new TimeSlices();
  readonly #due = new IntList();
  readonly #dueOrder = new DueOrder();
  readonly #width: number;
  readonly #answers: EventTimeAnswers;
  readonly #stored: StoredWatermark;
  #watermark: Watermark = watermark_min;

  constructor(spec: EventTimeOverSpec, context: OperatorContext, output: Output) {
    const schema = context.inputs[0] as Schema;
    this.#spec = spec;
    this.#context = context;
    this.#output = output;
    this.#width = schema.columns.length;
    this.#waiting = new RowTable(tableOf(spec, schema), context.subtaskIndex);
    this.#answers = new EventTimeAnswers(spec, schema, context.subtaskIndex, output);
    this.#stored = new StoredWatermark(context);
  }

  open(): void {
    this.#answers.open(this.#context.world.clock.now_ms());
    const times = this.#timesOf(this.#waiting.rows());
    for (const row of this.#waiting.liveRows()) this.#times.pushFrom(times, row, row);
  }

  batch(batch: Batch): void {
    const timely = this.#withoutLate(batch);
    if (timely.rows === 0) return;
    const { rows, count } = this.#waiting.add(timely);
    const times = this.#timesOf(this.#waiting.rows());
    for (let i = 0; i < count; i++) this.#times.pushFrom(times, rows[i] as number, rows[i] as number);
  }

  tick(now_ms: number): void {
    this.#answers.forget(now_ms);
  }

  watermark(watermark: Watermark): void {
    if (watermark > this.#watermark) this.#watermark = watermark;
    this.#due.clear();
    this.#times.takeUntil(watermark, this.#due);
    if (this.#due.length > 0) this.#answer(this.#due.values.subarray(0, this.#due.length), watermark);
    this.#answers.expire(watermark);
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    const progress = this.#stored.delta(this.#watermark);
    const deltas: StateDelta[] = [this.#waiting.takeDelta(checkpointId), ...this.#answers.snapshot(checkpointId)];
    return { deltas: progress === null ? deltas : [...deltas, progress] };
  }

  restore(table: string, rows: Batch): void {
    if (table === watermarkTable.name) this.#watermark = this.#stored.restore(rows);
    else if (table === "waiting") this.#waiting.restore(rows);
    else this.#answers.restore(table, rows);
  }

  close(): void {
    this.#answers.close();
  }

  #answer(due: Int32Array, watermark: Watermark): void {
    const waiting = this.#waiting.rows();
    const { order } = this.#spec;
    const total = [...order, ...wholeRow(this.#width).filter(({ column }) => !order.some((key) => key.column === column))];
    this.#dueOrder.sort(due, this.#timesOf(waiting), (row) => this.#waiting.groupOf(row), compareBy(total, waiting.columns));
    this.#answers.answer(this.#waiting, due, watermark, this.#context.world.clock.now_ms());
    for (const row of due) this.#waiting.remove(row);
  }

  /** The words of the time column. */
  #timesOf(batch: Batch): Int32Array {
    return words((batch.columns[this.#spec.timeColumn] as I64Column).values);
  }

  #withoutLate(batch: Batch): Batch {
    const times = this.#timesOf(batch);
    const watermark = lanesOf(this.#watermark);
    const timely = new IntList();
    for (let i = 0; i < batch.rows; i++) if (gap_us(times, i, watermark, 0) > 0) timely.push(i);
    const late = batch.rows - timely.length;
    if (late === 0) return batch;
    this.#context.metrics.add("numLateRecordsDropped", late);
    return gatherBatch(batch, timely.values, timely.length);
  }
}
