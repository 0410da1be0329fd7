import type { AsofComparison } from "../../runtime/contract/time-joins.ts";
import type { CompareOperator, Expression } from "../../runtime/contract/expressions.ts";
import type { AnyWindowSpec, JoinKind, ValuesContent } from "../../runtime/contract/job-graph.ts";
import { elementOf } from "../../runtime/contract/rows.ts";
import { bigint, boolean, type Field, type Schema, type SqlType } from "../../runtime/contract/types.ts";
import type { RankFunction } from "../../runtime/contract/ordering.ts";
import type { BoundWindowCall } from "../bound/nodes.ts";
import type { SourceObject } from "../catalog.ts";

/*
 * What a query asks for, in relational terms plus windows. A node that two others read (a common table expression) is one
 * object: the plan is a graph without cycles. Column numbers of expressions count in the input's schema.
 */
export type LogicalPlan =
  | ScanNode
  | ValuesNode
  | FilterNode
  | ProjectNode
  | WindowNode
  | SessionNode
  | AggregateNode
  | JoinNode
  | AsofNode
  | UnionNode
  | SetOperationNode
  | UnnestNode
  | RankNode
  | OverNode;

export type LogicalKind = LogicalPlan["kind"];

export interface ScanNode {
  readonly kind: "scan";
  readonly source: SourceObject;
  /** Positions in the source's columns, ascending; the watermark's column is always among them. */
  readonly columns: readonly number[];
  readonly schema: Schema;
}

export interface FilterNode {
  readonly kind: "filter";
  readonly input: LogicalPlan;
  readonly predicate: Expression;
  readonly schema: Schema;
}

export interface ProjectNode {
  readonly kind: "project";
  readonly input: LogicalPlan;
  readonly expressions: readonly Expression[];
  readonly schema: Schema;
}

/** Attaches window_start, window_end, window_time: one row per window that holds the row. */
export interface WindowNode {
  readonly kind: "window";
  readonly input: LogicalPlan;
  readonly timeColumn: number;
  readonly window: AnyWindowSpec;
  readonly schema: Schema;
}

/** Attaches the window columns of the session, per `partitionKeys`, that the row falls into. */
export interface SessionNode {
  readonly kind: "session";
  readonly input: LogicalPlan;
  readonly timeColumn: number;
  readonly gap_us: bigint;
  readonly partitionKeys: readonly number[];
  readonly schema: Schema;
}

/** Columns: groups, then calls. No calls: DISTINCT. No groups: one row over everything. */
export interface AggregateNode {
  readonly kind: "aggregate";
  readonly input: LogicalPlan;
  readonly groups: readonly Expression[];
  readonly calls: readonly LogicalCall[];
  readonly schema: Schema;
}

export interface LogicalCall {
  readonly name: string;
  readonly arguments: readonly Expression[];
  readonly distinct: boolean;
  readonly filter: Expression | null;
  readonly constants: readonly Expression[];
  /** ORDER BY inside the call. */
  readonly orders: readonly SortOrder[];
  readonly type: SqlType;
}

/** Columns: left, then right; of semi and anti the left ones, of mark those and a BOOLEAN. */
export interface JoinNode {
  readonly kind: "join";
  readonly join: JoinKind;
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly conditions: readonly JoinCondition[];
  /** Over left ++ right. */
  readonly residual: Expression | null;
  readonly schema: Schema;
}

/** Each left row with one right row at most: the one of its key that `pick` says. Columns: left, then right. */
export interface AsofNode {
  readonly kind: "asof";
  readonly join: "inner" | "left";
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly equalities: readonly JoinCondition[];
  readonly pick: AsofPick;
  /** Of the row that was picked; over left ++ right. */
  readonly residual: Expression | null;
  readonly schema: Schema;
}

export type AsofPick =
  /** The right time nearest to the left one, on the side that the comparison `left OP right` says. `isVersion`: right rows of one key and time replace each other. */
  | {
      readonly kind: "time";
      readonly left: Expression;
      readonly right: Expression;
      readonly comparison: AsofComparison;
      readonly isVersion: boolean;
    }
  /** What is there when the left row comes. */
  | { readonly kind: "now" };

export interface JoinCondition {
  readonly operator: CompareOperator;
  /** Over the left input. */
  readonly left: Expression;
  /** Over the right input. */
  readonly right: Expression;
}

/** Expressions count in the input's columns. */
export interface SortOrder {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** The rows of each partition whose rank is between `from` and `to` (null: no end). Columns: the input's, then the rank if `withRank`. */
export interface RankNode {
  readonly kind: "rank";
  readonly input: LogicalPlan;
  readonly function: RankFunction;
  readonly partitions: readonly Expression[];
  readonly orders: readonly SortOrder[];
  readonly from: number;
  readonly to: number | null;
  readonly withRank: boolean;
  /** How the query said it, for EXPLAIN and messages. */
  readonly form: "row_number" | "rank" | "dense_rank" | "limit" | "distinct on";
  readonly schema: Schema;
}

/** Window functions with one PARTITION BY and ORDER BY. Columns: the input's, then one per call. */
export interface OverNode {
  readonly kind: "over";
  readonly input: LogicalPlan;
  readonly partitions: readonly Expression[];
  readonly orders: readonly SortOrder[];
  readonly calls: readonly LogicalOverCall[];
  readonly schema: Schema;
}

/** As DuckDB bound it, with expressions over the input's columns. */
export type LogicalOverCall = Omit<BoundWindowCall, "partitions" | "orders" | "argumentOrders">;

export interface UnionNode {
  readonly kind: "union";
  readonly inputs: readonly LogicalPlan[];
  readonly schema: Schema;
}

/** INTERSECT or EXCEPT; not `all`: each row once. */
export interface SetOperationNode {
  readonly kind: "setOperation";
  readonly operation: "intersect" | "except";
  readonly all: boolean;
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly schema: Schema;
}

/** Columns: the input's, one per list, then the position from 1 if asked for. `outer` keeps rows without elements. */
export interface UnnestNode {
  readonly kind: "unnest";
  readonly input: LogicalPlan;
  readonly lists: readonly Expression[];
  readonly outer: boolean;
  readonly ordinality: boolean;
  readonly schema: Schema;
}

/** Rows that the query itself brings: VALUES, a series, one row, none. */
export interface ValuesNode {
  readonly kind: "values";
  readonly content: ValuesContent;
  readonly schema: Schema;
}

export const windowColumnNames = ["window_start", "window_end", "window_time"] as const;
export type WindowColumnName = (typeof windowColumnNames)[number];

export function scan(source: SourceObject, columns: readonly number[]): ScanNode {
  return { kind: "scan", source, columns, schema: { columns: columns.flatMap((i) => source.columns[i] ?? []).map(fieldOf) } };
}

const fieldOf = ({ name, type }: Field): Field => ({ name, type });

export function filter(input: LogicalPlan, predicate: Expression): FilterNode {
  return { kind: "filter", input, predicate, schema: input.schema };
}

export function project(input: LogicalPlan, expressions: readonly Expression[], names: readonly string[]): ProjectNode {
  const columns = expressions.map((e, i) => ({ name: names[i] ?? `column${i + 1}`, type: e.type }));
  return { kind: "project", input, expressions, schema: { columns } };
}

export function window(input: LogicalPlan, timeColumn: number, spec: AnyWindowSpec): WindowNode {
  return { kind: "window", input, timeColumn, window: spec, schema: withWindowColumns(input.schema, timeColumn) };
}

export function session(input: LogicalPlan, timeColumn: number, gap_us: bigint, partitionKeys: readonly number[]): SessionNode {
  return { kind: "session", input, timeColumn, gap_us, partitionKeys, schema: withWindowColumns(input.schema, timeColumn) };
}

/** The window columns have the type of the time column. */
export function withWindowColumns(schema: Schema, timeColumn: number): Schema {
  const type = (schema.columns[timeColumn] as Field).type;
  return { columns: [...schema.columns, ...windowColumnNames.map((name) => ({ name, type }))] };
}

export function aggregate(
  input: LogicalPlan,
  groups: readonly Expression[],
  groupNames: readonly string[],
  calls: readonly LogicalCall[],
): AggregateNode {
  const columns = uniqueNames([
    ...groups.map((g, i) => ({ name: groupNames[i] ?? `group${i + 1}`, type: g.type })),
    ...calls.map((call) => ({ name: call.name === "count_star" ? "count" : call.name, type: call.type })),
  ]);
  return { kind: "aggregate", input, groups, calls, schema: { columns } };
}

/** State is stored under column names, so those of one operator differ. */
export function uniqueNames(fields: readonly Field[]): readonly Field[] {
  const seen = new Map<string, number>();
  return fields.map((field) => {
    const count = (seen.get(field.name) ?? 0) + 1;
    seen.set(field.name, count);
    return count === 1 ? field : { name: `${field.name}_${count}`, type: field.type };
  });
}

export function join(
  kind: JoinKind,
  left: LogicalPlan,
  right: LogicalPlan,
  conditions: readonly JoinCondition[],
  residual: Expression | null,
): JoinNode {
  return { kind: "join", join: kind, left, right, conditions, residual, schema: { columns: joinColumns(kind, left.schema, right.schema) } };
}

function joinColumns(kind: JoinKind, left: Schema, right: Schema): readonly Field[] {
  if (kind === "semi" || kind === "anti") return left.columns;
  return kind === "mark" ? [...left.columns, { name: "mark", type: boolean }] : [...left.columns, ...right.columns];
}

export function rank(input: LogicalPlan, ranking: Omit<RankNode, "kind" | "input" | "schema">): RankNode {
  const columns = ranking.withRank ? [...input.schema.columns, { name: ranking.form, type: bigint }] : input.schema.columns;
  return { kind: "rank", input, ...ranking, schema: { columns } };
}

export function over(
  input: LogicalPlan,
  partitions: readonly Expression[],
  orders: readonly SortOrder[],
  calls: readonly LogicalOverCall[],
): OverNode {
  const added = calls.map((call) => ({ name: call.name, type: call.type }));
  return { kind: "over", input, partitions, orders, calls, schema: { columns: [...input.schema.columns, ...added] } };
}

export function asof(
  type: AsofNode["join"],
  left: LogicalPlan,
  right: LogicalPlan,
  equalities: readonly JoinCondition[],
  pick: AsofPick,
  residual: Expression | null,
): AsofNode {
  const columns = [...left.schema.columns, ...right.schema.columns];
  return { kind: "asof", join: type, left, right, equalities, pick, residual, schema: { columns } };
}

export function union(inputs: readonly LogicalPlan[]): UnionNode {
  const [first] = inputs;
  return { kind: "union", inputs, schema: first?.schema ?? { columns: [] } };
}

export function setOperation(
  operation: SetOperationNode["operation"],
  all: boolean,
  left: LogicalPlan,
  right: LogicalPlan,
): SetOperationNode {
  return { kind: "setOperation", operation, all, left, right, schema: left.schema };
}

export function unnest(
  input: LogicalPlan,
  lists: readonly Expression[],
  names: readonly string[],
  form: { readonly outer: boolean; readonly ordinality: boolean },
): UnnestNode {
  const elements = lists.map((list, i) => ({ name: names[i] ?? "unnest", type: elementOf(list.type) }));
  const position = form.ordinality ? [{ name: names[lists.length] ?? "ordinality", type: bigint }] : [];
  return { kind: "unnest", input, lists, ...form, schema: { columns: [...input.schema.columns, ...elements, ...position] } };
}

export const values = (content: ValuesContent, schema: Schema): ValuesNode => ({ kind: "values", content, schema });

export function inputsOf(plan: LogicalPlan): readonly LogicalPlan[] {
  switch (plan.kind) {
    case "scan":
    case "values":
      return [];
    case "join":
    case "asof":
    case "setOperation":
      return [plan.left, plan.right];
    case "union":
      return plan.inputs;
    default:
      return [plan.input];
  }
}
