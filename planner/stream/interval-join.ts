import { mapColumns } from "../../runtime/contract/expressions.ts";
import type { JoinType } from "../../runtime/contract/job-graph.ts";
import { conjunction } from "../logical/conversion.ts";
import type { JoinCondition, JoinNode } from "../logical/nodes.ts";
import { printExpression } from "../logical/print-expression.ts";
import { durationText } from "../logical/window-spec.ts";
import { allColumns, pick } from "./calc.ts";
import { ColumnList } from "./columns.ts";
import { exchange } from "./exchange.ts";
import { type IntervalBounds, isKey } from "./interval-bounds.ts";
import type { Distribution, OperatorPlan, StreamPlan, Traits, WindowColumn } from "./nodes.ts";

/** A join whose answer is rows of its inputs. */
export type RowJoin = JoinNode & { readonly join: JoinType };

/** A join bounded in time: rows stay as long as a partner may come. */
export function intervalJoin(node: RowJoin, left: StreamPlan, right: StreamPlan, bounds: IntervalBounds): StreamPlan {
  const equalities = node.conditions.filter(isKey);
  const sides = [joinSide(left, equalities, "left"), joinSide(right, equalities, "right")] as const;
  const joined = operatorOf(node, sides[0], sides[1], bounds, equalities);
  const isLeftOnly = node.join === "semi" || node.join === "anti";
  const width = sides[0].plan.schema.columns.length;
  const kept = [...left.schema.columns.map((_, i) => i), ...(isLeftOnly ? [] : right.schema.columns.map((_, i) => width + i))];
  return pick(
    joined,
    kept,
    node.schema.columns.map((c) => c.name),
  );
}

export interface JoinSide {
  readonly plan: StreamPlan;
  readonly keys: readonly number[];
}

/** The side's own columns, behind them the keys that are expressions. */
export function joinSide(input: StreamPlan, equalities: readonly JoinCondition[], side: "left" | "right"): JoinSide {
  const columns = new ColumnList(input);
  for (const e of allColumns(input.schema)) columns.append(e, "column");
  const keys = equalities.map((condition, i) => columns.add(condition[side], `key${i + 1}`));
  return { plan: columns.calc(null), keys };
}

export const keyNames = ({ plan, keys }: JoinSide): string => keys.map((k) => plan.schema.columns[k]?.name).join(", ");

function operatorOf(
  node: RowJoin,
  left: JoinSide,
  right: JoinSide,
  bounds: IntervalBounds,
  equalities: readonly JoinCondition[],
): OperatorPlan {
  const width = left.plan.schema.columns.length;
  const own = node.left.schema.columns.length;
  const { leftTime, rightTime, lower_us, upper_us } = bounds;
  const residual = conjunction(
    bounds.rest.map((e) => mapColumns(e, (c) => ({ ...c, index: c.index < own ? c.index : c.index - own + width }))),
  );
  const both = { columns: [...left.plan.schema.columns, ...right.plan.schema.columns] };
  return {
    kind: "operator",
    name: "IntervalJoin",
    handle: "join",
    spec: {
      op: "intervalJoin",
      join: node.join,
      leftKeys: left.keys,
      rightKeys: right.keys,
      nullSafe: equalities.map((c) => c.operator === "isNotDistinct"),
      leftTime,
      rightTime,
      lower_us,
      upper_us,
      residual,
    },
    inputs: [exchange(left.plan, left.keys), exchange(right.plan, right.keys)],
    schema: node.join === "semi" || node.join === "anti" ? left.plan.schema : both,
    traits: traitsOf(node, left, right, bounds),
    description: [
      `${node.join}  left=[${keyNames(left)}]  right=[${keyNames(right)}]`,
      boundsText(left.plan.schema.columns[leftTime]?.name ?? "", right.plan.schema.columns[rightTime]?.name ?? "", lower_us, upper_us),
      ...(residual === null ? [] : [`and ${printExpression(residual, both)}`]),
    ].join("  "),
    side: null,
    isShared: false,
  };
}

const boundsText = (left: string, right: string, lower_us: bigint, upper_us: bigint): string => {
  const bound = (by_us: bigint): string =>
    by_us === 0n ? `left.${left}` : `left.${left} ${by_us < 0n ? "-" : "+"} ${durationText(by_us < 0n ? -by_us : by_us)}`;
  return `right.${right} between ${bound(lower_us)} and ${bound(upper_us)}`;
};

/**
 * The watermark is held back for the times that the join compares; it says nothing of others, which may be older than those.
 * A side that may be padded with NULL has no event time.
 */
function traitsOf({ join }: JoinNode, left: JoinSide, right: JoinSide, { leftTime, rightTime }: IntervalBounds): Traits {
  const width = left.plan.schema.columns.length;
  const hasLeft = join !== "right" && join !== "full";
  const hasRight = join === "inner" || join === "right";
  return {
    isChangelog: false,
    uniqueKeys: join === "semi" || join === "anti" ? left.plan.traits.uniqueKeys : [],
    times: [...(hasLeft ? [leftTime] : []), ...(hasRight ? [width + rightTime] : [])],
    windows: new Map([...(hasLeft ? windowsOf(left, leftTime, 0) : []), ...(hasRight ? windowsOf(right, rightTime, width) : [])]),
    distribution: distributionOf(hasLeft ? left.keys : hasRight ? right.keys.map((k) => k + width) : null),
  };
}

/** The bounds of the window whose window_time the join compares. */
function windowsOf({ plan }: JoinSide, time: number, shift: number): readonly (readonly [number, WindowColumn])[] {
  const { windows } = plan.traits;
  const compared = windows.get(time);
  return [...windows].flatMap(([column, w]) => (w.window === compared?.window ? [[column + shift, w] as const] : []));
}

/** Without keys all is in one place; with them, rows padded with NULL lie where their own keys are. */
function distributionOf(keys: readonly number[] | null): Distribution {
  if (keys === null) return { kind: "any" };
  return keys.length === 0 ? { kind: "single" } : { kind: "hash", keys };
}
