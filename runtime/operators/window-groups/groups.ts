import type { Batch, Column } from "../../contract/batch.ts";
import type { WindowGroupAggregateSpec } from "../../contract/job-graph.ts";
import type { Field, Schema } from "../../contract/types.ts";
import { StagedColumns } from "../../functions/aggregate/input.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { stageIntegers } from "../../kernels/stage-column.ts";
import { AggregateLayout, AggregateTable } from "../../state/aggregate-table.ts";
import { setStored, touchedRows } from "../../state/group-table.ts";
import { rowHeader_bytes } from "../../state/key-layout.ts";
import { windowTime_us } from "../window/geometry.ts";
import { groupFields } from "./layout.ts";
import { i64 } from "./windowed-rows.ts";

const count_bytes = 8;

/** The groups of the windows that end at one time. */
export interface OpenWindows {
  readonly end: bigint;
  readonly table: AggregateTable;
  /** Its results were shown at its end: from now on each change is. */
  closed: boolean;
}

/** Staged addresses of groups. */
export interface GroupRows {
  readonly rows: Pointer;
  readonly count: number;
}

/** The groups of a batch's rows of one window end. */
export interface TouchedWindows extends GroupRows {
  readonly windows: OpenWindows;
}

/** Groups per key and window, in one table per window end, so that what is over goes at once. */
export class WindowGroups {
  readonly layout: AggregateLayout;
  readonly #spec: WindowGroupAggregateSpec;
  readonly #byEnd = new Map<bigint, OpenWindows>();
  readonly #ordered: OpenWindows[] = [];
  /** Groups that lost their last row since the last snapshot. */
  readonly #empty = new Map<number, OpenWindows>();
  #stamp = 0;

  constructor(spec: WindowGroupAggregateSpec, input: Schema) {
    this.#spec = spec;
    const types = groupFields(spec, input).map((field: Field) => field.type);
    this.layout = new AggregateLayout(types, spec.aggregates, count_bytes);
  }

  /** By ascending end. */
  get ordered(): readonly OpenWindows[] {
    return this.#ordered;
  }

  /** A number that no row is stamped with. */
  nextStamp(): number {
    this.#stamp = (this.#stamp % 0xffff_ffff) + 1;
    return this.#stamp;
  }

  /** Addresses of the groups of each row, staged; new groups are made. And the same by window. */
  find(batch: Batch, starts: BigInt64Array, ends: BigInt64Array): ReturnType<WindowGroups["lookup"]> {
    const keys = this.#spec.keys.map((key) => batch.columns[key] as Column);
    return this.lookup([...keys, i64(starts), i64(ends)], ends, batch.rows, true);
  }

  lookup(
    keys: readonly Column[],
    ends: BigInt64Array,
    count: number,
    mark: boolean,
  ): { readonly rows: Pointer; readonly touched: readonly TouchedWindows[] } {
    const { staging } = kernels();
    const rows = staging.bytes(count * 4);
    const words = this.layout.keys.encode(keys, count);
    const touched: TouchedWindows[] = [];
    for (const [end, selected] of rowsByEnd(ends, count)) {
      const windows = this.#open(end);
      const selection = staging.bytes(selected.length * 4);
      kernels()
        .heap()
        .i32.set(selected, selection >>> 2);
      windows.table.lookup(words, { selection, first: 0, count: selected.length }, { insert: true, mark }, rows);
      const own = staging.bytes(selected.length * 4);
      const { u32 } = kernels().heap();
      selected.forEach((row, i) => {
        u32[(own >>> 2) + i] = u32[(rows >>> 2) + row] as number;
      });
      touched.push({ windows, rows: own, count: selected.length });
    }
    return { rows, touched };
  }

  /** Of these groups those not yet stamped, each once; staged. */
  fresh(rows: Pointer, count: number, stamp: number): GroupRows {
    const into = kernels().staging.bytes(count * 4);
    return { rows: into, count: touchedRows(rows, count, stamp, into) };
  }

  add(rows: Pointer, batch: Batch): void {
    const columns = new StagedColumns(batch.columns, batch.rows, batch.weights);
    this.layout.aggregates.add(rows, columns);
    kernels().run.addCount(rows, batch.rows, this.layout.extraOffset, 0, columns.weights);
  }

  /** Adds stored accumulators to the groups of restored rows. */
  merge(rows: Pointer, count: number, accumulators: readonly Column[], counts: Column): void {
    this.layout.aggregates.merge(rows, count, accumulators);
    kernels().run.addCounters(rows, count, this.layout.extraOffset, stageIntegers(counts, count));
    setStored(rows, count);
  }

  /** Groups without rows lose their accumulators: what is left of floats after taking rows back must not live on. */
  clearEmpty(touched: readonly TouchedWindows[]): void {
    for (const { windows, rows, count } of touched) {
      const { u32 } = kernels().heap();
      for (const row of new Set(u32.slice(rows >>> 2, (rows >>> 2) + count))) if (this.countOf(row) === 0n) this.#clear(row, windows);
    }
  }

  /** Groups that are still empty, by window, but for those to be kept; they are forgotten here and are the caller's to erase. */
  takeEmpty(kept: ReadonlySet<number>): ReadonlyMap<OpenWindows, readonly number[]> {
    const found = new Map<OpenWindows, number[]>();
    for (const [row, windows] of this.#empty) {
      if (kept.has(row)) continue;
      this.#empty.delete(row);
      if (this.countOf(row) !== 0n) continue;
      const rows = found.get(windows) ?? [];
      rows.push(row);
      found.set(windows, rows);
    }
    return found;
  }

  countOf(row: number): bigint {
    return kernels().heap().i64[(row + this.layout.extraOffset) >>> 3] as bigint;
  }

  /** Of these groups, those that have rows; staged. */
  live(rows: Pointer, count: number): GroupRows {
    const into = kernels().staging.bytes(count * 4);
    return { rows: into, count: kernels().run.rowsPositive(rows, count, this.layout.extraOffset, into) };
  }

  /** Columns of the output: keys, results, the window columns asked for. */
  results(rows: Pointer, count: number): readonly Column[] {
    return this.arrange(this.layout.keys.decode(rows, count), this.layout.aggregates.finish(rows, count));
  }

  arrange(group: readonly Column[], results: readonly Column[]): readonly Column[] {
    const keys = this.#spec.keys.length;
    const [start, end] = group.slice(keys) as [Column, Column];
    const columns = { window_start: () => start, window_end: () => end, window_time: () => windowTimes(end) };
    return [...group.slice(0, keys), ...results, ...this.#spec.windowColumns.map((name) => columns[name]())];
  }

  /** Forgets windows; their table is the caller's to free. */
  remove(windows: OpenWindows): void {
    for (const [row, of] of this.#empty) if (of === windows) this.#empty.delete(row);
    this.#byEnd.delete(windows.end);
    this.#ordered.splice(this.#ordered.indexOf(windows), 1);
  }

  free(): void {
    for (const { table } of this.#ordered) table.free();
    this.layout.free();
  }

  #open(end: bigint): OpenWindows {
    const known = this.#byEnd.get(end);
    if (known !== undefined) return known;
    const windows: OpenWindows = { end, table: new AggregateTable(this.layout), closed: false };
    this.#byEnd.set(end, windows);
    let at = this.#ordered.length;
    while (at > 0 && (this.#ordered[at - 1] as OpenWindows).end > end) at--;
    this.#ordered.splice(at, 0, windows);
    return windows;
  }

  #clear(row: number, windows: OpenWindows): void {
    const { keys, aggregates, extraOffset } = this.layout;
    const one = kernels().staging.bytes(4);
    kernels().heap().u32[one >>> 2] = row;
    aggregates.release(one, 1);
    kernels()
      .heap()
      .u8.fill(0, row + rowHeader_bytes + 8 * keys.keyWords, row + extraOffset);
    this.#empty.set(row, windows);
  }
}

function rowsByEnd(ends: BigInt64Array, count: number): ReadonlyMap<bigint, number[]> {
  const found = new Map<bigint, number[]>();
  let last: number[] = [];
  for (let row = 0; row < count; row++) {
    const end = ends[row] as bigint;
    if (row === 0 || end !== ends[row - 1]) {
      last = found.get(end) ?? [];
      found.set(end, last);
    }
    last.push(row);
  }
  return found;
}

const windowTimes = (end: Column): Column =>
  i64((end as Extract<Column, { phys: "i64" }>).values.map((value) => BigInt.asIntN(64, value - windowTime_us)));
