import type { Expression } from "../../runtime/contract/expressions.ts";
import { formatText } from "../../runtime/contract/text.ts";
import { formatType, type Schema } from "../../runtime/contract/types.ts";
import { isInterval } from "../../runtime/contract/value.ts";
import { durationText } from "./window-spec.ts";

const day_us = 86_400_000_000n;

/** An expression as a user would write it, columns by name: for EXPLAIN and for the identity of state. */
export function printExpression(e: Expression, over: Schema): string {
  const print = (operand: Expression): string => printExpression(operand, over);
  const printAll = (operands: readonly Expression[]): string => operands.map(print).join(", ");
  switch (e.kind) {
    case "column":
      return over.columns[e.index]?.name ?? `#${e.index}`;
    case "literal":
      return printLiteral(e);
    case "cast":
      return `${e.tryCast ? "try_cast" : "cast"}(${print(e.argument)} as ${formatType(e.type)})`;
    case "call":
      return printCall(e, e.arguments.map(print));
    case "compare":
      return `(${print(e.left)} ${compareText[e.operator] ?? e.operator} ${print(e.right)})`;
    case "and":
    case "or":
      return `(${e.arguments.map(print).join(` ${e.kind} `)})`;
    case "not":
      return `not ${print(e.argument)}`;
    case "isNull":
      return `${print(e.argument)} is null`;
    case "isNotNull":
      return `${print(e.argument)} is not null`;
    case "in":
      return `${print(e.argument)} ${e.negated ? "not in" : "in"} (${printAll(e.list)})`;
    case "between":
      return `(${print(e.lower)} ${e.lowerInclusive ? "<=" : "<"} ${print(e.argument)} ${e.upperInclusive ? "<=" : "<"} ${print(e.upper)})`;
    case "coalesce":
      return `coalesce(${printAll(e.arguments)})`;
    case "case":
      return `case ${e.whens.map((w) => `when ${print(w.when)} then ${print(w.result)} `).join("")}else ${print(e.otherwise)} end`;
    case "now":
      return "now()";
  }
}

const compareText: Readonly<Record<string, string>> = { isDistinct: "is distinct from", isNotDistinct: "is not distinct from" };

function printCall(call: Extract<Expression, { kind: "call" }>, operands: readonly string[]): string {
  if (/^\W+$/.test(call.name) && operands.length === 2) return `(${operands[0]} ${call.name} ${operands[1]})`;
  return `${call.name}(${operands.join(", ")})`;
}

function printLiteral({ value, type }: Extract<Expression, { kind: "literal" }>): string {
  if (value === null) return "null";
  if (isInterval(value)) {
    const months = value.months === 0 ? "" : `${value.months}mon `;
    return `interval '${months}${durationText(BigInt(value.days) * day_us + value.micros)}'`;
  }
  const text = formatText(type, value) ?? "null";
  return typeof value === "number" || typeof value === "boolean" || isExactNumber(type.id) ? text : `'${text.replaceAll("'", "''")}'`;
}

const isExactNumber = (id: string): boolean => /^(bigint|hugeint|decimal|uinteger|ubigint)$/.test(id);
