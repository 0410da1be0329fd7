import type { Column, I64Column } from "../../contract/batch.ts";
import type { Frame, FrameBound, Offset, SortKey } from "../../contract/ordering.ts";
import { type CompareRows, compareKey } from "../../state/value-order.ts";
import type { Positions } from "./positions.ts";

/** Part of each position's frame: positions [low[p], high[p]). */
export interface FramePart {
  readonly low: Int32Array;
  readonly high: Int32Array;
}

/** Where frames lie, and the stored rows' columns, by row number, that bounds are read from. */
export interface FrameInput {
  readonly positions: Positions;
  readonly columns: readonly Column[];
  readonly order: readonly SortKey[];
}

type Bound = (position: number) => number;

/** The frame of each position, in order: one part, or what EXCLUDE leaves on either side, and between, of the row. */
export function framesOf(frame: Frame, input: FrameInput): readonly FramePart[] {
  const { count, partitionStart, partitionEnd } = input.positions;
  const start = boundOf(frame.start, input, "start");
  const end = boundOf(frame.end, input, "end");
  const low = new Int32Array(count);
  const high = new Int32Array(count);
  for (let p = 0; p < count; p++) {
    const first = partitionStart.values[p] as number;
    const last = partitionEnd.values[p] as number;
    low[p] = Math.min(last, Math.max(first, start(p)));
    high[p] = Math.max(low[p] as number, Math.min(last, end(p)));
  }
  return frame.exclude === "nothing" ? [{ low, high }] : without(frame.exclude, { low, high }, input.positions);
}

function boundOf(bound: FrameBound, input: FrameInput, side: "start" | "end"): Bound {
  const { partitionStart, partitionEnd, peerStart, peerEnd } = input.positions;
  const isEnd = side === "end";
  switch (bound.kind) {
    case "unboundedPreceding":
      return (p) => partitionStart.values[p] as number;
    case "unboundedFollowing":
      return (p) => partitionEnd.values[p] as number;
    case "currentRow":
      if (bound.unit === "rows") return (p) => (isEnd ? p + 1 : p);
      return (p) => (isEnd ? peerEnd : peerStart).values[p] as number;
    case "value":
      return valueBound(bound.column, input, isEnd);
    case "preceding":
    case "following": {
      const sign = bound.kind === "preceding" ? -1 : 1;
      const offset = offsetOf(bound.offset, input);
      if (bound.unit === "rows") return (p) => p + sign * offset(p) + (isEnd ? 1 : 0);
      return groupBound(input.positions, (p) => sign * offset(p), isEnd);
    }
  }
}

/** Larger than any partition; sums with positions stay exact. */
const offset_max = 2 ** 40;

/** A count per position. A NULL counts as 0. */
export function offsetOf(offset: Offset, { positions, columns }: FrameInput): (position: number) => number {
  if ("constant" in offset) return () => offset.constant;
  const { values, validity } = columns[offset.column] as I64Column;
  return (p) => {
    const row = positions.rows.values[p] as number;
    if (validity !== null && validity[row] === 0) return 0;
    return Math.max(-offset_max, Math.min(offset_max, Number(values[row] as bigint)));
  };
}

/** RANGE with an offset: the first row that does not come before the boundary value, or the first behind it. NULLs are among themselves. */
function valueBound(boundary: number, { positions, columns, order }: FrameInput, isEnd: boolean): Bound {
  const [key] = order;
  if (key === undefined) throw new Error("invariant: RANGE with an offset has a sort key");
  const keys = columns[key.column] as Column;
  const compare = compareKey(key, keys, columns[boundary] as Column);
  const { rows, partitionStart, partitionEnd, peerStart, peerEnd } = positions;
  return (p) => {
    const row = rows.values[p] as number;
    if (keys.validity !== null && keys.validity[row] === 0) return (isEnd ? peerEnd : peerStart).values[p] as number;
    return search(rows.values, partitionStart.values[p] as number, partitionEnd.values[p] as number, row, compare, isEnd);
  };
}

function search(rows: Int32Array, from: number, to: number, row: number, compare: CompareRows, behindEquals: boolean): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const c = compare(rows[middle] as number, row);
    if (c < 0 || (behindEquals && c === 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Groups of peers, counted over all positions. */
function groupBound({ count, partitionStart, partitionEnd, peerEnd }: Positions, distance: Bound, isEnd: boolean): Bound {
  const groupOf = new Int32Array(count);
  const starts: number[] = [];
  for (let p = 0; p < count; ) {
    const next = peerEnd.values[p] as number;
    groupOf.fill(starts.length, p, next);
    starts.push(p);
    p = next;
  }
  return (p) => {
    const group = (groupOf[p] as number) + distance(p) + (isEnd ? 1 : 0);
    const first = groupOf[partitionStart.values[p] as number] as number;
    if (group < first) return partitionStart.values[p] as number;
    return Math.min(partitionEnd.values[p] as number, starts[group] ?? count);
  };
}

function without(exclude: "currentRow" | "group" | "ties", { low, high }: FramePart, positions: Positions): readonly FramePart[] {
  const { count, peerStart, peerEnd } = positions;
  const part = (): FramePart => ({ low: low.slice(), high: high.slice() });
  const before = part();
  const behind = part();
  const self = part();
  for (let p = 0; p < count; p++) {
    const from = exclude === "currentRow" ? p : (peerStart.values[p] as number);
    const to = exclude === "currentRow" ? p + 1 : (peerEnd.values[p] as number);
    before.high[p] = Math.max(low[p] as number, Math.min(high[p] as number, from));
    behind.low[p] = Math.min(high[p] as number, Math.max(low[p] as number, to));
    const isIn = p >= (low[p] as number) && p < (high[p] as number);
    self.low[p] = p;
    self.high[p] = isIn ? p + 1 : p;
  }
  return exclude === "ties" ? [before, self, behind] : [before, behind];
}
