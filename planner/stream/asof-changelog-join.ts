import { type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import type { AsofChangelogJoinSpec, AsofComparison } from "../../runtime/contract/time-joins.ts";
import type { AsofNode, AsofPick } from "../logical/nodes.ts";
import { printExpression } from "../logical/print-expression.ts";
import { allColumns, pick } from "./calc.ts";
import { ColumnList } from "./columns.ts";
import type { StreamContext } from "./context.ts";
import { exchange } from "./exchange.ts";
import { type JoinSide, keyNames } from "./interval-join.ts";
import type { OperatorPlan, StreamPlan } from "./nodes.ts";
import { refuseVolatile } from "./regular-join.ts";

const nearest: Readonly<Record<AsofComparison, string>> = {
  ">=": "latest right row up to the left one",
  ">": "latest right row before the left one",
  "<=": "first right row from the left one on",
  "<": "first right row after the left one",
};

/** An ASOF join that is kept up to date: of rows that may be taken back, in columns that no watermark speaks of, or with the next row. */
export function asofChangelogJoin(
  node: AsofNode & { readonly pick: Extract<AsofPick, { kind: "time" }> },
  left: StreamPlan,
  right: StreamPlan,
  context: StreamContext,
): StreamPlan {
  const sides = [sideOf(node, left, "left"), sideOf(node, right, "right")] as const;
  const width = sides[0].plan.schema.columns.length;
  const own = node.left.schema.columns.length;
  const shift = (e: Expression): Expression => mapColumns(e, (c) => ({ ...c, index: c.index < own ? c.index : c.index - own + width }));
  const ttl_ms = ttlOf(node, context);
  const spec: AsofChangelogJoinSpec = {
    op: "asofChangelogJoin",
    join: node.join,
    leftKeys: sides[0].keys,
    rightKeys: sides[1].keys,
    nullSafe: node.equalities.map((c) => c.operator === "isNotDistinct"),
    leftTime: sides[0].time,
    rightTime: sides[1].time,
    comparison: node.pick.comparison,
    residual: node.residual === null ? null : shift(node.residual),
    leftChangelog: left.traits.isChangelog,
    rightChangelog: right.traits.isChangelog,
    ...(ttl_ms === null ? {} : { ttl_ms }),
  };
  refuseVolatile(spec.residual, context);
  if (ttl_ms === null) context.notices.push(notice(node));
  const kept = [...left.schema.columns.map((_, i) => i), ...right.schema.columns.map((_, i) => width + i)];
  return pick(
    operatorOf(spec, sides, left),
    kept,
    node.schema.columns.map((c) => c.name),
  );
}

interface TimedSide extends JoinSide {
  readonly time: number;
}

/** The side's own columns, behind them the keys and the time where they are expressions. */
function sideOf({ equalities, pick: time }: Parameters<typeof asofChangelogJoin>[0], input: StreamPlan, side: "left" | "right"): TimedSide {
  const columns = new ColumnList(input);
  for (const e of allColumns(input.schema)) columns.append(e, "column");
  const keys = equalities.map((condition, i) => columns.add(condition[side], `key${i + 1}`));
  const at = columns.add(time[side], "time");
  return { plan: columns.calc(null), keys, time: at };
}

function operatorOf(spec: AsofChangelogJoinSpec, [left, right]: readonly [TimedSide, TimedSide], input: StreamPlan): OperatorPlan {
  const schema = { columns: [...left.plan.schema.columns, ...right.plan.schema.columns] };
  const times = [left, right].map(({ plan, time }) => plan.schema.columns[time]?.name);
  const on = left.keys.length === 0 ? "no equality: all rows on one subtask" : `left=[${keyNames(left)}]  right=[${keyNames(right)}]`;
  const residual = spec.residual === null ? [] : [`and ${printExpression(spec.residual, schema)}`];
  return {
    kind: "operator",
    name: "AsofChangelogJoin",
    handle: "join",
    spec,
    inputs: [exchange(left.plan, left.keys), exchange(right.plan, right.keys)],
    schema,
    traits: {
      isChangelog: true,
      uniqueKeys: input.traits.uniqueKeys,
      times: [],
      windows: new Map(),
      distribution: left.keys.length === 0 ? { kind: "single" } : { kind: "hash", keys: left.keys },
    },
    description: [`${spec.join}  ${on}`, `${nearest[spec.comparison]}, by left.${times[0]} and right.${times[1]}`, ...residual].join("  "),
    side: null,
    isShared: false,
  };
}

/** Keys go on both sides at once, so after the longer of the two times; a side that keeps its rows keeps the other's. */
function ttlOf({ equalities }: AsofNode, { stateTtl: { join_ms } }: StreamContext): number | null {
  const [left, right] = join_ms;
  return equalities.length === 0 || left === null || right === null ? null : Math.max(left, right);
}

function notice({ equalities, left }: AsofNode): string {
  const on = equalities.map((c) => printExpression(c.left, left.schema)).join(", ");
  const remedy = "over append-only rows, compare their event times by >= or > to bound it";
  return equalities.length === 0
    ? `unbounded state: an ASOF JOIN without an equality keeps all rows of both inputs on one subtask as long as the job lives; ${remedy}`
    : `unbounded state: the ASOF JOIN on ${on} keeps the rows of both inputs as long as the job lives; ${remedy}, or set state_ttl`;
}
