import type { Batch, I64Column } from "../contract/batch.ts";
import { type OperatorContext, type OperatorSnapshot, type StateTableSpec, type Watermark, watermark_min } from "../contract/operator.ts";
import type { SortKey } from "../contract/ordering.ts";
import type { Schema } from "../contract/types.ts";
import { gatherBatch } from "../expr/gather.ts";
import { GroupedChanges } from "../state/grouped-changes.ts";
import { IntList } from "../state/int-list.ts";
import { PartitionOrder, type RowsInOrder } from "../state/partition-order.ts";
import { RowTable } from "../state/row-table.ts";
import { type RowTableOptions, rowTableSpec } from "../state/row-table-spec.ts";
import type { CompareRows } from "../state/value-order.ts";
import { StoredWatermark, watermarkTable } from "./progress.ts";
import { windowTime_us } from "./window/geometry.ts";

/** How rows that carry their windows are partitioned and sorted. */
export interface WindowPartitioning {
  readonly partition: readonly number[];
  readonly order: readonly SortKey[];
  /** The window_end column; always among `partition`. */
  readonly windowEnd: number;
}

const tableOf = ({ partition }: WindowPartitioning, schema: Schema): RowTableOptions => ({
  name: "rows",
  schema,
  keys: partition,
  changelog: false,
});

export const windowPartitionTables = (spec: WindowPartitioning, schema: Schema): readonly StateTableSpec[] => [
  rowTableSpec(tableOf(spec, schema), spec.partition),
  watermarkTable,
];

/** Append-only rows by partition, each of one window, until the watermark passes the window. Rows that come then are dropped and counted. */
export class WindowPartitions {
  readonly #spec: WindowPartitioning;
  readonly #context: OperatorContext;
  readonly #table: RowTable;
  readonly #order: PartitionOrder;
  readonly #changes: GroupedChanges;
  /** The partitions of each window that has not fired. */
  readonly #windows = new Map<bigint, Set<number>>();
  readonly #stored: StoredWatermark;
  #watermark: Watermark = watermark_min;

  constructor(spec: WindowPartitioning, context: OperatorContext) {
    const schema = context.inputs[0] as Schema;
    this.#spec = spec;
    this.#context = context;
    this.#table = new RowTable(tableOf(spec, schema), context.subtaskIndex);
    this.#order = new PartitionOrder(this.#table, spec.order, schema.columns.length);
    this.#changes = new GroupedChanges(this.#table);
    this.#stored = new StoredWatermark(context);
  }

  /** The columns of the rows, by row number; rows of a window that fired are there until more rows come. */
  get rows(): Batch {
    return this.#table.rows();
  }

  get isPeer(): CompareRows {
    return this.#order.isPeer;
  }

  /** After a restore the order of the rows is made anew. */
  open(): void {
    this.#order.refresh();
    for (const row of this.#table.liveRows()) this.#enter(this.#table.groupOf(row));
  }

  /** `touched` may say which of a partition's rows are not needed any more. */
  add(batch: Batch, touched: ((rows: RowsInOrder) => Int32Array) | null): void {
    const timely = this.#withoutLate(batch);
    if (timely.rows === 0) return;
    const changes = this.#changes;
    changes.take(this.#table.add(timely));
    this.#order.refresh();
    for (let k = 0; k < changes.groups; k++) {
      const group = changes.groupAt(k);
      this.#enter(group);
      if (touched !== null) this.#evict(group, touched(this.#order.changing(group, changes.rowsAt(k), changes)));
    }
  }

  /** Hands over the partitions of every window that the watermark has passed, in order, then `fired`; and forgets them. */
  fire(watermark: Watermark, partition: (rows: RowsInOrder) => void, fired: () => void): void {
    if (watermark > this.#watermark) this.#watermark = watermark;
    const due = [...this.#windows.keys()].filter((end) => end - windowTime_us <= watermark);
    for (const end of due.sort((a, b) => (a < b ? -1 : 1))) {
      for (const group of this.#windows.get(end) ?? []) this.#handOver(group, partition);
      this.#windows.delete(end);
      fired();
      this.#context.metrics.add("numWindowsFired", 1);
    }
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    const rows = this.#table.takeDelta(checkpointId);
    const progress = this.#stored.delta(this.#watermark);
    return { deltas: progress === null ? [rows] : [rows, progress] };
  }

  restore(table: string, rows: Batch): void {
    if (table === watermarkTable.name) this.#watermark = this.#stored.restore(rows);
    else this.#table.restore(rows);
  }

  #enter(group: number): void {
    const ends = this.#table.rows().columns[this.#spec.windowEnd] as I64Column;
    const end = ends.values[this.#table.firstOf(group)] as bigint;
    const groups = this.#windows.get(end);
    if (groups === undefined) this.#windows.set(end, new Set([group]));
    else groups.add(group);
  }

  #evict(group: number, evicted: Int32Array): void {
    for (const row of evicted) this.#table.remove(row);
    this.#order.settle(group, evicted, (row) => this.#table.countOf(row) === 0);
  }

  #handOver(group: number, partition: (rows: RowsInOrder) => void): void {
    const { rows, length } = this.#order.rowsOf(group);
    const all = rows.slice(0, length);
    partition({ rows: all, length });
    for (const row of all) this.#table.remove(row);
    this.#order.drop(group, all, () => true);
  }

  #withoutLate(batch: Batch): Batch {
    const ends = batch.columns[this.#spec.windowEnd] as I64Column;
    const timely = new IntList();
    for (let i = 0; i < batch.rows; i++) if ((ends.values[i] as bigint) - windowTime_us > this.#watermark) timely.push(i);
    const late = batch.rows - timely.length;
    if (late === 0) return batch;
    this.#context.metrics.add("numLateRecordsDropped", late);
    return gatherBatch(batch, timely.values, timely.length);
  }
}
