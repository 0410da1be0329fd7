import { columnsOf, type CompareOperator, type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import { conjunction } from "./conversion.ts";
import type { JoinCondition } from "./nodes.ts";

/** What `a op b` is with its sides exchanged. */
export const flipped: Readonly<Record<CompareOperator, CompareOperator>> = {
  "=": "=",
  "<>": "<>",
  "<": ">",
  "<=": ">=",
  ">": "<",
  ">=": "<=",
  isDistinct: "isDistinct",
  isNotDistinct: "isNotDistinct",
};

export const conjunctsOf = (e: Expression): readonly Expression[] => (e.kind === "and" ? e.arguments.flatMap(conjunctsOf) : [e]);

/**
 * The comparisons of a predicate over left ++ right columns that have one side over each input, and the rest. DuckDB leaves
 * all of an outer join's condition in a predicate when part of it looks at one input only.
 */
export function splitPredicate(
  predicate: Expression | null,
  leftWidth: number,
): { readonly conditions: readonly JoinCondition[]; readonly residual: Expression | null } {
  const conditions: JoinCondition[] = [];
  const rest: Expression[] = [];
  for (const conjunct of predicate === null ? [] : conjunctsOf(predicate)) {
    const condition = conditionOf(conjunct, leftWidth);
    if (condition === null) rest.push(conjunct);
    else conditions.push(condition);
  }
  return { conditions, residual: conjunction(rest) };
}

function conditionOf(e: Expression, leftWidth: number): JoinCondition | null {
  if (e.kind !== "compare") return null;
  const toRight = (side: Expression): Expression => mapColumns(side, (c) => ({ ...c, index: c.index - leftWidth }));
  const sides = [sideOf(e.left, leftWidth), sideOf(e.right, leftWidth)];
  if (sides[0] === "left" && sides[1] === "right") return { operator: e.operator, left: e.left, right: toRight(e.right) };
  if (sides[0] === "right" && sides[1] === "left") return { operator: flipped[e.operator], left: e.right, right: toRight(e.left) };
  return null;
}

/** The one input that an expression looks at. */
function sideOf(e: Expression, leftWidth: number): "left" | "right" | null {
  const columns = [...columnsOf(e)];
  if (columns.length === 0) return null;
  if (columns.every((c) => c < leftWidth)) return "left";
  return columns.every((c) => c >= leftWidth) ? "right" : null;
}
