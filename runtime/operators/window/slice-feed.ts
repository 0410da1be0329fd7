import type { Batch, Column } from "../../contract/batch.ts";
import type { WindowAggregateSpec } from "../../contract/job-graph.ts";
import { StagedColumns } from "../../functions/aggregate/input.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { stageIntegers } from "../../kernels/stage-column.ts";
import { staged } from "../../state/group-table.ts";
import type { WindowGeometry } from "./geometry.ts";
import type { SliceLayout } from "./layout.ts";
import { routeSlices, type SliceRows } from "./slice-router.ts";
import type { Slices } from "./slices.ts";
import { TrashRow } from "./trash-row.ts";

/** Decides about the rows of one slice: true if they are late and must not be added. */
export type IsLate = (rows: SliceRows) => boolean;

/** Adds batches to open slices: input rows, or accumulators that local phases (and checkpoints) hold. */
export class SliceFeed {
  private readonly spec: WindowAggregateSpec;
  private readonly geometry: WindowGeometry;
  private readonly layout: SliceLayout;
  private readonly slices: Slices;
  private readonly trash: TrashRow;

  constructor(spec: WindowAggregateSpec, geometry: WindowGeometry, layout: SliceLayout, slices: Slices) {
    this.spec = spec;
    this.geometry = geometry;
    this.layout = layout;
    this.slices = slices;
    this.trash = new TrashRow(layout);
  }

  /** Rows of the operator's input, phases single and local. `mark`: the groups count as changed for the next checkpoint. */
  addRows(batch: Batch, isLate: IsLate, mark: boolean): void {
    staged(() => {
      const columns = new StagedColumns(batch.columns, batch.rows, batch.weights);
      const routed = routeSlices(columns.integers(this.spec.timeColumn), batch.rows, this.geometry);
      const rows = this.lookup(this.keysOf(batch), batch.rows, routed, isLate, mark);
      this.layout.aggregates.add(rows, columns);
      this.layout.countRows(rows, batch.rows, columns.weights);
    });
  }

  /**
   * Accumulators of groups. `isLate` also gets the staged row counts (i64). `mark`: the groups count as changed; else as stored.
   */
  addAccumulators(parts: AccumulatorBatch, isLate: (rows: SliceRows, counts: Pointer) => boolean, mark: boolean): void {
    staged(() => {
      const ends = stageIntegers(parts.sliceEnds, parts.rows);
      const counts = stageIntegers(parts.rowCounts, parts.rows);
      const routed = routeSlices(ends, parts.rows, { ...this.geometry, sliceSize_us: 0n });
      const rows = this.lookup(parts.keys, parts.rows, routed, (late) => isLate(late, counts), mark);
      this.layout.aggregates.merge(rows, parts.rows, parts.accumulators);
      this.layout.addRowCounts(rows, parts.rows, counts);
      if (!mark) kernels().run.rowsSetStored(rows, parts.rows);
    });
  }

  free(): void {
    this.trash.free();
  }

  private keysOf(batch: Batch): readonly Column[] {
    const keys = this.spec.keys.map((key) => batch.columns[key] as Column);
    return this.spec.window.kind === "attached" ? [...keys, batch.columns[this.spec.window.startColumn] as Column] : keys;
  }

  private lookup(keys: readonly Column[], count: number, routed: readonly SliceRows[], isLate: IsLate, mark: boolean): Pointer {
    const rows = kernels().staging.bytes(count * 4);
    const words = this.layout.keys.encode(keys, count);
    for (const part of routed) {
      if (isLate(part)) this.trash.take(rows, part);
      else this.slices.open(part.sliceEnd).table.lookup(words, part, { insert: true, mark }, rows);
    }
    return rows;
  }
}

export interface AccumulatorBatch {
  readonly rows: number;
  readonly keys: readonly Column[];
  readonly sliceEnds: Column;
  readonly accumulators: readonly Column[];
  readonly rowCounts: Column;
}
