import { physicalOf, type SqlType } from "../../contract/types.ts";
import type { Cast } from "./casts.ts";
import { type Code, total } from "./code.ts";
import type { Resolution } from "./define.ts";
import { fallible, type Refuse } from "./fallible.ts";
import { bigOfNumber, lanesOfBig, numberOfBig } from "./number-lanes.ts";
import { errorType, isFloat, isInteger, isNumeric, outside, rangeOf, scaleOf } from "./numeric-types.ts";
import { bigOf, lane, type Slot } from "./slot.ts";

/** Casts among BOOLEAN, integers, decimals and floats. */
export function resolveNumberCast(cast: Cast): Resolution | null {
  const [from, to] = [cast.argument.type, cast.type];
  const convert = conversionOf(from, to);
  if (convert === null) return null;
  return {
    arguments: [cast.argument],
    emit: (code, [a]) => {
      const slot = a as Slot;
      if (convert.total) return narrowed(total(code, to, [slot], convert.lanes(code, slot, never)), from, to);
      const onFailure = { tryCast: cast.tryCast, sqlState: "22003" } as const;
      return narrowed(
        fallible(code, to, slot, onFailure, (refuse) => convert.lanes(code, slot, refuse)),
        from,
        to,
      );
    },
  };
}

const never: Refuse = () => {
  throw new Error("invariant: a total cast refuses nothing");
};

interface Conversion {
  readonly total: boolean;
  readonly lanes: (code: Code, a: Slot, refuse: Refuse) => readonly string[];
}

/** BIGINT to DECIMAL(19, 0), the binder's cast in `price * 0.908`, keeps to 64 bits. */
function narrowed(slot: Slot, from: SqlType, to: SqlType): Slot {
  const fits = physicalOf(to) === "i128" && (physicalOf(from) === "i64" || physicalOf(from) === "i32") && scaleOf(to) === scaleOf(from);
  return fits ? { ...slot, narrow: true } : slot;
}

const isExact = (type: SqlType): boolean => isInteger(type) || type.id === "decimal";

function conversionOf(from: SqlType, to: SqlType): Conversion | null {
  if (from.id === "boolean" && isNumeric(to)) return fromBoolean(to);
  if (isNumeric(from) && to.id === "boolean") return toBoolean(from);
  if (isExact(from) && isExact(to)) return exactToExact(from, to);
  if (isExact(from) && isFloat(to)) return exactToFloat(from, to);
  if (isFloat(from) && isInteger(to)) return floatToInteger(to);
  if (isFloat(from) && to.id === "decimal") return floatToDecimal(to);
  if (from.id === "real" && to.id === "double") return { total: true, lanes: (_, a) => [lane(a)] };
  if (from.id === "double" && to.id === "real") return doubleToReal;
  return null;
}

/** Booleans of both worlds are 0 and 1; a decimal that cannot hold 1 is left to DuckDB. */
function fromBoolean(to: SqlType): Conversion | null {
  if (to.id === "decimal" && to.width === to.scale) return null;
  const one = 10n ** BigInt(scaleOf(to));
  return {
    total: true,
    lanes(code, a) {
      const big = `(${lane(a)} ? ${code.constant(one)} : 0n)`;
      const physical = physicalOf(to);
      if (physical === "i128") return lanesOfBig(code, big);
      return [physical === "i64" ? big : `(${lane(a)} ? 1 : 0)`];
    },
  };
}

function toBoolean(from: SqlType): Conversion {
  const zero = { i32: "0", f64: "0", i64: "0n", i128: "0n" }[physicalOf(from) as "i32" | "f64" | "i64" | "i128"];
  return { total: true, lanes: (_, a) => [`(${bigOf(a)} !== ${zero})`] };
}

/** An exact value in BigInt arithmetic, whatever its lanes. */
function exactBig(code: Code, a: Slot): string {
  return physicalOf(a.type) === "i32" ? bigOfNumber(code, lane(a)) : bigOf(a);
}

/** The lanes of `to` from a BigInt that lies in its range. */
function lanesOf(code: Code, to: SqlType, big: string): readonly string[] {
  switch (physicalOf(to)) {
    case "i128":
      return lanesOfBig(code, big);
    case "i64":
      return [code.local(`BigInt.asIntN(64, ${big})`)];
    default:
      return [code.local(`Number(${big})`)];
  }
}

const contains = (to: SqlType, from: SqlType, factor: bigint): boolean => {
  const [inner, outer] = [rangeOf(from), rangeOf(to)];
  return inner.min * factor >= outer.min && inner.max * factor <= outer.max;
};

/** Integers and decimals among each other; digits that go away round half away from zero. */
function exactToExact(from: SqlType, to: SqlType): Conversion {
  const shift = scaleOf(to) - scaleOf(from);
  if (shift < 0) return scaleDown(to, 10n ** BigInt(-shift));
  const factor = 10n ** BigInt(shift);
  if (shift === 0 && physicalOf(from) === physicalOf(to)) return sameLanes(from, to);
  const isTotal = contains(to, from, factor);
  return {
    total: isTotal,
    lanes(code, a, refuse) {
      if (shift === 0 && physicalOf(from) === "i64" && physicalOf(to) === "i32") return [shrink(code, to, lane(a), refuse)];
      const value = exactBig(code, a);
      if (shift === 0 && physicalOf(to) === "i64" && isTotal) return [value];
      if (isTotal && physicalOf(to) === "i64") return [code.local(`BigInt.asIntN(64, ${value} * ${code.constant(factor)})`)];
      const exact = shift === 0 ? value : code.local(`${value} * ${code.constant(factor)}`);
      if (!isTotal) refuse(outsideBig(code, to, exact), `value out of range for ${errorType(to)}`);
      return lanesOf(code, to, exact);
    },
  };
}

/** As `outside`, for a BigInt whatever the lanes of the type. */
function outsideBig(code: Code, to: SqlType, big: string): string {
  const { min, max } = rangeOf(to);
  return `(${big} > ${code.constant(max)} || ${big} < ${code.constant(min)})`;
}

function sameLanes(from: SqlType, to: SqlType): Conversion {
  const isTotal = contains(to, from, 1n);
  return {
    total: isTotal,
    lanes(code, a, refuse) {
      if (!isTotal) refuse(outside(code, to, bigOf(a)), `value out of range for ${errorType(to)}`);
      return a.lanes;
    },
  };
}

/** A 64-bit value as an int32 number, through its words. */
function shrink(code: Code, to: SqlType, big: string, refuse: Refuse): string {
  const value = numberOfBig(code, big);
  refuse(outside(code, to, value), `value out of range for ${errorType(to)}`);
  return value;
}

function scaleDown(to: SqlType, divisor: bigint): Conversion {
  return {
    total: false,
    lanes(code, a, refuse) {
      const value = bigOf(a);
      const half = code.constant(divisor / 2n);
      const exact = code.local(`(${value} < 0n ? ${value} - ${half} : ${value} + ${half}) / ${code.constant(divisor)}`);
      refuse(outsideBig(code, to, exact), `value out of range for ${errorType(to)}`);
      return lanesOf(code, to, exact);
    },
  };
}

function exactToFloat(from: SqlType, to: SqlType): Conversion {
  const round = (value: string): string => (to.id === "real" ? `Math.fround(${value})` : value);
  if (isInteger(from) && physicalOf(from) !== "i128") {
    return {
      total: true,
      lanes: (code, a) => {
        if (physicalOf(from) === "i32") return [code.local(round(lane(a)))];
        // A BIGINT would be rounded twice on its way to a REAL.
        if (to.id === "real") return [code.local(`${code.constant(realOfBig)}(${lane(a)})`)];
        return [numberOfBig(code, lane(a))];
      },
    };
  }
  const scale = scaleOf(from);
  const convert = from.id === "decimal" ? decimalToFloat : hugeToFloat;
  return {
    total: true,
    lanes: (code, a) => [code.local(`${code.constant(convert)}(${bigOf(a)}, ${scale}, ${to.id === "real"})`)],
  };
}

/** The nearest REAL of a BIGINT: beyond 2^53 the last bits only matter as "there is more". */
function realOfBig(value: bigint): number {
  const size = value < 0n ? -value : value;
  if (size <= 9_007_199_254_740_992n) return Math.fround(Number(value));
  const cut = (size >> 12n) << 12n;
  const sticky = Math.fround(Number(cut === size ? cut : cut | 0x800n));
  return value < 0n ? -sticky : sticky;
}

/** DuckDB adds the halves of a HUGEINT as doubles. */
function hugeToFloat(value: bigint, _scale: number, real: boolean): number {
  const size = value < 0n ? -value : value;
  const upper = Number(BigInt.asUintN(64, size >> 64n));
  const lower = Number(BigInt.asUintN(64, size));
  const exact = upper * 18_446_744_073_709_551_616 + lower;
  const signed = value < 0n ? -exact : exact;
  return real ? Math.fround(signed) : signed;
}

const exactDouble = 2n ** 53n;
const exactReal = 2n ** 24n;

/** An unscaled value that the float holds exactly is divided once; a larger one in its whole and its fraction. */
function decimalToFloat(value: bigint, scale: number, real: boolean): number {
  const round = real ? Math.fround : (x: number): number => x;
  const limit = real ? exactReal : exactDouble;
  const power = round(10 ** scale);
  if (scale === 0 || (value <= limit && value >= -limit)) return round(round(Number(value)) / power);
  const divisor = 10n ** BigInt(scale);
  return round(round(Number(value / divisor)) + round(round(Number(value % divisor)) / power));
}

/** A fraction of exactly one half goes to the even neighbour. */
function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

function floatToInteger(to: SqlType): Conversion | null {
  if (physicalOf(to) === "i128") return null;
  const { min, max } = rangeOf(to);
  return {
    total: false,
    lanes(code, a, refuse) {
      const inside = `(${lane(a)} >= ${code.constant(Number(min))} && ${lane(a)} < ${code.constant(Number(max + 1n))})`;
      refuse(`!${inside}`, `value out of range for ${errorType(to)}`);
      const value = code.local(`${code.constant(roundHalfEven)}(${lane(a)})`);
      if (physicalOf(to) === "i32") refuse(outside(code, to, value), `value out of range for ${errorType(to)}`);
      return [physicalOf(to) === "i32" ? code.local(`${value} | 0`) : bigOfNumber(code, value)];
    },
  };
}

/** C's round(): half away from zero. */
export function roundHalfAway(value: number): number {
  if (value === 0) return value; // -0 is kept
  const size = Math.abs(value);
  const floor = Math.floor(size);
  const result = size - floor >= 0.5 ? floor + 1 : floor;
  return value < 0 ? -result : result;
}

function floatToDecimal(to: SqlType): Conversion | null {
  if (to.id !== "decimal" || physicalOf(to) !== "i64") return null;
  return {
    total: false,
    lanes(code, a, refuse) {
      const value = code.local(`${code.constant(roundHalfAway)}(${lane(a)} * ${code.constant(10 ** to.scale)})`);
      const limit = code.constant(10 ** to.width);
      refuse(`!(${value} > -${limit} && ${value} < ${limit})`, `value out of range for ${errorType(to)}`);
      return [bigOfNumber(code, value)];
    },
  };
}

const doubleToReal: Conversion = {
  total: false,
  lanes(code, a, refuse) {
    const value = code.local(`Math.fround(${lane(a)})`);
    refuse(`(${value} - ${value} !== 0 && ${lane(a)} - ${lane(a)} === 0)`, "value out of range for FLOAT");
    return [value];
  },
};
