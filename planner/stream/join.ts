import type { JoinNode } from "../logical/nodes.ts";
import type { StreamContext } from "./context.ts";
import { intervalBoundsOf } from "./interval-bounds.ts";
import { intervalJoin, type RowJoin } from "./interval-join.ts";
import type { StreamPlan } from "./nodes.ts";
import { regularJoin } from "./regular-join.ts";
import { isWindowJoin, windowJoin } from "./window-join.ts";

/** The operator that keeps the least: a window's rows, those of a stretch of time, or all. */
export function join(node: JoinNode, left: StreamPlan, right: StreamPlan, context: StreamContext): StreamPlan {
  const isAppendOnly = !left.traits.isChangelog && !right.traits.isChangelog;
  if (isAppendOnly && isOfRows(node)) {
    if (isWindowJoin(node, left, right)) return windowJoin(node, left, right);
    const bounds = intervalBoundsOf(node, left, right);
    if (bounds !== null) return intervalJoin(node, left, right, bounds);
  }
  return regularJoin(node, left, right, context);
}

/** Marks and scalar subqueries ask for more than whether a partner came. */
const isOfRows = (node: JoinNode): node is RowJoin => node.join !== "mark" && node.join !== "single";
