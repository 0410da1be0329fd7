import { kernels, type Pointer } from "../../kernels/kernels.ts";
import type { SliceRows } from "./slice-router.ts";
import type { SliceLayout } from "./layout.ts";

/** A row of no table that takes what late rows would add, so that the aggregates' passes need no mask for them. */
export class TrashRow {
  private readonly layout: SliceLayout;
  private readonly row: Pointer;

  constructor(layout: SliceLayout) {
    this.layout = layout;
    this.row = kernels().run.allocate(layout.row_bytes) >>> 0;
    this.clear();
  }

  /** Sends the slice's rows of a batch here; gives up what earlier ones left. */
  take(rows: Pointer, late: SliceRows): void {
    this.empty();
    const { u32 } = kernels().heap();
    const at = rows >>> 2;
    if (late.selection === 0) u32.fill(this.row, at + late.first, at + late.first + late.count);
    else for (let i = 0; i < late.count; i++) u32[at + (u32[(late.selection >>> 2) + i] as number)] = this.row;
  }

  free(): void {
    kernels().run.free(this.row, this.layout.row_bytes);
  }

  private empty(): void {
    const { staging, heap } = kernels();
    const mark = staging.mark();
    const rows = staging.bytes(4);
    heap().u32[rows >>> 2] = this.row;
    this.layout.aggregates.release(rows, 1);
    staging.release(mark);
    this.clear();
  }

  private clear(): void {
    kernels()
      .heap()
      .u8.fill(0, this.row, this.row + this.layout.row_bytes);
  }
}
