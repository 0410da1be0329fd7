import type { Expression } from "../contract/expressions.ts";
import { physicalOf, type SqlType } from "../contract/types.ts";
import { add, multiply, negate, plus, subtract } from "./scalar/arithmetic.ts";
import { resolveCast } from "./scalar/casts.ts";
import { canCompare, comparedOperand } from "./scalar/compare.ts";
import type { Call, Resolution, ScalarFunction } from "./scalar/define.ts";
import { constantOrNull } from "./scalar/constant-or-null.ts";
import { dateFunctions, datePartFunction, epochFunctions } from "./scalar/date-part.ts";
import { dateTrunc, timeBucket } from "./scalar/date-trunc.ts";
import { integerDivide, modulo, quotient } from "./scalar/division.ts";
import { pathOf } from "./scalar/path.ts";
import { likeFunctions } from "./scalar/like.ts";
import { nativeScalars } from "./scalar/native.ts";
import { abs, extremes, roundDigits, wholeFunctions } from "./scalar/numbers.ts";
import { regexpExtract, regexpFullMatch, regexpMatches } from "./scalar/regexp.ts";
import { strftime } from "./scalar/strftime.ts";
import { strptime, tryStrptime } from "./scalar/strptime.ts";
import { lower, upper } from "./scalar/text-case.ts";
import { concat, concatOperator, replace } from "./scalar/text-concat.ts";
import { length, strlen } from "./scalar/text-length.ts";
import { splitExtract, splitPart, substring } from "./scalar/text-part.ts";
import { contains, position, prefix, suffix } from "./scalar/text-search.ts";
import { trimFunctions } from "./scalar/text-trim.ts";
import { valueFunctions } from "./scalar/value-functions.ts";
import {
  addToDate,
  addToTime,
  subtractFromDate,
  subtractDates,
  subtractFromTime,
  subtractTimes,
  timeConstructors,
} from "./scalar/time-arithmetic.ts";

/** Every scalar function with a kernel: one line each. What is not here, DuckDB evaluates (design D10). */
export const scalarFunctions: readonly ScalarFunction[] = [
  add,
  subtract,
  multiply,
  negate,
  plus,
  integerDivide,
  modulo,
  quotient,
  ...dateFunctions,
  datePartFunction,
  ...epochFunctions,
  dateTrunc,
  timeBucket,
  addToTime,
  addToDate,
  subtractFromDate,
  subtractFromTime,
  subtractTimes,
  subtractDates,
  ...timeConstructors,
  abs,
  ...wholeFunctions,
  roundDigits,
  ...extremes,
  constantOrNull,
  concatOperator,
  concat,
  lower,
  upper,
  length,
  strlen,
  substring,
  splitPart,
  splitExtract,
  ...trimFunctions,
  replace,
  contains,
  prefix,
  suffix,
  position,
  ...likeFunctions,
  regexpMatches,
  regexpFullMatch,
  regexpExtract,
  strftime,
  strptime,
  tryStrptime,
  ...nativeScalars,
  ...valueFunctions,
];

const byName = new Map<string, readonly ScalarFunction[]>();
for (const definition of scalarFunctions) {
  for (const name of definition.names) byName.set(name, [...(byName.get(name) ?? []), definition]);
}

/** How a call is computed, or null when its function, types or constants have no kernel. */
export function resolveCall(call: Call): Resolution | null {
  if (call.lambda !== undefined) return null;
  for (const definition of byName.get(call.name) ?? []) {
    const resolution = definition.resolve(call);
    if (resolution !== null) return resolution;
  }
  return null;
}

/** Whether `compileCalc` can compute it; the planner puts the rest into a duckdbCalc. Pure and cheap. */
export function canCompile(e: Expression): boolean {
  return pathOf(e) !== null || canCompute(e);
}

const isFlat = (type: SqlType): boolean => physicalOf(type) !== "list" && physicalOf(type) !== "struct";
const all = (expressions: readonly Expression[]): boolean => expressions.every(canCompute);
const resolved = (resolution: Resolution | null): boolean => resolution !== null && all(resolution.arguments);
const sameLayout = (a: SqlType, b: SqlType): boolean => physicalOf(a) === physicalOf(b);

/** As `canCompile`, for an expression whose value is used by another: it must have lanes. */
function canCompute(e: Expression): boolean {
  if (!isFlat(e.type)) return false;
  switch (e.kind) {
    case "column":
    case "literal":
    case "now":
      return true;
    case "cast":
      return resolved(resolveCast(e));
    case "call":
      return pathOf(e) !== null || resolved(resolveCall(e));
    case "compare":
      return canCompare(e.left.type, e.right.type) && all([comparedOperand(e.left), comparedOperand(e.right)]);
    case "in":
      return all([e.argument, ...e.list]) && e.list.every((item) => canCompare(e.argument.type, item.type));
    case "between":
      return all([e.argument, e.lower, e.upper]) && [e.lower, e.upper].every((bound) => canCompare(e.argument.type, bound.type));
    case "and":
    case "or":
      return all(e.arguments);
    case "not":
      return canCompute(e.argument);
    case "isNull":
    case "isNotNull":
      return canCompile(e.argument);
    case "coalesce":
      return all(e.arguments) && e.arguments.every((a) => sameLayout(a.type, e.type));
    case "case": {
      const results = [...e.whens.map((w) => w.result), e.otherwise];
      return all([...e.whens.map((w) => w.when), ...results]) && results.every((r) => sameLayout(r.type, e.type));
    }
  }
}
