import { kernels, type Pointer } from "../../kernels/kernels.ts";
import type { RowSelection } from "../../state/group-table.ts";
import type { WindowGeometry } from "./geometry.ts";

/** Beyond this many runs a batch is sorted by slice: rows out of order would make a lookup call of every few rows. */
const runs_max = 32;

/** The rows of one slice in a batch. */
export interface SliceRows extends RowSelection {
  readonly sliceEnd: bigint;
}

/** Splits a batch's rows by slice: stretches of rows for rows in time order, else row numbers. Everything is staged. */
export function routeSlices(times: Pointer, rows: number, geometry: WindowGeometry): readonly SliceRows[] {
  const { run, staging, heap } = kernels();
  const ends = staging.bytes(rows * 8);
  const from = staging.bytes((rows + 1) * 4);
  const runs = run.sliceRuns(times, rows, geometry.sliceSize_us, geometry.offset_us, ends, from);
  if (runs > runs_max) return sortedSlices(ends, from, runs, rows);
  const { i64, u32 } = heap();
  return Array.from({ length: runs }, (_, r) => {
    const first = u32[(from >>> 2) + r] as number;
    const end = r + 1 < runs ? (u32[(from >>> 2) + r + 1] as number) : rows;
    return { sliceEnd: i64[(ends >>> 3) + r] as bigint, selection: 0, first, count: end - first };
  });
}

function sortedSlices(ends: Pointer, from: Pointer, runs: number, rows: number): readonly SliceRows[] {
  const { run, staging, heap } = kernels();
  const slots = 2 ** Math.ceil(Math.log2(2 * runs));
  const slotsAt = cleared(slots * 4);
  const numbers = staging.bytes(runs * 4);
  const distinct = staging.bytes(runs * 8);
  const count = run.numberSlices(ends, runs, slotsAt, slots - 1, numbers, distinct);
  const starts = cleared((count + 1) * 4);
  const selection = staging.bytes(rows * 4);
  run.selectSlices(from, numbers, runs, rows, count, starts, selection);
  const { i64, u32 } = heap();
  return Array.from({ length: count }, (_, s) => {
    const first = u32[(starts >>> 2) + s] as number;
    const sliceEnd = i64[(distinct >>> 3) + s] as bigint;
    return { sliceEnd, selection: selection + first * 4, first: 0, count: (u32[(starts >>> 2) + s + 1] as number) - first };
  });
}

function cleared(bytes: number): Pointer {
  const { staging, heap } = kernels();
  const pointer = staging.bytes(bytes);
  heap().u8.fill(0, pointer, pointer + bytes);
  return pointer;
}
