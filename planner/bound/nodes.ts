import type { CompareOperator, Expression } from "../../runtime/contract/expressions.ts";
import type { Field, SqlType } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";

/*
 * DuckDB's bound plan as a tree of ours, one kind per operator of notes/duckdb-plan.md, section 2.2. Column numbers of an
 * expression count in the columns of the node's input (of left ++ right for a join's predicate).
 */

export type BoundPlan =
  | BoundScan
  | BoundTableFunction
  | (Node & { readonly kind: "dummy" | "empty" | "chunk" | "delimGet" })
  | (Unary & { readonly kind: "sample" | "pivot" })
  | (Unary & { readonly kind: "values"; readonly rows: readonly (readonly Expression[])[] })
  | (Unary & { readonly kind: "project"; readonly expressions: readonly Expression[] })
  | (Unary & { readonly kind: "filter"; readonly predicates: readonly Expression[]; readonly keep: readonly number[] | null })
  | (Unary & { readonly kind: "order"; readonly orders: readonly BoundOrder[]; readonly keep: readonly number[] | null })
  | (Unary & { readonly kind: "limit"; readonly limit: BoundLimit; readonly offset: BoundLimit })
  | (Unary & { readonly kind: "topN"; readonly orders: readonly BoundOrder[]; readonly limit: number; readonly offset: number })
  /** `on` is null for a plain DISTINCT. */
  | (Unary & { readonly kind: "distinct"; readonly on: readonly Expression[] | null; readonly orders: readonly BoundOrder[] })
  | (Unary & { readonly kind: "unnest"; readonly expressions: readonly Expression[] })
  | (Unary & { readonly kind: "window"; readonly calls: readonly BoundWindowCall[] })
  | BoundAggregateNode
  | BoundJoin
  | (Binary & { readonly kind: "cross" | "positional" })
  | (Node & { readonly kind: "union" | "except" | "intersect"; readonly inputs: readonly BoundPlan[]; readonly all: boolean })
  /** `definition` is computed once and read by the cteRefs of its id in `input`. */
  | (Unary & { readonly kind: "cte"; readonly id: number; readonly name: string; readonly definition: BoundPlan })
  | (Unary & { readonly kind: "recursiveCte"; readonly id: number; readonly step: BoundPlan })
  | (Node & { readonly kind: "cteRef"; readonly id: number });

export type BoundKind = BoundPlan["kind"];

interface Node {
  readonly columns: readonly Field[];
}

interface Unary extends Node {
  readonly input: BoundPlan;
}

interface Binary extends Node {
  readonly left: BoundPlan;
  readonly right: BoundPlan;
}

export interface BoundScan extends Node {
  readonly kind: "scan";
  readonly table: { readonly schema: string; readonly name: string };
  /** Where each output column comes from; null for a virtual one (rowid), which nothing may read. */
  readonly sources: readonly (ScanColumn | null)[];
  /** ANDed; over the *table's* columns. */
  readonly filters: readonly Expression[];
}

export interface ScanColumn {
  /** Position in the table. */
  readonly column: number;
  readonly type: SqlType;
  /** Struct fields that the scan itself takes out of the column. */
  readonly path: readonly Field[];
}

export interface BoundTableFunction extends Node {
  readonly kind: "tableFunction";
  readonly name: string;
  /** Constant arguments; a lateral call has none, its arguments are the first columns of its input. */
  readonly arguments: readonly Literal[];
  readonly argumentCount: number;
  readonly inputs: readonly BoundPlan[];
  /** The function's own output columns that are asked for, by position. */
  readonly outputs: readonly number[];
  /** Columns of the input that come behind them. */
  readonly passed: readonly number[];
}

export interface Literal {
  readonly value: Value;
  readonly type: SqlType;
}

export interface BoundAggregateNode extends Unary {
  readonly kind: "aggregate";
  readonly groups: readonly Expression[];
  readonly calls: readonly BoundAggregateCall[];
  /** Positions in `groups`; one full set for a plain GROUP BY. */
  readonly groupingSets: readonly (readonly number[])[];
  /** Per GROUPING(): positions in `groups`. */
  readonly groupingFunctions: readonly (readonly number[])[];
}

export type JoinKind = "INNER" | "LEFT" | "RIGHT" | "FULL" | "SEMI" | "ANTI" | "MARK" | "SINGLE" | "RIGHT_SEMI" | "RIGHT_ANTI";

export interface BoundJoin extends Binary {
  readonly kind: "join";
  readonly join: JoinKind;
  readonly form: "comparison" | "any" | "asof" | "delim";
  /** Left expressions over the left input's columns, right ones over the right input's, both before `keep`. */
  readonly conditions: readonly JoinCondition[];
  /** Over the output columns. */
  readonly predicate: Expression | null;
  readonly keepLeft: readonly number[] | null;
  readonly keepRight: readonly number[] | null;
  /** Of a delim join: over the left input; their distinct values are what `delimGet` in the right input reads. */
  readonly delim: readonly Expression[];
}

export interface JoinCondition {
  readonly operator: CompareOperator;
  readonly left: Expression;
  readonly right: Expression;
}

export interface BoundOrder {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

export interface BoundAggregateCall {
  readonly name: string;
  readonly arguments: readonly Expression[];
  readonly type: SqlType;
  readonly distinct: boolean;
  readonly filter: Expression | null;
  readonly orders: readonly BoundOrder[];
  /** Literal parameters that the binder took out of the arguments: string_agg's separator, the quantiles. */
  readonly constants: readonly Expression[];
}

/** `other`: a percentage or an expression. */
export type BoundLimit = { readonly kind: "none" | "other" } | { readonly kind: "constant"; readonly rows: number };

export interface BoundWindowCall {
  /** `row_number`, `first_value`, `sum` … */
  readonly name: string;
  readonly arguments: readonly Expression[];
  readonly partitions: readonly Expression[];
  readonly orders: readonly BoundOrder[];
  readonly type: SqlType;
  /** An aggregate, not a function of its own. */
  readonly isAggregate: boolean;
  readonly distinct: boolean;
  readonly filter: Expression | null;
  readonly ignoreNulls: boolean;
  /** DuckDB's names: `UNBOUNDED_PRECEDING`, `CURRENT_ROW_RANGE`, `EXPR_FOLLOWING_GROUPS` … */
  readonly start: string;
  readonly end: string;
  /** A count of rows or groups; for RANGE the value itself at which the frame starts or ends. */
  readonly startExpression: Expression | null;
  readonly endExpression: Expression | null;
  /** `NO_OTHER`, `CURRENT_ROW`, `GROUP`, `TIES`. */
  readonly exclude: string;
  /** Of LAG and LEAD. */
  readonly offset: Expression | null;
  readonly fallback: Expression | null;
  /** An ORDER BY among the arguments. */
  readonly argumentOrders: readonly BoundOrder[];
  readonly constants: readonly Expression[];
}
