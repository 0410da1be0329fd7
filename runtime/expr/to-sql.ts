import type { CompareOperator, Expression, Lambda } from "../contract/expressions.ts";
import { elementOf } from "../contract/rows.ts";
import { decimalText } from "../contract/text-number.ts";
import { dateInfinity, timestampInfinity } from "../contract/text-time.ts";
import { formatType, type SqlType } from "../contract/types.ts";
import { isInterval, type Value } from "../contract/value.ts";
import { quoteName, quoteText } from "../contract/quote.ts";

/**
 * An expression as SQL that DuckDB binds to the same functions. Every literal carries its type, every function is called by its
 * quoted name, columns are named by `columnName`; so no text of a user is ever read as anything but a string.
 */
export interface SqlContext {
  readonly columnName: (index: number) => string;
  /** What `now` means for this batch, µs. */
  readonly now_us: bigint;
  /** SQL of a column within a lambda: a parameter, or what it captured. */
  readonly local?: (index: number) => string;
  /** Lambdas around this expression. */
  readonly depth?: number;
}

const comparisons: Readonly<Record<CompareOperator, string>> = {
  "=": "=",
  "<>": "<>",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
  isDistinct: "IS DISTINCT FROM",
  isNotDistinct: "IS NOT DISTINCT FROM",
};

export function expressionToSql(e: Expression, context: SqlContext): string {
  const sql = (operand: Expression): string => expressionToSql(operand, context);
  const list = (operands: readonly Expression[], separator: string): string => operands.map(sql).join(separator);
  switch (e.kind) {
    case "column":
      return context.local?.(e.index) ?? quoteName(context.columnName(e.index));
    case "literal":
      return literalToSql(e.type, e.value);
    case "now":
      return literalToSql({ id: "timestamptz" }, context.now_us);
    case "cast":
      return `${e.tryCast ? "TRY_CAST" : "CAST"}(${sql(e.argument)} AS ${formatType(e.type)})`;
    case "call":
      return callToSql(e, sql, context);
    case "compare":
      return `(${sql(e.left)} ${comparisons[e.operator]} ${sql(e.right)})`;
    case "and":
      return `(${list(e.arguments, " AND ")})`;
    case "or":
      return `(${list(e.arguments, " OR ")})`;
    case "not":
      return `(NOT ${sql(e.argument)})`;
    case "isNull":
      return `(${sql(e.argument)} IS NULL)`;
    case "isNotNull":
      return `(${sql(e.argument)} IS NOT NULL)`;
    case "in":
      return `(${sql(e.argument)} ${e.negated ? "NOT IN" : "IN"} (${list(e.list, ", ")}))`;
    case "between": {
      if (e.lowerInclusive && e.upperInclusive) return `(${sql(e.argument)} BETWEEN ${sql(e.lower)} AND ${sql(e.upper)})`;
      const [lower, upper] = [e.lowerInclusive ? ">=" : ">", e.upperInclusive ? "<=" : "<"];
      return `(${sql(e.argument)} ${lower} ${sql(e.lower)} AND ${sql(e.argument)} ${upper} ${sql(e.upper)})`;
    }
    case "coalesce":
      return `coalesce(${list(e.arguments, ", ")})`;
    case "case": {
      const whens = e.whens.map((w) => `WHEN ${sql(w.when)} THEN ${sql(w.result)}`).join(" ");
      return `(CASE ${whens} ELSE ${sql(e.otherwise)} END)`;
    }
  }
}

type CallExpression = Extract<Expression, { readonly kind: "call" }>;

function callToSql(e: CallExpression, sql: (operand: Expression) => string, context: SqlContext): string {
  if (e.lambda !== undefined) return lambdaCallToSql(e, e.lambda, sql, context);
  if (e.name === "struct_pack" && e.type.id === "struct") {
    const fields = e.type.fields.map((field, f) => `${quoteName(field.name)} := ${sql(e.arguments[f] as Expression)}`);
    return `struct_pack(${fields.join(", ")})`;
  }
  return `${quoteName(e.name)}(${e.arguments.map(sql).join(", ")})`;
}

/** Parameters get names of ours; what the body captured stands in it as it would outside. */
function lambdaCallToSql(e: CallExpression, lambda: Lambda, sql: (operand: Expression) => string, context: SqlContext): string {
  const [list, ...captures] = e.arguments.map(sql);
  const depth = context.depth ?? 0;
  const parameter = (index: number): string => `p${depth}_${lambda.parameters - 1 - index}`;
  const local = (index: number): string => (index < lambda.parameters ? parameter(index) : (captures[index - lambda.parameters] as string));
  const names = Array.from({ length: lambda.parameters }, (_, i) => `p${depth}_${i}`).join(", ");
  return `${quoteName(e.name)}(${list}, lambda ${names}: ${expressionToSql(lambda.body, { ...context, local, depth: depth + 1 })})`;
}

/** A value as a typed constant. Numbers go as text: a bare `0.1` would be a DECIMAL first. */
export function literalToSql(type: SqlType, value: Value): string {
  if (value === null) return castText("NULL", type);
  switch (type.id) {
    case "boolean":
      return value === true ? "true" : "false";
    case "varchar":
      return varcharToSql(value as string);
    case "json":
      return castText(varcharToSql(value as string), type);
    case "blob":
      return castText(`'${[...(value as Uint8Array)].map((b) => `\\x${b.toString(16).padStart(2, "0")}`).join("")}'`, type);
    case "decimal":
      return castText(`'${decimalText(value as bigint, type.scale)}'`, type);
    case "date":
      return dateToSql(value as number);
    case "time":
      return `(TIME '00:00:00' + to_microseconds(${String(value as bigint)}))`;
    case "timestamp":
      return timestampToSql(value as bigint);
    case "timestamptz":
      return castText(timestampToSql(value as bigint), type);
    case "interval":
      if (!isInterval(value)) throw new Error("invariant: an interval literal has its three parts");
      return `(to_months(${value.months}) + to_days(${value.days}) + to_microseconds(${value.micros}))`;
    case "list":
      return castText(`[${(value as readonly Value[]).map((item) => literalToSql(type.element, item)).join(", ")}]`, type);
    case "struct": {
      const fields = type.fields.map((f, k) => `${quoteName(f.name)} := ${literalToSql(f.type, (value as readonly Value[])[k] ?? null)}`);
      return castText(`struct_pack(${fields.join(", ")})`, type);
    }
    case "map": {
      const entries = (value as readonly Value[]).map((entry) => literalToSql(elementOf(type), entry)).join(", ");
      return castText(`map_from_entries([${entries}])`, type);
    }
    default:
      return castText(`'${Object.is(value, -0) ? "-0" : String(value as number | bigint | string).replaceAll("'", "''")}'`, type);
  }
}

const castText = (sql: string, type: SqlType): string => `CAST(${sql} AS ${formatType(type)})`;

/** The parser takes no NUL within a literal: such a text goes as bytes. */
function varcharToSql(text: string): string {
  if (!text.includes("\0")) return castText(quoteText(text), { id: "varchar" });
  return `decode(${literalToSql({ id: "blob" }, new TextEncoder().encode(text))})`;
}

function dateToSql(days: number): string {
  if (Math.abs(days) === dateInfinity) return castText(days > 0 ? "'infinity'" : "'-infinity'", { id: "date" });
  return `(DATE '1970-01-01' + CAST(${days} AS INTEGER))`;
}

function timestampToSql(micros: bigint): string {
  if (micros === timestampInfinity || micros === -timestampInfinity) {
    return castText(micros > 0n ? "'infinity'" : "'-infinity'", { id: "timestamp" });
  }
  return `make_timestamp(${micros})`;
}
