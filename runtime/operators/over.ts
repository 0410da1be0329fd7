import type { Batch } from "../contract/batch.ts";
import type { OverSpec } from "../contract/job-graph.ts";
import type { Operator, OperatorContext, OperatorDefinition, OperatorSnapshot, Output, Watermark } from "../contract/operator.ts";
import type { Schema } from "../contract/types.ts";
import type { Clock } from "../contract/world.ts";
import { staged } from "../state/group-table.ts";
import { GroupedChanges } from "../state/grouped-changes.ts";
import { PartitionOrder, type RowsInOrder } from "../state/partition-order.ts";
import { PartitionTtl } from "../state/partition-ttl.ts";
import { RowTable } from "../state/row-table.ts";
import { type RowTableOptions, rowTableSpec } from "../state/row-table-spec.ts";
import { ChangedAnswers, type Turn } from "./over/changed-answers.ts";
import { OverEvaluation } from "./over/evaluate.ts";
import { Fronts } from "./over/fronts.ts";
import { type Piece, pieceOf } from "./over/piece.ts";
import { Positions, positions_max } from "./over/positions.ts";
import { type Reach, reachOf } from "./over/reach.ts";

/** Smaller partitions are answered whole: there is little to save. */
const piecewise_rows_min = 32;

const tableOf = (spec: OverSpec, schema: Schema): RowTableOptions => ({ name: "rows", schema, keys: spec.partition, changelog: true });

export const over: OperatorDefinition<OverSpec> = {
  op: "over",
  doc: "Window functions over partitions that are kept whole; emits, as a changelog, the rows whose answer is another now.",
  stateTables: (spec, [input]) => [rowTableSpec(tableOf(spec, input as Schema), spec.partition)],
  create: (spec, context, output) => new Over(spec, context, output),
};

/**
 * The partitions that a batch touches are answered as they were and as they are, and the difference is sent. What was sent before is
 * not stored: the same rows in the same order have the same answers. Of large partitions only the piece is answered that the changed
 * rows can be felt in, where that is known (over/reach.ts).
 */
class Over implements Operator {
  readonly #output: Output;
  readonly #table: RowTable;
  readonly #order: PartitionOrder;
  readonly #ttl: PartitionTtl | null;
  readonly #clock: Clock;
  readonly #changes: GroupedChanges;
  readonly #evaluation: OverEvaluation;
  readonly #answers: ChangedAnswers;
  readonly #positions = new Positions();
  readonly #fronts = new Fronts();
  /** null: partitions are answered whole. */
  readonly #reach: Reach | null;

  constructor(spec: OverSpec, context: OperatorContext, output: Output) {
    const schema = context.inputs[0] as Schema;
    this.#output = output;
    this.#clock = context.world.clock;
    const report = spec.ttl_ms === undefined ? null : (rows: number): void => context.metrics.add("numForgottenRetractions", rows);
    this.#table = new RowTable(tableOf(spec, schema), context.subtaskIndex, report);
    this.#order = new PartitionOrder(this.#table, spec.order, schema.columns.length);
    this.#ttl = spec.ttl_ms === undefined ? null : new PartitionTtl(spec.ttl_ms, this.#table, (group) => this.#order.forget(group));
    this.#changes = new GroupedChanges(this.#table);
    this.#evaluation = new OverEvaluation(spec.calls, spec.order);
    this.#answers = new ChangedAnswers(schema, output);
    this.#reach = this.#evaluation.goesByPieces ? reachOf(spec.calls) : null;
  }

  batch(batch: Batch): void {
    const now_ms = this.#clock.now_ms();
    this.tick(now_ms);
    this.#changes.take(this.#table.add(batch));
    this.#order.refresh();
    for (let k = 0; k < this.#changes.groups; k++) this.#ttl?.touch(this.#changes.groupAt(k), now_ms);
    for (let k = 0; k < this.#changes.groups; ) k = this.#answer(k);
  }

  open(): void {
    this.#order.refresh();
    this.#ttl?.touchAll(this.#clock.now_ms());
  }

  /** Forgets partitions whose time is over; what was sent of them stays. */
  tick(now_ms: number): void {
    this.#ttl?.expire(now_ms);
  }

  watermark(watermark: Watermark): void {
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    return { deltas: [this.#table.takeDelta(checkpointId)] };
  }

  restore(_table: string, rows: Batch): void {
    this.#table.restore(rows);
  }

  close(): void {
    this.#evaluation.free();
  }

  /** Answers touched partitions from the k-th on, as many as go together; returns the next one. */
  #answer(k: number): number {
    const turns: Turn[] = [];
    this.#positions.clear();
    this.#fronts.clear();
    let next = k;
    while (next < this.#changes.groups && this.#positions.count < positions_max) turns.push(this.#turn(next++));
    const stored = this.#table.rows();
    staged(() => {
      const fronts = this.#fronts.rows.length === 0 ? null : this.#fronts;
      const answers = this.#evaluation.run(this.#positions, stored.columns, fronts);
      this.#answers.send(turns, this.#positions, answers, stored, this.#order.compare);
    });
    return next;
  }

  #turn(k: number): Turn {
    const group = this.#changes.groupAt(k);
    const changed = this.#changes.rowsAt(k);
    const list = this.#order.changing(group, changed, this.#changes);
    const piece = this.#pieceOf(list, changed);
    this.#pushFront(list, piece.from);
    const before = this.#positions.count;
    this.#push(list, piece, (row) => this.#changes.before(row));
    const after = this.#positions.count;
    this.#push(list, piece, (row) => this.#changes.now(row));
    const gone = changed.filter((row) => this.#changes.before(row) > 0 && this.#changes.now(row) === 0);
    this.#order.settle(group, gone, (row) => this.#changes.now(row) === 0);
    return { before, after, end: this.#positions.count };
  }

  #pieceOf(list: RowsInOrder, changed: Int32Array): Piece {
    if (this.#reach === null || list.length < piecewise_rows_min) return { from: 0, to: list.length };
    return pieceOf(list, changed, this.#reach, this.#order.compare, this.#order.isPeer);
  }

  /** Rows in front of a piece are as they were. */
  #pushFront({ rows }: RowsInOrder, to: number): void {
    this.#fronts.begin();
    if (this.#reach?.running !== true) return;
    for (let i = 0; i < to; i++) {
      const row = rows[i] as number;
      for (let copies = this.#changes.now(row); copies > 0; copies--) this.#fronts.push(row);
    }
  }

  #push({ rows }: RowsInOrder, { from, to }: Piece, copiesOf: (row: number) => number): void {
    this.#positions.begin();
    for (let i = from; i < to; i++) {
      const row = rows[i] as number;
      for (let copies = copiesOf(row); copies > 0; copies--) this.#positions.rows.push(row);
    }
    this.#positions.end(this.#order.isPeer);
    this.#fronts.startsTo(this.#positions.starts.length);
  }
}
