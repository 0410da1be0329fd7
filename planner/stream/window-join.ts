import { assert } from "../../runtime/contract/errors.ts";
import { type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import { boolean } from "../../runtime/contract/types.ts";
import { conjunction } from "../logical/conversion.ts";
import type { JoinCondition, JoinNode } from "../logical/nodes.ts";
import { printExpression } from "../logical/print-expression.ts";
import { allColumns, pick } from "./calc.ts";
import { ColumnList } from "./columns.ts";
import { exchange } from "./exchange.ts";
import type { RowJoin } from "./interval-join.ts";
import type { Distribution, OperatorPlan, StreamPlan, WindowColumn } from "./nodes.ts";
import { windowBound } from "./window-columns.ts";

/** Whether the conditions say that the windows of both sides are equal. */
export const isWindowJoin = (node: JoinNode, left: StreamPlan, right: StreamPlan): boolean => commonWindow(node, left, right) !== null;

/** A join of rows that carry windows, on equal windows: its state lives as long as the window, and its rows never change. */
export function windowJoin(node: RowJoin, left: StreamPlan, right: StreamPlan): StreamPlan {
  const windows = commonWindow(node, left, right);
  assert(windows !== null, "a window join is on equal windows");
  const equalities = node.conditions.filter((c) => c.operator === "=");
  const sides = [sideOf(left, windows.left, equalities, "left"), sideOf(right, windows.right, equalities, "right")] as const;
  const matched = equalities.flatMap((c, i) => (followsFromWindow(c, left, right) ? [] : [i]));
  const joined = joinOf(node, sides[0], sides[1], matched);
  const width = sides[0].plan.schema.columns.length;
  const ofRight = isHalf(node) ? [] : right.schema.columns.map((_, i) => width + i);
  return pick(
    joined,
    [...left.schema.columns.map((_, i) => i), ...ofRight],
    node.schema.columns.map((c) => c.name),
  );
}

const isHalf = (node: RowJoin): boolean => node.join === "semi" || node.join === "anti";

interface Common {
  readonly left: Expression;
  readonly right: Expression;
}

/** The window_end of both sides, if the conditions say that the windows are equal. */
function commonWindow(node: JoinNode, left: StreamPlan, right: StreamPlan): Common | null {
  for (const condition of node.conditions) {
    const l = windowOf(condition.left, left);
    const r = windowOf(condition.right, right);
    if (condition.operator !== "=" || l === undefined || r === undefined || l.role !== r.role) continue;
    const ends = { left: windowBound(left, l.window, "window_end"), right: windowBound(right, r.window, "window_end") };
    if (ends.left !== null && ends.right !== null) return { left: ends.left, right: ends.right };
  }
  return null;
}

/** Equal ends of windows of one fixed size say that every other bound is equal too; of CUMULATE and SESSION, only the ends. */
function followsFromWindow({ left, right }: JoinCondition, leftInput: StreamPlan, rightInput: StreamPlan): boolean {
  const l = windowOf(left, leftInput);
  const r = windowOf(right, rightInput);
  if (l === undefined || r === undefined || l.role !== r.role) return false;
  if (l.role !== "window_start") return true;
  const a = l.window.spec;
  const b = r.window.spec;
  return (a.kind === "tumble" || a.kind === "hop") && (b.kind === "tumble" || b.kind === "hop") && a.size_us === b.size_us;
}

const windowOf = (e: Expression, side: StreamPlan): WindowColumn | undefined =>
  e.kind === "column" ? side.traits.windows.get(e.index) : undefined;

interface Side {
  readonly plan: StreamPlan;
  readonly keys: readonly number[];
  readonly windowEnd: number;
}

/** The side's own columns, behind them the keys that are expressions. */
function sideOf(input: StreamPlan, windowEnd: Expression, equalities: readonly JoinCondition[], side: "left" | "right"): Side {
  const columns = new ColumnList(input);
  for (const e of allColumns(input.schema)) columns.append(e, "column");
  const keys = equalities.map((condition, i) => columns.add(condition[side], `key${i + 1}`));
  const end = columns.add(windowEnd, "window_end");
  return { plan: columns.calc(null), keys: keys.includes(end) ? keys : [...keys, end], windowEnd: end };
}

function joinOf(node: RowJoin, left: Side, right: Side, matched: readonly number[]): OperatorPlan {
  const width = left.plan.schema.columns.length;
  const own = node.left.schema.columns.length;
  const shift = (e: Expression): Expression => mapColumns(e, (c) => ({ ...c, index: c.index < own ? c.index : c.index - own + width }));
  const toRight = (e: Expression): Expression => mapColumns(e, (c) => ({ ...c, index: c.index + width }));
  const others = node.conditions
    .filter((c) => c.operator !== "=")
    .map((c): Expression => ({ kind: "compare", operator: c.operator, left: c.left, right: toRight(c.right), type: boolean }));
  const residual = conjunction([...others, ...(node.residual === null ? [] : [shift(node.residual)])]);
  const schema = { columns: [...left.plan.schema.columns, ...right.plan.schema.columns] };
  // Window columns of a side that may be NULL are those of no window.
  const windows = new Map([
    ...(node.join === "right" || node.join === "full" ? [] : left.plan.traits.windows),
    ...(node.join === "inner" || node.join === "right"
      ? [...right.plan.traits.windows].map(([column, w]) => [column + width, w] as const)
      : []),
  ]);
  const name = (e: readonly number[], side: Side): string => e.map((k) => side.plan.schema.columns[k]?.name).join(", ");
  const inner = residual === null ? "" : ` and ${printExpression(residual, schema)}`;
  return {
    kind: "operator",
    name: "WindowJoin",
    handle: "join",
    spec: {
      op: "windowJoin",
      join: node.join,
      leftKeys: left.keys,
      rightKeys: right.keys,
      leftWindowEnd: left.windowEnd,
      rightWindowEnd: right.windowEnd,
      matched,
      residual,
    },
    inputs: [exchange(left.plan, left.keys), exchange(right.plan, right.keys)],
    schema: isHalf(node) ? left.plan.schema : schema,
    traits: {
      isChangelog: false,
      uniqueKeys: [],
      times: [...windows].flatMap(([column, w]) => (w.role === "window_time" ? [column] : [])),
      windows,
      distribution: distributionOf(node, left, right),
    },
    description: `${node.join === "inner" ? "" : `${node.join}  `}left=[${name(left.keys, left)}]  right=[${name(right.keys, right)}]${inner}`,
    side: null,
    isShared: false,
  };
}

function distributionOf(node: RowJoin, left: Side, right: Side): Distribution {
  if (node.join === "full") return { kind: "any" };
  const width = left.plan.schema.columns.length;
  return { kind: "hash", keys: node.join === "right" ? right.keys.map((key) => key + width) : left.keys };
}
