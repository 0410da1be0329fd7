import { physicalOf, type SqlType } from "../../contract/types.ts";
import { failWhere } from "./arithmetic.ts";
import { anyNull, type Code, nullable, strict } from "./code.ts";
import { type Call, compute, type Emit, type Resolution, type ScalarFunction } from "./define.ts";
import { lanesOfBig } from "./number-lanes.ts";
import { isFloat, isInteger, outside, rounded } from "./numeric-types.ts";
import { bigOf, lane, type Slot } from "./slot.ts";

type Operator = "//" | "%";

/** One division of lanes that are no NULL, by a divisor that is not 0. Returns the result's lanes. */
function divide(code: Code, operator: Operator, type: SqlType, a: Slot, b: Slot): readonly string[] {
  const [x, y] = [lane(a), lane(b)];
  const js = operator === "//" ? "/" : "%";
  switch (physicalOf(type)) {
    case "i32":
      return [code.local(`(${x} ${js} ${y}) | 0`)];
    case "i64":
      return [code.local(`BigInt.asIntN(64, ${x} ${js} ${y})`)];
    case "f64":
      return [code.local(rounded(type, `${x} ${js} ${y}`))];
    default:
      return lanesOfBig(code, `${bigOf(a)} ${js} ${bigOf(b)}`);
  }
}

/** The least integer divided by -1 has no value in its type; DuckDB refuses its remainder as well. */
function refuseOverflow(code: Code, type: SqlType, a: Slot, b: Slot): void {
  if (!isInteger(type)) return;
  const [x, y] = [bigOf(a), bigOf(b)];
  const one = physicalOf(type) === "i32" ? "1" : "1n";
  // The negation is tested instead of the least value itself: a comparison with -(2^63) is slow.
  failWhere(code, `${y} === -${one} && ${outside(code, type, `-${x}`)}`, null, "overflow in division of integers");
}

const isKnown = (slot: Slot): boolean => slot.literal !== undefined && slot.literal !== null && Number(slot.literal) !== 0;
const isMinusOne = (slot: Slot): boolean => Number(slot.literal) === -1;

const emitExact =
  (operator: Operator, type: SqlType): Emit =>
  (code, [a, b]) => {
    const [dividend, divisor] = [a as Slot, b as Slot];
    if (isKnown(divisor)) {
      return strict(code, type, [dividend], () => {
        if (isMinusOne(divisor)) refuseOverflow(code, type, dividend, divisor);
        return divide(code, operator, type, dividend, divisor);
      });
    }
    return nullable(code, type, [dividend, divisor], (isNull) => {
      const result = code.declare(type, null);
      code.block(`if (${bigOf(divisor)} ${physicalOf(type) === "i32" ? "=== 0" : "=== 0n"})`, () => code.line(`${isNull} = 1;`));
      code.block("else", () => {
        refuseOverflow(code, type, dividend, divisor);
        code.assign(result, divide(code, operator, type, dividend, divisor));
      });
      return result.lanes;
    });
  };

/** `//` of floats is their quotient, but NULL for a divisor of 0; `%` of floats is C's fmod, NaN for 0. */
const emitFloat =
  (operator: Operator, type: SqlType): Emit =>
  (code, [a, b]) => {
    const [x, y] = [a as Slot, b as Slot];
    if (operator === "%") return { type, lanes: divide(code, operator, type, x, y), isNull: anyNull(code, [x, y]) };
    return nullable(code, type, [x, y], (isNull) => {
      code.line(`if (${lane(y)} === 0) ${isNull} = 1;`);
      return divide(code, operator, type, x, y);
    });
  };

function resolve(operator: Operator, call: Call): Resolution | null {
  const [a, b] = call.arguments;
  const type = call.type;
  if (call.arguments.length !== 2 || a?.type.id !== type.id || b?.type.id !== type.id) return null;
  if (isFloat(type)) return compute(call, emitFloat(operator, type));
  const sameScale = type.id === "decimal" && [a.type, b.type].every((t) => t.id === "decimal" && t.scale === type.scale);
  if (!isInteger(type) && !(operator === "%" && sameScale)) return null;
  return compute(call, emitExact(operator, type));
}

export const integerDivide: ScalarFunction = {
  names: ["//", "divide"],
  doc: "The quotient of two integers, cut towards zero; NULL for a divisor of 0. Of floats: the quotient.",
  examples: [
    ["7 // 2", "3"],
    ["-7 // 2", "-3"],
    ["7 // 0", null],
  ],
  resolve: (call) => resolve("//", call),
};

export const modulo: ScalarFunction = {
  names: ["%", "mod"],
  doc: "The remainder of a division, with the sign of the dividend; NULL for an integer divisor of 0.",
  examples: [
    ["7 % 3", "1"],
    ["-7 % 3", "-1"],
    ["7 % 0", null],
    ["mod(7.5, 2)", "1.5"],
  ],
  resolve: (call) => resolve("%", call),
};

export const quotient: ScalarFunction = {
  names: ["/"],
  doc: "The quotient of two floats; by 0: an infinity or NaN.",
  examples: [
    ["7 / 2", "3.5"],
    ["1.0::DOUBLE / 0", "inf"],
  ],
  resolve(call) {
    const type = call.type;
    if (!isFloat(type) || call.arguments.length !== 2 || !call.arguments.every((a) => a.type.id === type.id)) return null;
    return compute(call, (code, [a, b]) => ({
      type,
      lanes: [code.local(rounded(type, `${lane(a as Slot)} / ${lane(b as Slot)}`))],
      isNull: anyNull(code, [a as Slot, b as Slot]),
    }));
  },
};
