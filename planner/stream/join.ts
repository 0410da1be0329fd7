import type { JoinKind } from "../bound/nodes.ts";
import type { JoinNode } from "../logical/nodes.ts";
import { refuseJoin, unsupported } from "../logical/refuse.ts";
import type { StreamContext } from "./context.ts";
import { intervalBoundsOf } from "./interval-bounds.ts";
import { intervalJoin } from "./interval-join.ts";
import type { StreamPlan } from "./nodes.ts";
import { isWindowJoin, windowJoin } from "./window-join.ts";

/** The operator that keeps the least: a window's rows, those of a stretch of time, or all. */
export function join(node: JoinNode, left: StreamPlan, right: StreamPlan, context: StreamContext): StreamPlan {
  const isAppendOnly = !left.traits.isChangelog && !right.traits.isChangelog;
  if (isAppendOnly && node.join === "inner" && isWindowJoin(node, left, right)) return windowJoin(node, left, right);
  const bounds = isAppendOnly ? intervalBoundsOf(node, left, right) : null;
  if (bounds !== null) return intervalJoin(node, left, right, bounds);
  if (node.join !== "inner") refuseJoin(node.join.toUpperCase() as JoinKind, "comparison", context.locate);
  const at = context.locate("join", "from");
  if (!isAppendOnly) throw unsupported("a join of changelogs", at);
  throw unsupported("a join that is bounded neither by windows nor in time", at, boundHint);
}

const boundHint =
  "Join two windowed inputs on equal window_start, window_end and keys, or event times: b.ts BETWEEN a.ts - INTERVAL '1' HOUR AND a.ts.";
