import { physicalOf, type SqlType } from "../../contract/types.ts";
import { failWhere } from "./arithmetic.ts";
import { roundHalfAway } from "./cast-numbers.ts";
import { type Code, strict } from "./code.ts";
import { orderOf } from "./compare.ts";
import { type Call, compute, type Emit, type Example, literalInteger, type Resolution, type ScalarFunction } from "./define.ts";
import { lanesOfBig } from "./number-lanes.ts";
import { isFloat, isInteger, isNumeric, outside, rangeOf, rounded } from "./numeric-types.ts";
import { bigOf, lane, type Slot } from "./slot.ts";

function emitAbs(code: Code, type: SqlType, a: Slot): Slot {
  if (isFloat(type)) return { type, lanes: [code.local(`Math.abs(${lane(a)})`)], isNull: a.isNull };
  const zero = physicalOf(type) === "i32" ? "0" : "0n";
  return strict(code, type, [a], () => {
    const value = bigOf(a);
    const size = code.local(`${value} < ${zero} ? -${value} : ${value}`);
    if (isInteger(type)) failWhere(code, outside(code, type, size), null, "overflow of an absolute value");
    if (physicalOf(type) === "i128") return lanesOfBig(code, size);
    return [physicalOf(type) === "i64" ? code.local(`BigInt.asIntN(64, ${size})`) : size];
  });
}

export const abs: ScalarFunction = {
  names: ["abs", "@"],
  doc: "The number without its sign.",
  examples: [["abs(-5)", "5"]],
  resolve(call) {
    const type = call.type;
    if (call.arguments.length !== 1 || !isNumeric(type) || call.arguments[0]?.type.id !== type.id) return null;
    return compute(call, (code, [a]) => emitAbs(code, type, a as Slot));
  },
};

/** JavaScript's function of a float; -0 stays -0 as in C. */
const emitFloat =
  (type: SqlType, f: (value: number) => number): Emit =>
  (code, [a]) => ({ type, lanes: [code.local(rounded(type, `${code.constant(f)}(${lane(a as Slot)})`))], isNull: (a as Slot).isNull });

/** A decimal cut to whole numbers: `adjust` is added to the quotient, cut towards zero, where digits were lost. */
function emitWholeDecimal(
  code: Code,
  type: SqlType,
  scale: number,
  a: Slot,
  adjust: (value: string, rest: string, divisor: string) => string,
): Slot {
  return strict(code, type, [a], () => {
    const divisor = code.constant(10n ** BigInt(scale));
    const value = code.local(bigOf(a));
    const rest = code.local(`${value} % ${divisor}`);
    const whole = code.local(`${value} / ${divisor} + ${adjust(value, rest, divisor)}`);
    return physicalOf(type) === "i128" ? lanesOfBig(code, whole) : [code.local(`BigInt.asIntN(64, ${whole})`)];
  });
}

type Adjust = (value: string, rest: string, divisor: string) => string;

function resolveWhole(call: Call, f: (value: number) => number, adjust: Adjust): Resolution | null {
  const [a] = call.arguments;
  const type = call.type;
  if (call.arguments.length !== 1 || a === undefined) return null;
  if (isFloat(type) && a.type.id === type.id) return compute(call, emitFloat(type, f));
  if (isInteger(type) && a.type.id === type.id) return compute(call, (_, [slot]) => slot as Slot);
  if (type.id !== "decimal" || type.scale !== 0 || a.type.id !== "decimal") return null;
  const { scale } = a.type;
  return compute(call, (code, [slot]) => emitWholeDecimal(code, type, scale, slot as Slot, adjust));
}

const wholeFunction = (
  names: readonly string[],
  doc: string,
  f: (value: number) => number,
  adjust: Adjust,
  ...examples: readonly Example[]
): ScalarFunction => ({
  names,
  doc,
  examples,
  resolve: (call) => resolveWhole(call, f, adjust),
});

export const wholeFunctions: readonly ScalarFunction[] = [
  wholeFunction(
    ["floor"],
    "The greatest whole number that is not above.",
    Math.floor,
    (_, rest) => `(${rest} < 0n ? -1n : 0n)`,
    ["floor(-2.5::DOUBLE)", "-3.0"],
    ["floor(2.75)", "2"],
  ),
  wholeFunction(["ceil", "ceiling"], "The least whole number that is not below.", Math.ceil, (_, rest) => `(${rest} > 0n ? 1n : 0n)`, [
    "ceil(2.25)",
    "3",
  ]),
  wholeFunction(
    ["round"],
    "The nearest whole number, halves away from zero.",
    roundHalfAway,
    (_, rest, divisor) => `(${rest} * 2n >= ${divisor} ? 1n : ${rest} * -2n >= ${divisor} ? -1n : 0n)`,
    ["round(2.5)", "3"],
    ["round(-2.5::DOUBLE)", "-3.0"],
  ),
  wholeFunction(["trunc"], "The whole number towards zero.", Math.trunc, () => "0n", ["trunc(-2.75)", "-2"]),
];

/** A decimal rounded to fewer digits behind the point. */
export const roundDigits: ScalarFunction = {
  names: ["round"],
  doc: "A decimal with fewer digits behind the point, halves away from zero.",
  examples: [["round(2.345, 2)", "2.35"]],
  resolve(call) {
    const [a] = call.arguments;
    const digits = literalInteger(call.arguments[1]);
    const type = call.type;
    if (call.arguments.length !== 2 || digits === undefined || a?.type.id !== "decimal" || type.id !== "decimal") return null;
    const lost = a.type.scale - type.scale;
    if (digits < 0 || lost < 0 || type.scale !== Math.min(digits, a.type.scale)) return null;
    const nearest: Adjust = (_, rest, divisor) => `(${rest} * 2n >= ${divisor} ? 1n : ${rest} * -2n >= ${divisor} ? -1n : 0n)`;
    return {
      arguments: [a],
      emit: (code, [slot]) => (lost === 0 ? { ...(slot as Slot), type } : emitWholeDecimal(code, type, lost, slot as Slot, nearest)),
    };
  },
};

/** GREATEST and LEAST pass over NULLs. */
function emitExtreme(code: Code, type: SqlType, args: readonly Slot[], order: ">" | "<"): Slot {
  const [first, ...rest] = args as [Slot, ...Slot[]];
  const isNull = code.name();
  code.line(`let ${isNull} = ${first.isNull ?? "0"};`);
  const result = code.declare(type, isNull, first.lanes[0] as string);
  code.assign(result, first.lanes);
  for (const arg of rest) {
    const better = `${isNull} || ${orderOf(code, order, arg, result)}`;
    code.block(`if (${arg.isNull === null ? "" : `!${arg.isNull} && `}(${better}))`, () => {
      code.assign(result, arg.lanes);
      code.line(`${isNull} = 0;`);
    });
  }
  return args.some((arg) => arg.isNull === null) ? { ...result, isNull: null } : result;
}

const extremeFunction = (name: string, order: ">" | "<", doc: string, ...examples: readonly Example[]): ScalarFunction => ({
  names: [name],
  doc,
  examples,
  resolve(call) {
    const type = call.type;
    const fixed = ["i32", "i64", "i128", "f64"].includes(physicalOf(type));
    // DuckDB turns a REAL's -0 into 0 here, but not a DOUBLE's.
    if (!fixed || type.id === "real" || call.arguments.length === 0 || !call.arguments.every((a) => sameNumbers(a.type, type))) return null;
    return compute(call, (code, args) => emitExtreme(code, type, args, order));
  },
});

const sameNumbers = (a: SqlType, b: SqlType): boolean =>
  a.id === b.id &&
  physicalOf(a) === physicalOf(b) &&
  (a.id !== "decimal" || (b.id === "decimal" && a.scale === b.scale && rangeOf(a).max <= rangeOf(b).max));

export const extremes: readonly ScalarFunction[] = [
  extremeFunction("greatest", ">", "The greatest argument; NULLs do not count.", ["greatest(1, NULL, 3)", "3"]),
  extremeFunction("least", "<", "The least argument; NULLs do not count.", ["least(1, NULL, 3)", "1"]),
];
