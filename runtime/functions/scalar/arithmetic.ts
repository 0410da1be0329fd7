import { physicalOf, type SqlType } from "../../contract/types.ts";
import { anyNull, type Code } from "./code.ts";
import { type Call, compute, type Emit, type Resolution, type ScalarFunction } from "./define.ts";
import { lanesOfBig } from "./number-lanes.ts";
import { errorType, isFloat, isInteger, outside, rangeOf, rounded, scaleOf } from "./numeric-types.ts";
import { bigOf, lane, type Slot } from "./slot.ts";

type Operator = "+" | "-" | "*";

/** Fails where `condition` holds and the row is not NULL. */
export function failWhere(code: Code, condition: string, isNull: string | null, message: string): void {
  code.line(`if (${condition}${isNull === null ? "" : ` && !${isNull}`}) ${code.failure("22003", message)}`);
}

const words = { "+": "addition", "-": "subtraction", "*": "multiplication" } as const;
const overflow = (operator: Operator, type: SqlType): string => `overflow in ${words[operator]} of ${errorType(type)}`;

function emitFloat(operator: Operator, type: SqlType): Emit {
  return (code, [a, b]) => {
    const value = rounded(type, `${lane(a as Slot)} ${operator} ${lane(b as Slot)}`);
    return { type, lanes: [code.local(value)], isNull: anyNull(code, [a as Slot, b as Slot]) };
  };
}

/** Types of up to 32 bits: sums and products are exact as doubles, or so large that they are outside anyway. */
function emitSmall(operator: Operator, type: SqlType): Emit {
  return (code, [a, b]) => {
    const isNull = anyNull(code, [a as Slot, b as Slot]);
    const value = code.local(`${lane(a as Slot)} ${operator} ${lane(b as Slot)}`);
    failWhere(code, outside(code, type, value), isNull, overflow(operator, type));
    // A product may be -0, which an integer is not.
    return { type, lanes: [operator === "*" ? code.local(`${value} | 0`) : value], isNull };
  };
}

/** V8 compiles this to 64-bit machine code; the sign test, unlike a comparison with the exact sum, survives an overflow. */
function emitSum64(operator: "+" | "-", type: SqlType): Emit {
  return (code, [a, b]) => {
    const isNull = anyNull(code, [a as Slot, b as Slot]);
    const [x, y] = [lane(a as Slot), lane(b as Slot)];
    const value = code.local(`BigInt.asIntN(64, ${x} ${operator} ${y})`);
    const other = operator === "+" ? `(${y} ^ ${value})` : `(${x} ^ ${y})`;
    failWhere(code, `((${x} ^ ${value}) & ${other}) < 0n`, isNull, overflow(operator, type));
    return { type, lanes: [value], isNull };
  };
}

/** BIGINT products, and all 64-bit types whose range is smaller than 64 bits. */
function emitExact64(operator: Operator, type: SqlType): Emit {
  return (code, [a, b]) => {
    const isNull = anyNull(code, [a as Slot, b as Slot]);
    const exact = code.local(`${lane(a as Slot)} ${operator} ${lane(b as Slot)}`);
    const value = code.local(`BigInt.asIntN(64, ${exact})`);
    const wrong = type.id === "bigint" ? `${exact} !== ${value}` : outside(code, type, exact);
    failWhere(code, wrong, isNull, overflow(operator, type));
    return { type, lanes: [value], isNull };
  };
}

/** Sums of decimals below 18 digits cannot pass 64 bits nor, by the binder's types, their own range. */
function emitUnchecked64(operator: Operator, type: SqlType): Emit {
  return (code, [a, b]) => ({
    type,
    lanes: [code.local(`BigInt.asIntN(64, ${lane(a as Slot)} ${operator} ${lane(b as Slot)})`)],
    isNull: anyNull(code, [a as Slot, b as Slot]),
  });
}

function emit128(operator: Operator, type: SqlType): Emit {
  return (code, [a, b]) => {
    const factor = operator === "*" ? narrowFactor(a as Slot, b as Slot) : null;
    if (factor !== null) return emitNarrowProduct(code, type, ...factor);
    const isNull = anyNull(code, [a as Slot, b as Slot]);
    const exact = code.local(`${bigOf(a as Slot)} ${operator} ${bigOf(b as Slot)}`);
    failWhere(code, outside(code, type, exact), isNull, overflow(operator, type));
    return { type, lanes: lanesOfBig(code, exact), isNull };
  };
}

const fits64 = (slot: Slot): boolean => slot.narrow === true || physicalOf(slot.type) === "i64";

/** A 64-bit value times a literal: which is which, and the literal. */
function narrowFactor(a: Slot, b: Slot): readonly [value: Slot, literal: Slot, factor: bigint] | null {
  const factor = typeof b.literal === "bigint" ? b.literal : a.literal;
  if (typeof factor !== "bigint" || factor === 0n || BigInt.asIntN(64, factor) !== factor) return null;
  const [value, literal] = typeof b.literal === "bigint" ? [a, b] : [b, a];
  return fits64(value) ? [value, literal, factor] : null;
}

/** `price * 0.908`: the product of nearly every row fits 64 bits; only the others take arbitrary-size integers. */
function emitNarrowProduct(code: Code, type: SqlType, value: Slot, literal: Slot, factor: bigint): Slot {
  const limit = (2n ** 63n - 1n) / (factor < 0n ? -factor : factor);
  const [x, k] = [lane(value), lane(literal)];
  const result = code.declare(type, value.isNull);
  const [low, high] = result.lanes as readonly [string, string];
  code.block(`if (${x} <= ${code.constant(limit)} && ${x} >= ${code.constant(-limit)})`, () => {
    code.line(`${low} = BigInt.asIntN(64, ${x} * ${k}); ${high} = ${low} < 0n ? -1n : 0n;`);
  });
  code.block("else", () => {
    const exact = code.local(`${x} * ${k}`);
    failWhere(code, outside(code, type, exact), value.isNull, overflow("*", type));
    code.assign(result, lanesOfBig(code, exact));
  });
  return result;
}

function emitterOf(operator: Operator, type: SqlType): Emit {
  if (isFloat(type)) return emitFloat(operator, type);
  switch (physicalOf(type)) {
    case "i32":
      return emitSmall(operator, type);
    case "i64":
      if (type.id === "bigint" && operator !== "*") return emitSum64(operator, type);
      return type.id === "decimal" && (operator === "*" || type.width < 18) && type.width < 18
        ? emitUnchecked64(operator, type)
        : emitExact64(operator, type);
    default:
      return emit128(operator, type);
  }
}

/** The binder casts the operands to the result's type; those of a decimal keep their widths, those of a product their scales. */
function resolve(operator: Operator, call: Call): Resolution | null {
  const [a, b] = call.arguments;
  if (call.arguments.length !== 2 || a === undefined || b === undefined) return null;
  const type = call.type;
  const same = a.type.id === type.id && b.type.id === type.id;
  if (!same || !(isInteger(type) || isFloat(type) || type.id === "decimal")) return null;
  if (type.id === "decimal" && !scalesFit(operator, a.type, b.type, type)) return null;
  return compute(call, emitterOf(operator, type));
}

const scalesFit = (operator: Operator, a: SqlType, b: SqlType, type: SqlType): boolean =>
  operator === "*" ? scaleOf(a) + scaleOf(b) === scaleOf(type) : scaleOf(a) === scaleOf(type) && scaleOf(b) === scaleOf(type);

export const add: ScalarFunction = {
  names: ["+", "add"],
  doc: "The sum of two numbers of one type. A sum outside the type is an error.",
  examples: [
    ["1 + 2", "3"],
    ["1.5 + 2.25", "3.75"],
  ],
  resolve: (call) => resolve("+", call),
};

export const subtract: ScalarFunction = {
  names: ["-", "subtract"],
  doc: "The difference of two numbers of one type. A difference outside the type is an error.",
  examples: [["1 - 2", "-1"]],
  resolve: (call) => resolve("-", call),
};

export const multiply: ScalarFunction = {
  names: ["*", "multiply"],
  doc: "The product of two numbers. A product outside the type is an error.",
  examples: [
    ["3 * 4", "12"],
    ["0.908 * 100", "90.800"],
  ],
  resolve: (call) => resolve("*", call),
};

function resolveSign(call: Call): Resolution | null {
  const type = call.type;
  if (call.arguments.length !== 1 || call.arguments[0]?.type.id !== type.id) return null;
  if (type.id === "hugeint" || isUnsigned(type) || !(isInteger(type) || isFloat(type) || type.id === "decimal")) return null;
  return compute(call, (code, [a]) => emitNegation(code, type, a as Slot));
}

const isUnsigned = (type: SqlType): boolean => isInteger(type) && rangeOf(type).min === 0n;

function emitNegation(code: Code, type: SqlType, a: Slot): Slot {
  if (isFloat(type)) return { type, lanes: [code.local(`-${lane(a)}`)], isNull: a.isNull };
  if (physicalOf(type) === "i128") return { type, lanes: lanesOfBig(code, `-${bigOf(a)}`), isNull: a.isNull };
  if (physicalOf(type) === "i32") {
    const value = code.local(`0 - ${lane(a)}`);
    failWhere(code, outside(code, type, value), a.isNull, "overflow in negation of integer");
    return { type, lanes: [value], isNull: a.isNull };
  }
  const value = code.local(`BigInt.asIntN(64, 0n - ${lane(a)})`);
  if (type.id === "bigint") failWhere(code, `(${lane(a)} & ${value}) < 0n`, a.isNull, "overflow in negation of integer");
  return { type, lanes: [value], isNull: a.isNull };
}

export const negate: ScalarFunction = {
  names: ["-"],
  doc: "The number with its sign turned. The least integer of a type has none: an error.",
  examples: [["-(5)", "-5"]],
  resolve: resolveSign,
};

export const plus: ScalarFunction = {
  names: ["+"],
  doc: "The number itself.",
  examples: [["+(5)", "5"]],
  resolve: (call) =>
    call.arguments.length === 1 && call.arguments[0]?.type.id === call.type.id ? compute(call, (_, [a]) => a as Slot) : null,
};
