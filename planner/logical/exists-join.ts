import { type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import type { BoundJoin, BoundPlan, JoinCondition } from "../bound/nodes.ts";
import { flipped } from "./join-conjuncts.ts";

/**
 * EXISTS over one relation, as a plain semi or anti join. DuckDB joins the distinct outer values with the relation, and the outer
 * rows with what is left of those; when the conditions are all between the two, the outer rows can be joined with the relation
 * itself, and what bounds them (in time) bounds the state. null for other shapes.
 */
export function existsJoin(plan: BoundJoin): BoundJoin | null {
  if (plan.form !== "delim" || (plan.join !== "SEMI" && plan.join !== "ANTI") || plan.predicate !== null) return null;
  const inner = innerOf(plan.right);
  if (inner === null || !isByAllValues(plan, inner)) return null;
  const { join, relation } = inner;
  const outer = (e: Expression): Expression => mapColumns(e, (c) => plan.delim[c.index] ?? c);
  const conditions = join.conditions.map(
    ({ operator, left, right }): JoinCondition =>
      relation === "left" ? { operator: flipped[operator], left: outer(right), right: left } : { operator, left: outer(left), right },
  );
  return { ...plan, form: "comparison", right: join[relation], conditions, delim: [] };
}

interface Inner {
  readonly join: BoundJoin;
  /** The side that is not the distinct outer values. */
  readonly relation: "left" | "right";
  /** Per column of the subquery the outer value that it is; null for another. */
  readonly values: readonly (number | null)[];
}

function innerOf(plan: BoundPlan): Inner | null {
  if (plan.kind === "project") {
    const below = innerOf(plan.input);
    const values = plan.expressions.map((e) => (e.kind === "column" ? (below?.values[e.index] ?? null) : null));
    return below === null ? null : { ...below, values };
  }
  if (plan.kind !== "join" || plan.join !== "INNER" || plan.form !== "comparison" || plan.predicate !== null) return null;
  const relation = plan.right.kind === "delimGet" ? "left" : plan.left.kind === "delimGet" ? "right" : null;
  if (relation === null || holdsOuterValues(plan[relation])) return null;
  const columns = (side: "left" | "right"): readonly (number | null)[] =>
    plan[side].columns.map((_, i) => (side === relation ? equalValue(plan, relation, i) : i));
  const kept = (values: readonly (number | null)[], keep: readonly number[] | null): readonly (number | null)[] =>
    keep === null ? values : keep.map((i) => values[i] ?? null);
  return { join: plan, relation, values: [...kept(columns("left"), plan.keepLeft), ...kept(columns("right"), plan.keepRight)] };
}

/** The outer value that a column of the relation equals: DuckDB passes on either. */
function equalValue({ conditions }: BoundJoin, relation: "left" | "right", column: number): number | null {
  for (const condition of conditions) {
    const [own, value] = relation === "left" ? [condition.left, condition.right] : [condition.right, condition.left];
    if (condition.operator === "=" && own.kind === "column" && own.index === column && value.kind === "column") return value.index;
  }
  return null;
}

/** The outer rows find their own values again: each of them is compared, and nothing else. */
function isByAllValues({ conditions, delim }: BoundJoin, { values }: Inner): boolean {
  const found = new Set<number>();
  for (const { operator, left, right } of conditions) {
    const value = right.kind === "column" ? (values[right.index] ?? null) : null;
    const own = value === null ? undefined : delim[value];
    const isOwn = left.kind === "column" && own?.kind === "column" && own.index === left.index;
    if (operator !== "isNotDistinct" || value === null || !isOwn) return false;
    found.add(value);
  }
  return found.size === delim.length;
}

function holdsOuterValues(plan: BoundPlan): boolean {
  if (plan.kind === "delimGet") return true;
  const below = [
    ...("input" in plan ? [plan.input] : []),
    ...("left" in plan ? [plan.left, plan.right] : []),
    ...("inputs" in plan ? plan.inputs : []),
    ...("definition" in plan ? [plan.definition] : []),
  ];
  return below.some(holdsOuterValues);
}
