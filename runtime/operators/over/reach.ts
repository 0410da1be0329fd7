import type { Frame, FrameBound, OverCall } from "../../contract/ordering.ts";

/** How far the answers of rows look: what of a partition may be answered differently when some of its rows have changed. */
export interface Reach {
  /** Rows in front of a row, and behind it, that its answers are read from. */
  readonly back: number;
  readonly forward: number;
  /** Answers go on from all rows in front (row numbers, running aggregates): a change is felt by every row behind it. */
  readonly running: boolean;
}

const nowhere: Reach = { back: 0, forward: 0, running: false };
const allInFront: Reach = { back: 0, forward: 0, running: true };

/** null: the answers of a row may hang on any other one. */
export function reachOf(calls: readonly OverCall[]): Reach | null {
  let reach = nowhere;
  for (const call of calls) {
    const own = reachOfCall(call);
    if (own === null) return null;
    reach = {
      back: Math.max(reach.back, own.back),
      forward: Math.max(reach.forward, own.forward),
      running: reach.running || own.running,
    };
  }
  return reach;
}

function reachOfCall(call: OverCall): Reach | null {
  switch (call.kind) {
    case "rowNumber":
    case "rank":
      return allInFront;
    case "lag":
      return "constant" in call.offset && !call.ignoreNulls ? { ...nowhere, back: call.offset.constant } : null;
    case "lead":
      return "constant" in call.offset && !call.ignoreNulls ? { ...nowhere, forward: call.offset.constant } : null;
    case "firstValue":
    case "lastValue":
    case "nthValue":
      return ofRows(call.frame);
    case "aggregate":
      return isRunning(call.frame) ? allInFront : ofRows(call.frame);
    default:
      return null;
  }
}

/** From the partition's first row to the row, or to its last peer. */
export const isRunning = ({ start, end, exclude }: Frame): boolean =>
  exclude === "nothing" && start.kind === "unboundedPreceding" && end.kind === "currentRow" && end.unit !== "groups";

/** Frames of so many rows; null for others. */
function ofRows({ start, end, exclude }: Frame): Reach | null {
  const from = distanceOf(start);
  const to = distanceOf(end);
  if (from === null || to === null || exclude === "group" || exclude === "ties") return null;
  return { back: Math.max(0, -from, -to), forward: Math.max(0, from, to), running: false };
}

/** In rows from the current one; null where that is not constant. */
function distanceOf(bound: FrameBound): number | null {
  if (bound.kind === "currentRow") return bound.unit === "rows" ? 0 : null;
  if (bound.kind !== "preceding" && bound.kind !== "following") return null;
  if (bound.unit !== "rows" || !("constant" in bound.offset)) return null;
  return bound.kind === "preceding" ? -bound.offset.constant : bound.offset.constant;
}
