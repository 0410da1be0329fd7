import { type Expression, operandsOf } from "../contract/expressions.ts";
import { formatType } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";

const keys = new WeakMap<Expression, string>();

/** Equal texts mean equal expressions: for common subexpressions. */
export function keyOf(e: Expression): string {
  let key = keys.get(e);
  if (key === undefined) {
    key = `${e.kind}:${formatType(e.type)}${detailOf(e)}(${operandsOf(e).map(keyOf).join(",")})`;
    keys.set(e, key);
  }
  return key;
}

function detailOf(e: Expression): string {
  switch (e.kind) {
    case "column":
      return `#${e.index}`;
    case "literal":
      return literalKey(e.value);
    case "call":
      return JSON.stringify(e.name) + (e.lambda === undefined ? "" : `${e.lambda.parameters}=>${keyOf(e.lambda.body)}`);
    case "cast":
      return e.tryCast ? "try" : "";
    case "compare":
      return e.operator;
    case "in":
      return e.negated ? "not" : "";
    case "between":
      return `${e.lowerInclusive}${e.upperInclusive}`;
    default:
      return "";
  }
}

/** -0 and 0 are two values, as is a number and a BigInt. */
const literalKey = (value: Value): string =>
  JSON.stringify(value, (_, v: unknown) =>
    typeof v === "bigint" ? `${v}n` : typeof v === "number" ? (Object.is(v, -0) ? "-0" : `${v}`) : v,
  );
