import { type Expression, mapColumns, operandsOf } from "../../runtime/contract/expressions.ts";
import type { JoinSpec } from "../../runtime/contract/job-graph.ts";
import { boolean, physicalOf, sameType, type Schema } from "../../runtime/contract/types.ts";
import { conjunction } from "../logical/conversion.ts";
import type { JoinCondition, JoinNode } from "../logical/nodes.ts";
import { printExpression } from "../logical/print-expression.ts";
import { unsupported } from "../logical/refuse.ts";
import { allColumns, isVolatile, pick } from "./calc.ts";
import { ColumnList } from "./columns.ts";
import type { StreamContext } from "./context.ts";
import { exchange } from "./exchange.ts";
import { joinTraits } from "./join-traits.ts";
import type { OperatorPlan, StreamPlan } from "./nodes.ts";

/** A join without windows: it keeps the rows of both inputs, for a row of the other may come at any time. */
export function regularJoin(node: JoinNode, left: StreamPlan, right: StreamPlan, context: StreamContext): StreamPlan {
  const parts = partsOf(node);
  const sides = [sideOf(left, parts.keys, "left"), sideOf(right, parts.keys, "right")] as const;
  const joined = joinOf(node, parts, sides[0], sides[1], context);
  if (joined.spec.op === "join") refuseVolatile(joined.spec.residual, context);
  if (!isTimed(joined)) context.notices.push(notice(node, parts));
  const width = sides[0].plan.schema.columns.length;
  const ofLeft = left.schema.columns.map((_, i) => i);
  const ofRight = node.join === "mark" ? [width] : right.schema.columns.map((_, i) => width + i);
  const kept = node.join === "semi" || node.join === "anti" ? ofLeft : [...ofLeft, ...ofRight];
  return pick(
    joined,
    kept,
    node.schema.columns.map((c) => c.name),
  );
}

interface Parts {
  /** Equalities by which rows are found. */
  readonly keys: readonly JoinCondition[];
  readonly others: readonly JoinCondition[];
}

/**
 * A mark needs the rows that a strict equality with NULL leaves undecided: it is a key only when it is the whole condition
 * (`x IN (subquery)`), else it is compared row by row.
 */
function partsOf(node: JoinNode): Parts {
  const isKey = ({ operator, left, right }: JoinCondition): boolean =>
    (operator === "=" || operator === "isNotDistinct") &&
    (sameType(left.type, right.type) || (physicalOf(left.type) === "bytes" && physicalOf(right.type) === "bytes"));
  const strictToo = node.join !== "mark" || (node.conditions.length === 1 && node.residual === null);
  const keys = node.conditions.filter((c) => isKey(c) && (strictToo || c.operator === "isNotDistinct"));
  return { keys, others: node.conditions.filter((c) => !keys.includes(c)) };
}

interface Side {
  readonly plan: StreamPlan;
  readonly keys: readonly number[];
}

/** The side's own columns, behind them the keys that are expressions. */
function sideOf(input: StreamPlan, conditions: readonly JoinCondition[], side: "left" | "right"): Side {
  const columns = new ColumnList(input);
  for (const e of allColumns(input.schema)) columns.append(e, "column");
  const keys = conditions.map((condition, i) => columns.add(condition[side], `key${i + 1}`));
  return { plan: columns.calc(null), keys };
}

/** A scalar subquery has one row, which must be there to be replaced. */
function ttlOf(node: JoinNode, { stateTtl }: StreamContext): readonly [number | null, number | null] | null {
  const [left, right] = stateTtl.join_ms;
  const ttl_ms = [left, node.join === "single" ? null : right] as const;
  return ttl_ms.every((ttl) => ttl === null) ? null : ttl_ms;
}

/** Both sides give their rows up. */
const isTimed = ({ spec }: OperatorPlan): boolean =>
  spec.op === "join" && spec.ttl_ms !== undefined && (spec.kind === "single" || !spec.ttl_ms.includes(null));

function joinOf(node: JoinNode, { keys, others }: Parts, left: Side, right: Side, context: StreamContext): OperatorPlan {
  const both: Schema = { columns: [...left.plan.schema.columns, ...right.plan.schema.columns] };
  const nullsMatch = keys.map((c) => c.operator === "isNotDistinct");
  const isExchanged = (k: number): boolean => node.join !== "mark" || nullsMatch[k] === true;
  const ttl_ms = ttlOf(node, context);
  const spec: JoinSpec = {
    op: "join",
    kind: node.join,
    leftKeys: left.keys,
    rightKeys: right.keys,
    nullsMatch,
    residual: residualOf(node, others, left.plan.schema.columns.length),
    leftChangelog: left.plan.traits.isChangelog,
    rightChangelog: right.plan.traits.isChangelog,
    ...(ttl_ms === null ? {} : { ttl_ms }),
  };
  const exchanged = (side: Side): StreamPlan =>
    exchange(
      side.plan,
      side.keys.filter((_, k) => isExchanged(k)),
    );
  return {
    kind: "operator",
    name: "Join",
    handle: "join",
    spec,
    inputs: [exchanged(left), exchanged(right)],
    schema: schemaOf(node, left.plan.schema, both),
    traits: joinTraits(
      spec,
      left.plan.traits,
      right.plan.traits,
      left.plan.schema.columns.length,
      left.keys.filter((_, k) => isExchanged(k)),
    ),
    description: describe(spec, left, right, both),
    side: null,
    isShared: false,
  };
}

function schemaOf(node: JoinNode, left: Schema, both: Schema): Schema {
  if (node.join === "semi" || node.join === "anti") return left;
  return node.join === "mark" ? { columns: [...left.columns, { name: "mark", type: boolean }] } : both;
}

/** The conditions that are no keys, over the columns of both sides as the operator has them. */
function residualOf(node: JoinNode, others: readonly JoinCondition[], width: number): Expression | null {
  const own = node.left.schema.columns.length;
  const shift = (e: Expression): Expression => mapColumns(e, (c) => ({ ...c, index: c.index < own ? c.index : c.index - own + width }));
  const toRight = (e: Expression): Expression => mapColumns(e, (c) => ({ ...c, index: c.index + width }));
  const compared = others.map(
    (c): Expression => ({ kind: "compare", operator: c.operator, left: c.left, right: toRight(c.right), type: boolean }),
  );
  return conjunction([...compared, ...(node.residual === null ? [] : [shift(node.residual)])]);
}

function describe(spec: JoinSpec, left: Side, right: Side, both: Schema): string {
  const names = (side: Side): string => side.keys.map((k) => side.plan.schema.columns[k]?.name).join(", ");
  const residual = spec.residual === null ? "" : ` and ${printExpression(spec.residual, both)}`;
  const on = spec.leftKeys.length === 0 ? "no equality: all rows on one subtask" : `left=[${names(left)}]  right=[${names(right)}]`;
  return `${spec.kind}  ${on}${residual}`;
}

function notice(node: JoinNode, { keys }: Parts): string {
  const where = node.join === "mark" && keys.every((c) => c.operator === "=") ? " on one subtask" : "";
  const on = keys.map((c) => `${printExpression(c.left, node.left.schema)} = ${printExpression(c.right, node.right.schema)}`).join(" and ");
  const remedy = "join windows (TUMBLE, HOP) on equal window_start and window_end to bound it, or set state_ttl";
  return on === ""
    ? `unbounded state: a join without an equality keeps all rows of both inputs on one subtask as long as the job lives; ${remedy}`
    : `unbounded state: the join on ${on} keeps the rows of both inputs${where} as long as the job lives; ${remedy}`;
}

/** Pairs are looked at again when a row is taken back, and after a restart: the condition must say the same then. */
export function refuseVolatile(residual: Expression | null, context: StreamContext): void {
  if (residual !== null && (isVolatile(residual) || hasNow(residual))) {
    throw unsupported("a join condition that reads the clock or is random", context.locate("now", "random", "on", "join", "where"));
  }
}

const hasNow = (e: Expression): boolean => e.kind === "now" || operandsOf(e).some(hasNow);
