import type { Batch, I64Column } from "../contract/batch.ts";
import type { WindowRankSpec } from "../contract/job-graph.ts";
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
import { gatherBatch } from "../expr/gather.ts";
import { GroupedChanges } from "../state/grouped-changes.ts";
import { IntList } from "../state/int-list.ts";
import { PartitionOrder } from "../state/partition-order.ts";
import { RowTable, type RowTableOptions, rowTableSpec } from "../state/row-table.ts";
import { StoredWatermark, watermarkTable } from "./progress.ts";
import { RankOutput } from "./rank/rank-output.ts";
import { RankCounter, rankRows } from "./rank/rank-scan.ts";
import { windowTime_us } from "./window/geometry.ts";

const tableOf = (spec: WindowRankSpec, schema: Schema): RowTableOptions => ({
  name: "rows",
  schema,
  keys: spec.partition,
  changelog: false,
});

export const windowRank: OperatorDefinition<WindowRankSpec> = {
  op: "windowRank",
  doc: "Emits the rows of certain ranks of each window and partition once, when the watermark passes the window.",
  stateTables: (spec, [input]) => [rowTableSpec(tableOf(spec, input as Schema), spec.partition), watermarkTable],
  create: (spec, context, output) => new WindowRank(spec, context, output),
};

/** Keeps of each partition the rows up to the last rank asked for. */
class WindowRank implements Operator {
  readonly #context: OperatorContext;
  readonly #output: Output;
  readonly #windowEnd: number;
  readonly #table: RowTable;
  readonly #order: PartitionOrder;
  readonly #changes: GroupedChanges;
  readonly #ranked: RankOutput;
  readonly #counter: RankCounter;
  readonly #evicted = new IntList();
  /** The partitions of each window that has not fired. */
  readonly #windows = new Map<bigint, Set<number>>();
  readonly #stored: StoredWatermark;
  #watermark: Watermark = watermark_min;

  constructor(spec: WindowRankSpec, context: OperatorContext, output: Output) {
    const schema = context.inputs[0] as Schema;
    this.#context = context;
    this.#output = output;
    this.#windowEnd = spec.windowEnd;
    this.#table = new RowTable(tableOf(spec, schema), context.subtaskIndex);
    this.#order = new PartitionOrder(this.#table, spec.order, schema.columns.length);
    this.#changes = new GroupedChanges(this.#table);
    this.#ranked = new RankOutput(schema, spec.withRank, output);
    this.#counter = new RankCounter(spec);
    this.#stored = new StoredWatermark(context);
  }

  /** After a restore the order of the rows is made anew. */
  open(): void {
    this.#order.refresh();
    for (const row of this.#table.liveRows()) this.#enter(this.#table.groupOf(row));
  }

  batch(batch: Batch): void {
    const timely = this.#withoutLate(batch);
    if (timely.rows === 0) return;
    const changes = this.#changes;
    changes.take(this.#table.add(timely));
    this.#order.refresh();
    for (let k = 0; k < changes.groups; k++) {
      const group = changes.groupAt(k);
      this.#enter(group);
      this.#evict(group, changes.rowsAt(k));
    }
  }

  watermark(watermark: Watermark): void {
    if (watermark > this.#watermark) this.#watermark = watermark;
    const due = [...this.#windows.keys()].filter((end) => end - windowTime_us <= watermark);
    for (const end of due.sort((a, b) => (a < b ? -1 : 1))) this.#fire(end);
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
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
    const ends = this.#table.rows().columns[this.#windowEnd] as I64Column;
    const end = ends.values[this.#table.firstOf(group)] as bigint;
    const groups = this.#windows.get(end);
    if (groups === undefined) this.#windows.set(end, new Set([group]));
    else groups.add(group);
  }

  #evict(group: number, changed: Int32Array): void {
    const rows = this.#order.changing(group, changed, this.#changes);
    this.#evicted.clear();
    rankRows(
      rows,
      this.#counter,
      this.#order.isPeer,
      () => undefined,
      (row) => this.#evicted.push(row),
    );
    const evicted = this.#evicted.values.subarray(0, this.#evicted.length);
    for (const row of evicted) this.#table.remove(row);
    this.#order.settle(group, evicted, (row) => this.#table.countOf(row) === 0);
  }

  #fire(end: bigint): void {
    for (const group of this.#windows.get(end) ?? []) {
      const { rows, length } = this.#order.rowsOf(group);
      const fired = rows.slice(0, length);
      rankRows(
        { rows: fired, length },
        this.#counter,
        this.#order.isPeer,
        (row, rank) => this.#ranked.add(row, rank, 1),
        () => undefined,
      );
      for (const row of fired) this.#table.remove(row);
      this.#order.settle(group, fired, () => true);
    }
    this.#windows.delete(end);
    this.#ranked.flushAppended(this.#table.rows());
    this.#context.metrics.add("numWindowsFired", 1);
  }

  #withoutLate(batch: Batch): Batch {
    const ends = batch.columns[this.#windowEnd] as I64Column;
    const timely = new IntList();
    for (let i = 0; i < batch.rows; i++) if ((ends.values[i] as bigint) - windowTime_us > this.#watermark) timely.push(i);
    const late = batch.rows - timely.length;
    if (late === 0) return batch;
    this.#context.metrics.add("numLateRecordsDropped", late);
    return gatherBatch(batch, timely.values, timely.length);
  }
}
