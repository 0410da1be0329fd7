import { assertNever } from "../contract/errors.ts";
import { withoutMarker } from "../contract/javascript.ts";
import type { Expression, Lambda } from "../contract/expressions.ts";
import { formatText } from "../contract/text.ts";
import { formatType, type SqlType } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";

/**
 * SQL-like text for EXPLAIN: `price * 0.908 > 100 AND channel ~~ '%x%'`. For people; what DuckDB is to run is made by to-sql.ts.
 * A column beyond `columnNames` prints as `#7`.
 */
export function printExpression(e: Expression, columnNames: readonly string[]): string {
  return print(e, columnNames, 0);
}

/** How tightly an operator binds; an operand that binds less gets parentheses. */
const strength = { or: 1, and: 2, not: 3, is: 4, compare: 5, other: 6, add: 7, multiply: 8, unary: 9, cast: 10 } as const;

const infix: Readonly<Record<string, number>> = {
  "+": strength.add,
  "-": strength.add,
  "*": strength.multiply,
  "/": strength.multiply,
  "//": strength.multiply,
  "%": strength.multiply,
  "||": strength.other,
  "~~": strength.other,
  "!~~": strength.other,
  "~~*": strength.other,
  "!~~*": strength.other,
};

const compareText = {
  "=": "=",
  "<>": "<>",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
  isDistinct: "IS DISTINCT FROM",
  isNotDistinct: "IS NOT DISTINCT FROM",
} as const;

function print(e: Expression, names: readonly string[], outer: number): string {
  const [text, own] = textOf(e, names);
  return own < outer ? `(${text})` : text;
}

function textOf(e: Expression, names: readonly string[]): readonly [text: string, strength: number] {
  const at = (operand: Expression, least: number): string => print(operand, names, least);
  const atom = 11;
  switch (e.kind) {
    case "column":
      return [names[e.index] ?? `#${e.index}`, atom];
    case "literal":
      return [printLiteral(e.type, e.value), atom];
    case "now":
      return ["now()", atom];
    case "cast":
      return e.tryCast
        ? [`TRY_CAST(${at(e.argument, 0)} AS ${formatType(e.type)})`, atom]
        : [`${at(e.argument, strength.cast)}::${formatType(e.type)}`, strength.cast];
    case "call":
      return callText(e, names);
    case "compare":
      return [`${at(e.left, strength.compare + 1)} ${compareText[e.operator]} ${at(e.right, strength.compare + 1)}`, strength.compare];
    case "and":
    case "or":
      return [e.arguments.map((a) => at(a, strength[e.kind] + 1)).join(e.kind === "and" ? " AND " : " OR "), strength[e.kind]];
    case "not":
      return [`NOT ${at(e.argument, strength.not)}`, strength.not];
    case "isNull":
      return [`${at(e.argument, strength.is + 1)} IS NULL`, strength.is];
    case "isNotNull":
      return [`${at(e.argument, strength.is + 1)} IS NOT NULL`, strength.is];
    case "in":
      return [`${at(e.argument, strength.other)} ${e.negated ? "NOT IN" : "IN"} (${e.list.map((i) => at(i, 0)).join(", ")})`, strength.is];
    case "between":
      return betweenText(e, names);
    case "coalesce":
      return [`coalesce(${e.arguments.map((a) => at(a, 0)).join(", ")})`, atom];
    case "case": {
      const whens = e.whens.map((w) => `WHEN ${at(w.when, 0)} THEN ${at(w.result, 0)}`).join(" ");
      return [`CASE ${whens} ELSE ${at(e.otherwise, 0)} END`, atom];
    }
    default:
      return assertNever(e);
  }
}

function callText(e: Extract<Expression, { readonly kind: "call" }>, names: readonly string[]): readonly [string, number] {
  const [left, right] = e.arguments;
  if (e.lambda !== undefined && left !== undefined) return [lambdaText(e.name, left, e.lambda, e.arguments.slice(1), names), 11];
  const own = infix[e.name];
  if (own !== undefined && left !== undefined && right !== undefined && e.arguments.length === 2) {
    return [`${print(left, names, own)} ${e.name} ${print(right, names, own + 1)}`, own];
  }
  if (e.name === "-" && left !== undefined) return [`-${print(left, names, strength.unary)}`, strength.unary];
  if (e.name === "struct_extract" && left !== undefined && right?.kind === "literal" && typeof right.value === "string") {
    return [`${print(left, names, strength.cast)}.${right.value}`, strength.cast];
  }
  return [`${withoutMarker(e.name)}(${e.arguments.map((a) => print(a, names, 0)).join(", ")})`, 11];
}

function lambdaText(name: string, list: Expression, lambda: Lambda, captures: readonly Expression[], names: readonly string[]): string {
  const parameters = lambda.parameters === 1 ? ["x"] : ["x", "i"];
  const inner = [...parameters.toReversed(), ...captures.map((c) => print(c, names, 11))];
  return `${name}(${print(list, names, 0)}, lambda ${parameters.join(", ")}: ${print(lambda.body, inner, 0)})`;
}

function betweenText(e: Extract<Expression, { readonly kind: "between" }>, names: readonly string[]): readonly [string, number] {
  const [value, lower, upper] = [e.argument, e.lower, e.upper].map((o) => print(o, names, strength.compare + 1));
  if (e.lowerInclusive && e.upperInclusive) return [`${value} BETWEEN ${lower} AND ${upper}`, strength.is];
  return [`${value} ${e.lowerInclusive ? ">=" : ">"} ${lower} AND ${value} ${e.upperInclusive ? "<=" : "<"} ${upper}`, strength.and];
}

/** Types whose literals read well bare. */
const bare: ReadonlySet<SqlType["id"]> = new Set([
  "boolean",
  "tinyint",
  "smallint",
  "integer",
  "bigint",
  "hugeint",
  "decimal",
  "double",
  "real",
]);

function printLiteral(type: SqlType, value: Value): string {
  if (value === null) return "NULL";
  if (type.id === "boolean") return value === true ? "true" : "false";
  const text = formatText(type, value);
  if (bare.has(type.id)) return text;
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return type.id === "varchar" ? quoted : `${formatType(type)} ${quoted}`;
}
