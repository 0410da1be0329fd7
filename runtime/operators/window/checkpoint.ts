import type { Batch, Column } from "../../contract/batch.ts";
import type { WindowAggregateSpec } from "../../contract/job-graph.ts";
import type { OperatorContext, StateDelta, StateTableSpec, Watermark } from "../../contract/operator.ts";
import { type Schema, timestamp } from "../../contract/types.ts";
import { emptyAccumulators } from "../../functions/aggregate/registry.ts";
import type { Pointer } from "../../kernels/kernels.ts";
import { FrozenGroups, type FrozenRun } from "../../state/frozen-groups.ts";
import { GoneKeys } from "../../state/gone-keys.ts";
import { staged } from "../../state/group-table.ts";
import { StoredWatermark, watermarkTable } from "../progress.ts";
import { accumulatorOutput } from "./columns.ts";
import { accumulatorColumns, keyFields, type SliceLayout } from "./layout.ts";
import type { AccumulatorBatch } from "./slice-feed.ts";
import type { Slice, Slices } from "./slices.ts";

const slicesTable = "slices";

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
      defaults: [undefined, ...keys.map(() => undefined), ...emptyAccumulators(spec.aggregates)],
      redistribution: { kind: "keyed", distribution: spec.keys.map((_, i) => 1 + i) },
    },
    watermarkTable,
  ];
}

/** Makes the deltas of the state tables and reads them back. */
export class WindowCheckpoint {
  private readonly layout: SliceLayout;
  private readonly accumulators: ReturnType<typeof accumulatorOutput>;
  /** Keys of stored groups whose slices have closed: none of them comes back. */
  private readonly closed: GoneKeys;
  private readonly stored: StoredWatermark;
  /** Up to where windows had fired in the restored checkpoint. */
  restoredWatermark: Watermark | null = null;

  constructor(context: OperatorContext, layout: SliceLayout) {
    this.layout = layout;
    this.accumulators = accumulatorOutput(layout);
    this.closed = new GoneKeys([timestamp, ...layout.keys.types]);
    this.stored = new StoredWatermark(context);
  }

  /** Call before a slice's table is freed. */
  close(slice: Slice): void {
    staged(() => {
      const { rows, count } = slice.table.allRows();
      const stored = slice.table.storedRows(rows, count, rows);
      if (stored === 0) return;
      const ends = new BigInt64Array(stored).fill(slice.end);
      const keys = [{ phys: "i64", values: ends, validity: null } as const, ...this.layout.keys.decode(rows, stored)];
      this.closed.add(keys, stored);
    });
  }

  snapshot(slices: Slices, watermark: Watermark): readonly StateDelta[] {
    return staged(() => {
      const deltas: StateDelta[] = [];
      const rest = this.changedGroups(slices);
      const deletes = this.closed.take(() => null);
      if (rest !== null || deletes !== null) deltas.push({ table: slicesTable, puts: null, deletes, rest });
      const progress = this.stored.delta(watermark);
      return progress === null ? deltas : [...deltas, progress];
    });
  }

  /** Takes in a restored batch; the parts of one of `slices` are for the caller to add, of `watermark` the least row counts. */
  restore(table: string, rows: Batch): AccumulatorBatch | null {
    if (table === watermarkTable.name) {
      this.restoredWatermark = this.stored.restore(rows);
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
    this.closed.free();
  }

  private changedGroups(slices: Slices): FrozenGroups<bigint> | null {
    const tables = slices.ordered.map(({ table, end }) => ({ table, tag: end }));
    return FrozenGroups.of(tables, (rows, count, runs) => this.groupRows(rows, count, runs));
  }

  private groupRows(rows: Pointer, count: number, runs: readonly FrozenRun<bigint>[]): Batch {
    const ends = new BigInt64Array(count);
    let at = 0;
    for (const run of runs) ends.fill(run.tag, at, (at += run.rows));
    const columns = [{ phys: "i64", values: ends, validity: null } as const, ...this.layout.keys.decode(rows, count)];
    return { rows: count, columns: [...columns, ...this.accumulators(rows, count)], weights: null };
  }
}
