import type { Batch } from "../contract/batch.ts";
import type { Operator, OperatorContext, OperatorDefinition, OperatorSnapshot, Output, Watermark } from "../contract/operator.ts";
import type { AsofChangelogJoinSpec } from "../contract/time-joins.ts";
import type { Schema } from "../contract/types.ts";
import { GroupedChanges } from "../state/grouped-changes.ts";
import { IntList } from "../state/int-list.ts";
import { PartitionOrder, type RowsInOrder } from "../state/partition-order.ts";
import { PartitionTtl } from "../state/partition-ttl.ts";
import { RowTable } from "../state/row-table.ts";
import { type RowTableOptions, rowTableSpec } from "../state/row-table-spec.ts";
import { grownInts } from "../state/slots/slot-column.ts";
import { Nearest } from "./asof-join/nearest.ts";
import { JoinOutput, nullRow } from "./join/join-output.ts";
import { PairFilter } from "./pair-filter.ts";

const none = -1;
const noRows: RowsInOrder = { rows: new Int32Array(0), length: 0 };

const keysOf = (spec: AsofChangelogJoinSpec, side: number): readonly number[] => (side === 0 ? spec.leftKeys : spec.rightKeys);

const tableOf = (spec: AsofChangelogJoinSpec, side: number, schema: Schema): RowTableOptions => ({
  name: side === 0 ? "left" : "right",
  schema,
  keys: keysOf(spec, side),
  changelog: side === 0 ? spec.leftChangelog : spec.rightChangelog,
});

export const asofChangelogJoin: OperatorDefinition<AsofChangelogJoinSpec> = {
  op: "asofChangelogJoin",
  doc: "Keeps each row joined with the nearest right row in time of its key, as rows of both sides come and go; emits a changelog.",
  stateTables: (spec, inputs) => inputs.map((schema, side) => rowTableSpec(tableOf(spec, side, schema), keysOf(spec, side))),
  create: (spec, context, output) => new AsofChangelogJoin(spec, context, output),
};

/**
 * Which right row a left one has is not stored: it follows from the rows, for among right rows of one time the whole row decides. So keys
 * are forgotten as a whole, on both sides at once.
 */
class AsofChangelogJoin implements Operator {
  readonly #spec: AsofChangelogJoinSpec;
  readonly #context: OperatorContext;
  readonly #downstream: Output;
  readonly #left: RowTable;
  readonly #right: RowTable;
  readonly #order: PartitionOrder;
  readonly #changes: GroupedChanges;
  readonly #ttl: readonly [PartitionTtl, PartitionTtl] | null;
  readonly #residual: PairFilter | null;
  readonly #out: JoinOutput;
  /** By left row: the right row next to it, and the same if it meets the residual condition; -1: none. */
  #nearest: Int32Array = new Int32Array(0);
  #matches: Int32Array = new Int32Array(0);
  /** Left rows whose nearest row is another now, and what they were joined with. */
  readonly #moved = new IntList();
  readonly #before = new IntList();
  #groups: Int32Array = new Int32Array(0);

  constructor(spec: AsofChangelogJoinSpec, context: OperatorContext, output: Output) {
    const [left, right] = context.inputs as readonly [Schema, Schema];
    const report = spec.ttl_ms === undefined ? null : (rows: number): void => context.metrics.add("numForgottenRetractions", rows);
    this.#spec = spec;
    this.#context = context;
    this.#downstream = output;
    this.#left = new RowTable(tableOf(spec, 0, left), context.subtaskIndex, report);
    this.#right = new RowTable(tableOf(spec, 1, right), context.subtaskIndex, report);
    this.#order = new PartitionOrder(this.#right, [{ column: spec.rightTime, descending: false, nullsFirst: true }], right.columns.length);
    this.#changes = new GroupedChanges(this.#right);
    this.#ttl = this.#ttlOf(spec.ttl_ms);
    this.#residual = spec.residual === null ? null : new PairFilter(spec.residual, context.inputs);
    this.#out = new JoinOutput([{ table: this.#left }, { table: this.#right }], context.inputs, "both", true, output);
  }

  open(): void {
    const now_ms = this.#context.world.clock.now_ms();
    for (const ttl of this.#ttl ?? []) ttl.touchAll(now_ms);
    this.#order.refresh();
    for (const row of this.#right.liveRows()) {
      const group = this.#right.groupOf(row);
      if (this.#right.firstOf(group) === row) this.#order.add(group, new Int32Array(0));
    }
    this.#join(this.#left.liveRows(), now_ms);
  }

  batch(batch: Batch, input: number): void {
    const now_ms = this.#context.world.clock.now_ms();
    this.tick(now_ms);
    if (input === 0) this.#changeLeft(batch, now_ms);
    else this.#changeRight(batch, now_ms);
    this.#out.flush();
  }

  watermark(watermark: Watermark): void {
    this.#downstream.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#downstream.idle(idle);
  }

  tick(now_ms: number): void {
    for (const ttl of this.#ttl ?? []) ttl.expire(now_ms);
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    return { deltas: [this.#left.takeDelta(checkpointId), this.#right.takeDelta(checkpointId)] };
  }

  restore(table: string, rows: Batch): void {
    (table === "left" ? this.#left : this.#right).restore(rows);
  }

  #ttlOf(ttl_ms: number | undefined): readonly [PartitionTtl, PartitionTtl] | null {
    if (ttl_ms === undefined) return null;
    const right = new PartitionTtl(ttl_ms, this.#right, (group) => this.#order.forget(group));
    return [new PartitionTtl(ttl_ms, this.#left, () => undefined), right];
  }

  #changeLeft(batch: Batch, now_ms: number): void {
    const { rows, weights, count } = this.#left.add(batch);
    const fresh = rows.subarray(0, count).filter((row, i) => this.#left.countOf(row) === weights[i]);
    this.#join(fresh, now_ms);
    for (let i = 0; i < count; i++) {
      const row = rows[i] as number;
      this.#ttl?.[0].touch(this.#left.groupOf(row), now_ms);
      this.#emit(row, this.#matches[row] as number, weights[i] as number);
    }
    if (this.#ttl === null || count === 0) return;
    const groups = this.#groupsOf(this.#right, this.#left, rows.subarray(0, count));
    for (let i = 0; i < count; i++) if ((groups[i] as number) >= 0) this.#ttl[1].touch(groups[i] as number, now_ms);
  }

  #changeRight(batch: Batch, now_ms: number): void {
    const changes = this.#changes;
    changes.take(this.#right.add(batch));
    this.#order.refresh();
    const nearest = this.#newNearest();
    this.#moved.clear();
    this.#before.clear();
    for (let k = 0; k < changes.groups; k++) {
      const group = changes.groupAt(k);
      const changed = changes.rowsAt(k);
      this.#order.changing(group, changed, changes);
      const gone = changed.filter((row) => changes.before(row) > 0 && changes.now(row) === 0);
      this.#order.settle(group, gone, (row) => changes.now(row) === 0);
      const left = this.#groupsOf(this.#left, this.#right, changed.subarray(0, 1))[0] as number;
      this.#ttl?.[1].touch(group, now_ms);
      if (left < 0) continue;
      this.#ttl?.[0].touch(left, now_ms);
      this.#move(left, nearest, this.#order.rowsOf(group));
    }
    this.#sendMoved(now_ms);
  }

  /** Notes the rows of a left group that have another neighbour now. */
  #move(group: number, nearest: Nearest, right: RowsInOrder): void {
    for (let row = this.#left.firstOf(group); row >= 0; row = this.#left.nextOf(row)) {
      const found = nearest.of(row, right);
      if (found === this.#nearest[row]) continue;
      this.#nearest[row] = found;
      this.#moved.push(row);
      this.#before.push(this.#matches[row] as number);
    }
  }

  #sendMoved(now_ms: number): void {
    const moved = this.#moved.values.subarray(0, this.#moved.length);
    this.#match(moved, now_ms);
    for (let i = 0; i < moved.length; i++) {
      const row = moved[i] as number;
      const before = this.#before.values[i] as number;
      const match = this.#matches[row] as number;
      if (match === before) continue;
      this.#emit(row, before, -this.#left.countOf(row));
      this.#emit(row, match, this.#left.countOf(row));
    }
  }

  /** Finds the right rows of left rows that have none yet. */
  #join(rows: Int32Array, now_ms: number): void {
    this.#nearest = grownInts(this.#nearest, this.#left.end);
    this.#matches = grownInts(this.#matches, this.#left.end);
    if (rows.length === 0) return;
    const groups = this.#groupsOf(this.#right, this.#left, rows);
    const nearest = this.#newNearest();
    let last = none;
    let right = noRows;
    for (let i = 0; i < rows.length; i++) {
      const group = groups[i] as number;
      if (group !== last) right = group < 0 ? noRows : this.#order.rowsOf(group);
      last = group;
      this.#nearest[rows[i] as number] = nearest.of(rows[i] as number, right);
    }
    this.#match(rows, now_ms);
  }

  /** The neighbours that meet the residual condition are matches. */
  #match(rows: Int32Array, now_ms: number): void {
    const left = rows.filter((row) => this.#nearest[row] !== none);
    const right = left.map((row) => this.#nearest[row] as number);
    const now_us = BigInt(Math.trunc(now_ms)) * 1_000n;
    const kept = this.#residual?.keep(this.#left.rows(), left, this.#right.rows(), right, left.length, now_us) ?? left.length;
    for (const row of rows) this.#matches[row] = none;
    for (let i = 0; i < kept; i++) this.#matches[left[i] as number] = right[i] as number;
  }

  #emit(row: number, match: number, weight: number): void {
    if (match !== none) this.#out.add(row, match, weight);
    else if (this.#spec.join === "left") this.#out.add(row, nullRow, weight);
  }

  #newNearest(): Nearest {
    const { comparison, leftTime, rightTime } = this.#spec;
    return new Nearest(comparison, this.#left.rows(), leftTime, this.#right, rightTime);
  }

  /** The groups in one table of rows of the other. */
  #groupsOf(table: RowTable, other: RowTable, rows: Int32Array): Int32Array {
    this.#groups = grownInts(this.#groups, rows.length);
    table.findGroupsOf(other, rows, rows.length, this.#spec.nullSafe, this.#groups);
    return this.#groups;
  }
}
