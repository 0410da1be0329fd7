import type { Batch, Column } from "../../contract/batch.ts";
import type { WindowAggregateSpec } from "../../contract/job-graph.ts";
import type { OperatorContext, StateDelta, StateTableSpec, Watermark } from "../../contract/operator.ts";
import { watermark_min } from "../../contract/operator.ts";
import { batchOf } from "../../contract/rows.ts";
import { integer, type Schema, timestamp } from "../../contract/types.ts";
import { kernels } from "../../kernels/kernels.ts";
import { GroupTable, staged, storedRows } from "../../state/group-table.ts";
import { KeyLayout } from "../../state/key-layout.ts";
import { accumulatorOutput } from "./columns.ts";
import { accumulatorColumns, keyFields, type SliceLayout } from "./layout.ts";
import type { AccumulatorBatch } from "./slice-feed.ts";
import type { Slice, Slices } from "./slices.ts";

const slicesTable = "slices";
const watermarkTable = "watermark";

/** State of the phases that fire: groups of open slices, and the watermark that the firing has come to. */
export function windowStateTables(spec: WindowAggregateSpec, input: Schema): readonly StateTableSpec[] {
  if (spec.phase === "local") return [];
  const keys = keyFields(spec, input);
  return [
    {
      name: slicesTable,
      version: 1,
      columns: [{ name: "slice_end", type: timestamp }, ...keys, ...accumulatorColumns(spec)],
      keyColumns: 1 + keys.length,
      redistribution: { kind: "keyed", distribution: spec.keys.map((_, i) => 1 + i) },
    },
    {
      name: watermarkTable,
      version: 1,
      columns: [
        { name: "subtask", type: integer },
        { name: "watermark", type: timestamp },
      ],
      keyColumns: 1,
      redistribution: { kind: "union" },
    },
  ];
}

/** Makes the deltas of the state tables and reads them back. */
export class WindowCheckpoint {
  private readonly context: OperatorContext;
  private readonly layout: SliceLayout;
  private readonly accumulators: ReturnType<typeof accumulatorOutput>;
  private readonly watermarkSchema: Schema;
  /** Keys of stored groups whose slices have closed since the last snapshot. */
  private readonly closedKeys: KeyLayout;
  private closed: GroupTable | null = null;
  private storedWatermark: Watermark = watermark_min;
  /** Up to where windows had fired in the restored checkpoint. */
  restoredWatermark: Watermark | null = null;
  /** Subtasks that a restored checkpoint knew and this parallelism does not have. */
  private goneSubtasks: number[] = [];

  constructor(spec: WindowAggregateSpec, context: OperatorContext, input: Schema, layout: SliceLayout) {
    this.context = context;
    this.layout = layout;
    this.accumulators = accumulatorOutput(layout);
    this.closedKeys = new KeyLayout([timestamp, ...layout.keys.types]);
    this.watermarkSchema = { columns: windowStateTables(spec, input)[1]?.columns ?? [] };
  }

  /** Call before a slice's table is freed. */
  close(slice: Slice): void {
    staged(() => {
      const { rows, count } = slice.table.allRows();
      const stored = storedRows(rows, count, rows);
      if (stored === 0) return;
      this.closed ??= new GroupTable(this.closedKeys, 0);
      const ends = new BigInt64Array(stored).fill(slice.end);
      const keys = [{ phys: "i64", values: ends, validity: null } as const, ...this.layout.keys.decode(rows, stored)];
      this.closed.find(keys, stored, { insert: true, mark: false });
    });
  }

  snapshot(slices: Slices, watermark: Watermark): readonly StateDelta[] {
    return staged(() => {
      const deltas: StateDelta[] = [];
      const puts = this.changedGroups(slices);
      const deletes = this.closedGroups();
      if (puts !== null || deletes !== null) deltas.push({ table: slicesTable, puts, deletes });
      const progress = this.progress(watermark);
      return progress === null ? deltas : [...deltas, progress];
    });
  }

  /** Takes in a restored batch; the parts of one of `slices` are for the caller to add, of `watermark` the least row counts. */
  restore(table: string, rows: Batch): AccumulatorBatch | null {
    if (table === watermarkTable) {
      this.restoreWatermark(rows);
      return null;
    }
    const keys = 1 + this.layout.keys.types.length;
    return {
      rows: rows.rows,
      sliceEnds: rows.columns[0] as Column,
      keys: rows.columns.slice(1, keys),
      accumulators: rows.columns.slice(keys, -1),
      rowCounts: rows.columns.at(-1) as Column,
    };
  }

  free(): void {
    this.closed?.free();
    this.closedKeys.free();
  }

  // All subtasks have the same watermark at an aligned barrier, as every channel brought the same ones: the least is none's loss.
  private restoreWatermark(rows: Batch): void {
    const [subtasks, watermarks] = rows.columns;
    if (subtasks?.phys !== "i32" || watermarks?.phys !== "i64") throw new Error("invariant: the watermark table is (subtask, watermark)");
    for (let i = 0; i < rows.rows; i++) {
      const subtask = subtasks.values[i] as number;
      const watermark = watermarks.values[i] as bigint;
      if (this.restoredWatermark === null || watermark < this.restoredWatermark) this.restoredWatermark = watermark;
      if (subtask >= this.context.parallelism && this.context.subtaskIndex === 0) this.goneSubtasks.push(subtask);
    }
  }

  private changedGroups(slices: Slices): Batch | null {
    const capacity = slices.ordered.reduce((sum, slice) => sum + slice.table.dirtyCount, 0);
    if (capacity === 0) return null;
    const rows = kernels().staging.bytes(capacity * 4);
    const ends = new BigInt64Array(capacity);
    let count = 0;
    for (const slice of slices.ordered) {
      const taken = slice.table.takeDirty(rows + count * 4);
      ends.fill(slice.end, count, count + taken);
      count += taken;
    }
    const columns = [{ phys: "i64", values: ends, validity: null } as const, ...this.layout.keys.decode(rows, count)];
    return { rows: count, columns: [...columns, ...this.accumulators(rows, count)], weights: null };
  }

  private closedGroups(): Batch | null {
    if (this.closed === null) return null;
    const { rows, count } = this.closed.allRows();
    const columns = this.closed.keyColumns(rows, count);
    this.closed.free();
    this.closed = null;
    return { rows: count, columns, weights: null };
  }

  private progress(watermark: Watermark): StateDelta | null {
    const gone = this.goneSubtasks.splice(0);
    if (watermark === this.storedWatermark && gone.length === 0) return null;
    this.storedWatermark = watermark;
    const puts = batchOf(this.watermarkSchema, [[this.context.subtaskIndex, watermark]]);
    const deletes =
      gone.length === 0
        ? null
        : batchOf(
            { columns: this.watermarkSchema.columns.slice(0, 1) },
            gone.map((subtask) => [subtask]),
          );
    return { table: watermarkTable, puts, deletes };
  }
}
