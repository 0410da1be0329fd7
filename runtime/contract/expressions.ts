import type { SqlType } from "./types.ts";
import type { Value } from "./value.ts";

/**
 * A bound, typed scalar expression over the columns of one batch. Structured-cloneable; printed by `printExpression`.
 * Function names are DuckDB's resolved ones (`+`, `//`, `year`, `~~` for LIKE, `struct_extract`): its binder made the tree.
 */
export type Expression =
  | { readonly kind: "column"; readonly index: number; readonly type: SqlType }
  | { readonly kind: "literal"; readonly value: Value; readonly type: SqlType }
  | { readonly kind: "cast"; readonly argument: Expression; readonly type: SqlType; readonly tryCast: boolean }
  | {
      readonly kind: "call";
      readonly name: string;
      readonly arguments: readonly Expression[];
      readonly type: SqlType;
      readonly lambda?: Lambda;
    }
  | {
      readonly kind: "compare";
      readonly operator: CompareOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly type: SqlType;
    }
  | { readonly kind: "and" | "or"; readonly arguments: readonly Expression[]; readonly type: SqlType }
  | { readonly kind: "not" | "isNull" | "isNotNull"; readonly argument: Expression; readonly type: SqlType }
  | {
      readonly kind: "in";
      readonly argument: Expression;
      readonly list: readonly Expression[];
      readonly negated: boolean;
      readonly type: SqlType;
    }
  | {
      readonly kind: "between";
      readonly argument: Expression;
      readonly lower: Expression;
      readonly upper: Expression;
      readonly lowerInclusive: boolean;
      readonly upperInclusive: boolean;
      readonly type: SqlType;
    }
  | { readonly kind: "coalesce"; readonly arguments: readonly Expression[]; readonly type: SqlType }
  | { readonly kind: "case"; readonly whens: readonly CaseWhen[]; readonly otherwise: Expression; readonly type: SqlType }
  /** Processing time at the batch's evaluation (`PROCTIME()`, `now()`), TIMESTAMPTZ. */
  | { readonly kind: "now"; readonly type: SqlType };

/**
 * The function that a call like list_transform applies. Its arguments are the list and then what the body captures from around it.
 * Columns of the body are not those of the batch: the last parameter is 0, the first `parameters - 1`, and captures follow.
 */
export interface Lambda {
  readonly parameters: number;
  readonly body: Expression;
}

export interface CaseWhen {
  readonly when: Expression;
  readonly result: Expression;
}

export type CompareOperator = "=" | "<>" | "<" | "<=" | ">" | ">=" | "isDistinct" | "isNotDistinct";

/** The direct operands, in evaluation order. */
export function operandsOf(e: Expression): readonly Expression[] {
  switch (e.kind) {
    case "column":
    case "literal":
    case "now":
      return [];
    case "cast":
    case "not":
    case "isNull":
    case "isNotNull":
      return [e.argument];
    case "call":
    case "and":
    case "or":
    case "coalesce":
      return e.arguments;
    case "compare":
      return [e.left, e.right];
    case "in":
      return [e.argument, ...e.list];
    case "between":
      return [e.argument, e.lower, e.upper];
    case "case":
      return [...e.whens.flatMap((w) => [w.when, w.result]), e.otherwise];
  }
}

/** The expression with each direct operand replaced. */
export function mapOperands(e: Expression, f: (operand: Expression) => Expression): Expression {
  switch (e.kind) {
    case "column":
    case "literal":
    case "now":
      return e;
    case "cast":
    case "not":
    case "isNull":
    case "isNotNull":
      return { ...e, argument: f(e.argument) };
    case "call":
    case "and":
    case "or":
    case "coalesce":
      return { ...e, arguments: e.arguments.map(f) };
    case "compare":
      return { ...e, left: f(e.left), right: f(e.right) };
    case "in":
      return { ...e, argument: f(e.argument), list: e.list.map(f) };
    case "between":
      return { ...e, argument: f(e.argument), lower: f(e.lower), upper: f(e.upper) };
    case "case":
      return { ...e, whens: e.whens.map((w) => ({ when: f(w.when), result: f(w.result) })), otherwise: f(e.otherwise) };
  }
}

/** Column references, renumbered (or replaced by an expression). */
export function mapColumns(e: Expression, f: (column: Extract<Expression, { kind: "column" }>) => Expression): Expression {
  return e.kind === "column" ? f(e) : mapOperands(e, (operand) => mapColumns(operand, f));
}

export function columnsOf(e: Expression, into: Set<number> = new Set()): Set<number> {
  if (e.kind === "column") into.add(e.index);
  for (const operand of operandsOf(e)) columnsOf(operand, into);
  return into;
}
