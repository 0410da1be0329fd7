import { columnsOf, type Expression } from "../../runtime/contract/expressions.ts";

/** The ranks that a filter lets through, and its conditions that say something else. */
export interface RankRange {
  readonly from: number;
  /** null: no upper bound. */
  readonly to: number | null;
  readonly rest: readonly Expression[];
}

interface Bounds {
  readonly from?: number;
  readonly to?: number;
}

/** What ANDed predicates say of the ranks in column `rank`; null when they leave none. */
export function rankRange(predicates: readonly Expression[], rank: number): RankRange | null {
  let from = 1;
  let to: number | null = null;
  const rest: Expression[] = [];
  for (const predicate of predicates.flatMap((p) => (p.kind === "and" ? p.arguments : [p]))) {
    const bounds = boundsOf(predicate, rank);
    if (bounds === null) rest.push(predicate);
    else {
      from = Math.max(from, bounds.from ?? 1);
      if (bounds.to !== undefined) to = to === null ? bounds.to : Math.min(to, bounds.to);
    }
  }
  return to !== null && from > to ? null : { from, to, rest };
}

export const readsColumn = (e: Expression, index: number): boolean => columnsOf(e).has(index);

const flipped = { "<": ">", "<=": ">=", ">": "<", ">=": "<=", "=": "=" } as const;
type Operator = keyof typeof flipped;
const isBound = (operator: string): operator is Operator => operator in flipped;

function boundsOf(e: Expression, rank: number): Bounds | null {
  if (e.kind === "between") {
    const lower = constantOf(e.lower);
    const upper = constantOf(e.upper);
    if (!isRank(e.argument, rank) || lower === null || upper === null) return null;
    return { ...bound(e.lowerInclusive ? ">=" : ">", lower), ...bound(e.upperInclusive ? "<=" : "<", upper) };
  }
  if (e.kind !== "compare" || !isBound(e.operator)) return null;
  const right = constantOf(e.right);
  if (isRank(e.left, rank) && right !== null) return bound(e.operator, right);
  const left = constantOf(e.left);
  return isRank(e.right, rank) && left !== null ? bound(flipped[e.operator], left) : null;
}

function bound(operator: Operator, value: number): Bounds {
  switch (operator) {
    case "<":
      return { to: value - 1 };
    case "<=":
      return { to: value };
    case ">":
      return { from: value + 1 };
    case ">=":
      return { from: value };
    case "=":
      return { from: value, to: value };
  }
}

const isRank = (e: Expression, rank: number): boolean => e.kind === "column" && e.index === rank;

/** A whole number that counts rows. */
function constantOf(e: Expression): number | null {
  if (e.kind !== "literal" || (typeof e.value !== "bigint" && typeof e.value !== "number")) return null;
  const value = Number(e.value);
  return (e.type.id === "bigint" || e.type.id === "integer") && Number.isSafeInteger(value) ? value : null;
}
