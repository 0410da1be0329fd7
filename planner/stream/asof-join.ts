import { SqlError } from "../../runtime/contract/errors.ts";
import { type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import type { AsofNode, AsofPick } from "../logical/nodes.ts";
import type { AsofJoinSpec } from "../../runtime/contract/job-graph.ts";
import { printExpression } from "../logical/print-expression.ts";
import { unsupported } from "../logical/refuse.ts";
import { pick } from "./calc.ts";
import { asofChangelogJoin } from "./asof-changelog-join.ts";
import type { StreamContext } from "./context.ts";
import { exchange } from "./exchange.ts";
import { joinSide, keyNames } from "./interval-join.ts";
import type { OperatorPlan, StreamPlan, Traits } from "./nodes.ts";

/** A join with the right row of the left row's time, or with what a table holds now. */
export function asofJoin(node: AsofNode, left: StreamPlan, right: StreamPlan, context: StreamContext): StreamPlan {
  if (node.pick.kind === "time" && !isInEventTime(node.pick, left, right))
    return asofChangelogJoin({ ...node, pick: node.pick }, left, right, context);
  const sides = [joinSide(left, node.equalities, "left"), joinSide(right, node.equalities, "right")] as const;
  const width = sides[0].plan.schema.columns.length;
  const own = node.left.schema.columns.length;
  const shift = (e: Expression): Expression => mapColumns(e, (c) => ({ ...c, index: c.index < own ? c.index : c.index - own + width }));
  const residual = node.residual === null ? null : shift(node.residual);
  const schema = { columns: [...sides[0].plan.schema.columns, ...sides[1].plan.schema.columns] };
  const [leftKeys, rightKeys] = [sides[0].keys, sides[1].keys];
  const keys = { leftKeys, rightKeys, nullSafe: node.equalities.map((c) => c.operator === "isNotDistinct") };
  const picked =
    node.pick.kind === "now"
      ? lookupOf(node, left, keys, residual, context)
      : versionOf(node, timesOf(node.pick, node, left, right, context), left, right, keys, residual, context);
  const joined: OperatorPlan = {
    kind: "operator",
    handle: "join",
    inputs: [exchange(sides[0].plan, leftKeys), exchange(sides[1].plan, rightKeys)],
    schema,
    side: null,
    isShared: false,
    ...picked,
    traits: {
      isChangelog: false,
      ...picked.traits,
      distribution: leftKeys.length === 0 ? { kind: "single" } : { kind: "hash", keys: leftKeys },
    },
    description: [
      `${node.join}  left=[${keyNames(sides[0])}]  right=[${keyNames(sides[1])}]`,
      picked.description,
      ...(residual === null ? [] : [`and ${printExpression(residual, schema)}`]),
    ].join("  "),
  };
  const kept = [...left.schema.columns.map((_, i) => i), ...right.schema.columns.map((_, i) => width + i)];
  return pick(
    joined,
    kept,
    node.schema.columns.map((c) => c.name),
  );
}

type Keys = Pick<AsofJoinSpec, "leftKeys" | "rightKeys" | "nullSafe">;

/** What the two forms differ in. */
type Picked = Pick<OperatorPlan, "name" | "spec" | "description"> & { readonly traits: Pick<Traits, "times" | "windows" | "uniqueKeys"> };

function versionOf(
  { join }: AsofNode,
  times: AsofTimes,
  left: StreamPlan,
  right: StreamPlan,
  keys: Keys,
  residual: Expression | null,
  { stateTtl }: StreamContext,
): Picked {
  const ttl_ms = keys.rightKeys.length === 0 ? null : stateTtl.join_ms[1];
  const { left: leftTime, right: rightTime, strict } = times;
  const name = (side: StreamPlan, time: number): string => side.schema.columns[time]?.name ?? "";
  return {
    name: "AsofJoin",
    spec: { op: "asofJoin", join, ...keys, leftTime, rightTime, strict, residual, ...(ttl_ms === null ? {} : { ttl_ms }) },
    traits: { uniqueKeys: left.traits.uniqueKeys, times: [leftTime], windows: new Map() },
    description: `latest right.${name(right, rightTime)} ${strict ? "<" : "<="} left.${name(left, leftTime)}`,
  };
}

/** A row goes on as it comes, so what is known of its times stays true; a key may have several rows in the table. */
function lookupOf({ join }: AsofNode, left: StreamPlan, keys: Keys, residual: Expression | null, { locate }: StreamContext): Picked {
  if (left.traits.isChangelog) {
    const hint = "Rows that are taken back later would meet another state of the table.";
    throw unsupported("FOR SYSTEM_TIME AS OF PROCTIME() over a changelog", locate("system_time"), hint);
  }
  return {
    name: "LookupJoin",
    spec: { op: "lookupJoin", join, ...keys, residual },
    traits: { uniqueKeys: [], times: left.traits.times, windows: left.traits.windows },
    description: "with the table as it is",
  };
}

interface AsofTimes {
  readonly left: number;
  readonly right: number;
  readonly strict: boolean;
}

const isEventTime = (e: Expression, { traits }: StreamPlan): boolean => e.kind === "column" && traits.times.includes(e.index);

/** Whether the watermark says when the answer is certain; versions must be so. */
function isInEventTime({ left: l, right: r, comparison, isVersion }: TimePick, left: StreamPlan, right: StreamPlan): boolean {
  if (isVersion) return true;
  const looksBack = comparison === ">=" || comparison === ">";
  return looksBack && !left.traits.isChangelog && !right.traits.isChangelog && isEventTime(l, left) && isEventTime(r, right);
}

type TimePick = Extract<AsofPick, { kind: "time" }>;

/** Both sides in event time, so that the watermark says when the answer is certain. */
function timesOf(
  { left: l, right: r, comparison }: TimePick,
  node: AsofNode,
  left: StreamPlan,
  right: StreamPlan,
  { locate }: StreamContext,
): AsofTimes {
  const at = locate("system_time", "asof");
  const strict = comparison === ">";
  if (left.traits.isChangelog || right.traits.isChangelog) throw unsupported("FOR SYSTEM_TIME AS OF an event time over a changelog", at);
  if (l.kind === "column" && r.kind === "column" && isEventTime(l, left) && isEventTime(r, right)) {
    return { left: l.index, right: r.index, strict };
  }
  const wrong = isEventTime(l, left) ? { e: r, side: node.right } : { e: l, side: node.left };
  throw new SqlError({
    sqlState: "0A000",
    message: `"${printExpression(wrong.e, wrong.side.schema)}" is not an event time column: FOR SYSTEM_TIME AS OF compares two of them`,
    hint: "Declare both in their sources: WATERMARK FOR ts AS ts - INTERVAL '5' SECOND.",
    at,
  });
}
