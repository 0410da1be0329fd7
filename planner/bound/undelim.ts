import { type CompareOperator, type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import { boolean, type Field } from "../../runtime/contract/types.ts";
import { mapInputs } from "./map-inputs.ts";
import type { BoundJoin, BoundPlan, JoinCondition } from "./nodes.ts";
import { keep } from "./read.ts";

/**
 * Takes away the delim joins that DuckDB keeps although they need not be: it does so whenever the outer side has a filter.
 *
 * In their right side an inner join of X with the distinct rows of the outer side stands for the correlation. Where each distinct
 * column equals a column of X, that join only drops rows that the outer join would not match anyway: it becomes a projection of X.
 */
export function undelim(plan: BoundPlan): BoundPlan {
  const node = mapInputs(plan, undelim);
  if (node.kind !== "join" || node.form !== "delim") return node;
  const right = new Stripping().strip(node.right);
  return right === null ? node : { ...node, right, form: "comparison", delim: [] };
}

class Stripping {
  #isLeft = false;

  /** The right side without its distinct rows; null when some must stay. */
  strip(plan: BoundPlan): BoundPlan | null {
    const stripped = this.#visit(plan);
    return this.#isLeft ? null : stripped;
  }

  #visit(plan: BoundPlan): BoundPlan {
    if (plan.kind === "delimGet") {
      this.#isLeft = true;
      return plan;
    }
    // A nested delim join owns the distinct rows of its right side.
    if (plan.kind === "join" && plan.form === "delim") return { ...plan, left: this.#visit(plan.left) };
    const correlated = plan.kind === "join" ? correlationOf(plan) : null;
    if (correlated !== null) return projected(correlated, this.#visit(correlated.relation));
    return mapInputs(plan, (input) => this.#visit(input));
  }
}

interface Correlation {
  readonly join: BoundJoin;
  readonly relation: BoundPlan;
  readonly relationIsLeft: boolean;
  /** Expressions over the relation, one per distinct column. */
  readonly columns: readonly Expression[];
  /** Over the relation. */
  readonly predicates: readonly Expression[];
}

const flipped: Readonly<Partial<Record<CompareOperator, CompareOperator>>> = { "<": ">", ">": "<", "<=": ">=", ">=": "<=" };

function correlationOf(join: BoundJoin): Correlation | null {
  if (join.join !== "INNER" || join.form !== "comparison" || join.predicate !== null) return null;
  const relationIsLeft = join.right.kind === "delimGet";
  if (!relationIsLeft && join.left.kind !== "delimGet") return null;
  const [relation, distinct] = relationIsLeft ? [join.left, join.right] : [join.right, join.left];
  if (relation.kind === "delimGet") return null;
  const conditions = join.conditions.map(
    (c): JoinCondition => (relationIsLeft ? c : { operator: flipped[c.operator] ?? c.operator, left: c.right, right: c.left }),
  );
  const equalities = distinct.columns.map((_, i) =>
    conditions.find((c) => isEquality(c) && c.right.kind === "column" && c.right.index === i),
  );
  if (equalities.includes(undefined)) return null;
  const columns = equalities.flatMap((c) => (c === undefined ? [] : [c.left]));
  const predicates = conditions.flatMap((c) => {
    if (!equalities.includes(c))
      return [
        compared(
          c,
          mapColumns(c.right, (column) => columns[column.index] as Expression),
        ),
      ];
    return c.operator === "=" ? [isNotNull(c.left)] : [];
  });
  return { join, relation, relationIsLeft, columns, predicates };
}

const isEquality = ({ operator }: JoinCondition): boolean => operator === "=" || operator === "isNotDistinct";
const isNotNull = (argument: Expression): Expression => ({ kind: "isNotNull", argument, type: boolean });
const compared = ({ operator, left }: JoinCondition, right: Expression): Expression => ({
  kind: "compare",
  operator,
  left,
  right,
  type: boolean,
});

function projected({ join, relation, relationIsLeft, columns, predicates }: Correlation, stripped: BoundPlan): BoundPlan {
  const input: BoundPlan =
    predicates.length === 0 ? stripped : { kind: "filter", input: stripped, predicates, keep: null, columns: stripped.columns };
  const own = relation.columns.map(({ type }: Field, index): Expression => ({ kind: "column", index, type }));
  const [left, right] = relationIsLeft ? [own, columns] : [columns, own];
  return { kind: "project", input, expressions: [...keep(left, join.keepLeft), ...keep(right, join.keepRight)], columns: join.columns };
}
