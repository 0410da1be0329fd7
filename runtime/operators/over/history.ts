import type { Batch, I64Column } from "../../contract/batch.ts";
import type { EventTimeOverSpec } from "../../contract/job-graph.ts";
import type { StateDelta, StateTableSpec } from "../../contract/operator.ts";
import { keepsNothing, type Retention, retentionOf } from "../../contract/over-retention.ts";
import type { Schema } from "../../contract/types.ts";
import { GroupedChanges } from "../../state/grouped-changes.ts";
import { PartitionOrder, type RowsInOrder } from "../../state/partition-order.ts";
import { RowTable, type RowTableOptions, rowTableSpec } from "../../state/row-table.ts";
import { TimerHeap } from "../../state/timer-heap.ts";

export const historyTable = "answered";

const tableOf = (spec: EventTimeOverSpec, schema: Schema): RowTableOptions => ({
  name: historyTable,
  schema,
  keys: spec.partition,
  changelog: false,
});

export const historyTables = (spec: EventTimeOverSpec, schema: Schema): readonly StateTableSpec[] =>
  keepsNothing(retentionOf(spec.calls)) ? [] : [rowTableSpec(tableOf(spec, schema), spec.partition)];

/** Rows that were answered and that frames of later ones reach. */
export class History {
  readonly #spec: EventTimeOverSpec;
  readonly #retention: Retention;
  readonly #table: RowTable;
  readonly #order: PartitionOrder;
  readonly #changes: GroupedChanges;
  /** Rows by the time from which no frame reaches them, where time alone says so. */
  readonly #expiring: TimerHeap | null;

  constructor(spec: EventTimeOverSpec, schema: Schema, subtask: number) {
    this.#spec = spec;
    this.#retention = retentionOf(spec.calls);
    this.#table = new RowTable(tableOf(spec, schema), subtask);
    this.#order = new PartitionOrder(this.#table, spec.order, schema.columns.length);
    this.#changes = new GroupedChanges(this.#table);
    const { rows, all } = this.#retention;
    this.#expiring = rows === 0 && !all ? new TimerHeap() : null;
  }

  get rows(): Batch {
    return this.#table.rows();
  }

  /** After a restore. */
  open(): void {
    this.#order.refresh();
    const times = this.#times();
    for (const row of this.#table.liveRows()) this.#expiring?.push(times[row] as bigint, row);
  }

  /** Writes the group of each row's partition, -1 where there is none. */
  findGroups(other: RowTable, rows: Int32Array, into: Int32Array): void {
    const { partition } = this.#spec;
    this.#table.findGroupsOf(
      other,
      rows,
      rows.length,
      partition.map(() => true),
      into,
    );
  }

  rowsOf(group: number): RowsInOrder {
    return group < 0 ? { rows: new Int32Array(0), length: 0 } : this.#order.rowsOf(group);
  }

  /**
   * Of a partition's rows, its own ones and then the new ones, those at the end stay. `times` are of both, in order. Returns how many of
   * the new ones are to be added by `add`.
   */
  retain(group: number, own: Int32Array, times: BigInt64Array, watermark: bigint): number {
    const { all, rows, span_us } = this.#retention;
    if (all) return times.length - own.length;
    let from = times.length;
    while (from > 0 && (times.length - from < rows || (span_us > 0n && (times[from - 1] as bigint) >= watermark - span_us))) from--;
    const gone = own.subarray(0, Math.min(from, own.length));
    for (const row of gone) this.#table.remove(row);
    if (group >= 0) this.#order.drop(group, gone, (row) => this.#table.countOf(row) === 0);
    return times.length - Math.max(from, own.length);
  }

  add(batch: Batch): void {
    this.#changes.take(this.#table.add(batch));
    this.#order.refresh();
    const times = this.#times();
    for (let k = 0; k < this.#changes.groups; k++) {
      const added = this.#changes.rowsAt(k);
      this.#order.changing(this.#changes.groupAt(k), added, this.#changes);
      this.#order.settle(this.#changes.groupAt(k), new Int32Array(0), () => false);
      for (const row of added) this.#expiring?.push(times[row] as bigint, row);
    }
  }

  /** Drops rows that no frame behind the watermark reaches. */
  expire(watermark: bigint): void {
    const until = watermark - this.#retention.span_us;
    const times = this.#times();
    if (this.#expiring === null) return;
    for (let time = this.#expiring.first; time !== null && time < until; time = this.#expiring.first) {
      const row = this.#expiring.pop();
      if (this.#table.countOf(row) === 0 || (times[row] as bigint) >= until) continue;
      const gone = Int32Array.of(row);
      const group = this.#table.groupOf(row);
      this.#table.remove(row);
      this.#order.drop(group, gone, (r) => r === row);
    }
  }

  takeDelta(checkpoint: number): StateDelta {
    return this.#table.takeDelta(checkpoint);
  }

  restore(rows: Batch): void {
    this.#table.restore(rows);
  }

  #times(): BigInt64Array {
    return (this.#table.rows().columns[this.#spec.timeColumn] as I64Column).values;
  }
}
