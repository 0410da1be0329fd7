import { interval, type SqlType, timestamp } from "../../contract/types.ts";
import type { Expression } from "../../contract/expressions.ts";
import { dateInfinity } from "../../contract/text-time.ts";
import { type Interval, isInterval } from "../../contract/value.ts";
import { type Code, strict } from "./code.ts";
import { type Call, compute, type Resolution, type ScalarFunction } from "./define.ts";
import { lanesOfBig, numberOfBig } from "./number-lanes.ts";
import { lane, type Slot } from "./slot.ts";
import { addMonths, dayBig_us, floorDivide, isInfiniteDate, isInfiniteMicros, timestamp_max, timestamp_min } from "./time-lanes.ts";

const infinity = 9_223_372_036_854_775_807n;
const outOfRange = "date and time not in timestamp range";

/**
 * Time plus a constant number of µs, the common case of `ts - INTERVAL '5' SECOND`: one range check on the time says that the
 * sum is in range. Infinite times are outside of it, and stay.
 */
function emitShift(code: Code, type: SqlType, time: Slot, shift_us: bigint): Slot {
  return strict(code, type, [time], () => {
    const t = lane(time);
    const least = shift_us < 0n ? timestamp_min - shift_us : timestamp_min;
    const greatest = shift_us > 0n ? timestamp_max - shift_us : timestamp_max;
    const result = code.declare(type, null);
    code.line(`if (${t} >= ${code.constant(least)} && ${t} <= ${code.constant(greatest)})`);
    code.line(`${lane(result)} = BigInt.asIntN(64, ${t} + ${code.constant(shift_us)});`);
    code.line(`else if (${isInfinite(code, t)}) ${lane(result)} = ${t};`);
    code.line(`else ${code.failure("22008", outOfRange)}`);
    return result.lanes;
  });
}

/** Months first, with the day cut to the month's length; then days, then µs. Null when it leaves the range. */
function addInterval(micros: bigint, months: number, days: number, interval_us: bigint): bigint | null {
  if (isInfiniteMicros(micros)) return micros;
  const day = Number(floorDivide(micros, dayBig_us));
  const moved = BigInt(months === 0 ? day : addMonths(day, months)) + BigInt(days);
  const sum = moved * dayBig_us + (micros - BigInt(day) * dayBig_us) + interval_us;
  return sum > timestamp_max || sum < timestamp_min ? null : sum;
}

const subtractInterval = (micros: bigint, months: number, days: number, interval_us: bigint): bigint | null =>
  addInterval(micros, -months, -days, -interval_us);

function emitAddInterval(code: Code, type: SqlType, time: Slot, by: Slot, sign: 1 | -1): Slot {
  const literal = by.literal;
  if (literal !== undefined && isInterval(literal) && literal.months === 0) {
    return emitShift(code, type, time, BigInt(sign) * lengthOf(literal));
  }
  return strict(code, type, [time, by], () => {
    const add = code.constant(sign === 1 ? addInterval : subtractInterval);
    const sum = code.local(`${add}(${lane(time)}, ${by.lanes.join(", ")})`);
    code.line(`if (${sum} === null) ${code.failure("22008", outOfRange)}`);
    return [sum];
  });
}

const lengthOf = (literal: Interval): bigint => BigInt(literal.days) * dayBig_us + literal.micros;

/** TIMESTAMPTZ: its calendar is UTC's only as long as no month is added. */
function resolveShift(call: Call, time: 0 | 1, sign: 1 | -1): Resolution | null {
  const [t, by] = [call.arguments[time], call.arguments[1 - time]];
  if (call.arguments.length !== 2 || by?.type.id !== "interval" || t === undefined || t.type.id !== call.type.id) return null;
  const literal = by.kind === "literal" && by.value !== null && isInterval(by.value) ? by.value : null;
  const plain = call.type.id === "timestamp" || (call.type.id === "timestamptz" && literal?.months === 0);
  if (!plain) return null;
  return { arguments: [t, by], emit: (code, [a, b]) => emitAddInterval(code, call.type, a as Slot, b as Slot, sign) };
}

/** A DATE is moved as the time stamp of its midnight. */
function resolveDateShift(call: Call, date: 0 | 1, sign: 1 | -1): Resolution | null {
  const [d, by] = [call.arguments[date], call.arguments[1 - date]];
  if (call.arguments.length !== 2 || d?.type.id !== "date" || by?.type.id !== "interval" || call.type.id !== "timestamp") return null;
  const midnight: Expression = { kind: "cast", argument: d, type: timestamp, tryCast: false };
  return { arguments: [midnight, by], emit: (code, [a, b]) => emitAddInterval(code, timestamp, a as Slot, b as Slot, sign) };
}

/** DATE and days: an infinite date stays. */
function resolveDayShift(call: Call, date: 0 | 1, sign: "+" | "-"): Resolution | null {
  const [d, days] = [call.arguments[date], call.arguments[1 - date]];
  if (call.arguments.length !== 2 || d?.type.id !== "date" || days?.type.id !== "integer" || call.type.id !== "date") return null;
  const emit = (code: Code, [a, b]: readonly Slot[]): Slot =>
    strict(code, call.type, [a as Slot, b as Slot], () => {
      const day = lane(a as Slot);
      const sum = code.local(`${code.constant(isInfiniteDate)}(${day}) ? ${day} : ${day} ${sign} ${lane(b as Slot)}`);
      const isOutside = `!${code.constant(isInfiniteDate)}(${day}) && (${sum} >= ${dateInfinity} || ${sum} <= ${-dateInfinity})`;
      code.line(`if (${isOutside}) ${code.failure("22008", "date out of range")}`);
      return [sum];
    });
  return { arguments: [d, days], emit };
}

export const addToDate: ScalarFunction = {
  names: ["+", "add"],
  doc: "A date moved by days, or by an interval: then it is a time stamp.",
  examples: [
    ["DATE '2024-02-28' + 2", "2024-03-01"],
    ["DATE '2024-01-31' + INTERVAL 1 MONTH", "2024-02-29 00:00:00"],
  ],
  resolve: (call) =>
    resolveDayShift(call, 0, "+") ?? resolveDayShift(call, 1, "+") ?? resolveDateShift(call, 0, 1) ?? resolveDateShift(call, 1, 1),
};

export const subtractFromDate: ScalarFunction = {
  names: ["-", "subtract"],
  doc: "A date moved back by days, or by an interval: then it is a time stamp.",
  examples: [["DATE '2024-03-01' - 2", "2024-02-28"]],
  resolve: (call) => resolveDayShift(call, 0, "-") ?? resolveDateShift(call, 0, -1),
};

/** Whole days and the µs that remain, both towards zero. */
function emitDifference(code: Code, a: Slot, b: Slot): Slot {
  return strict(code, interval, [a, b], () => {
    const [x, y] = [lane(a), lane(b)];
    const infinite = code.constant(infinity);
    const isInfinite = [x, y].map((t) => `${t} === ${infinite} || ${t} === -${infinite}`).join(" || ");
    code.line(`if (${isInfinite}) ${code.failure("22008", "cannot subtract infinite timestamps")}`);
    const exact = code.local(`${x} - ${y}`);
    const micros = code.local(`BigInt.asIntN(64, ${exact})`);
    code.line(`if (${exact} !== ${micros}) ${code.failure("22003", "overflow in timestamp subtraction")}`);
    const days = code.local(`BigInt.asIntN(64, ${micros} / 86400000000n)`);
    return ["0", numberOfBig(code, days), code.local(`BigInt.asIntN(64, ${micros} % 86400000000n)`)];
  });
}

export const addToTime: ScalarFunction = {
  names: ["+", "add"],
  doc: "A time stamp moved by an interval. Months keep the day, or take the month's last.",
  examples: [
    ["TIMESTAMP '2024-01-31 10:00:00' + INTERVAL 1 MONTH", "2024-02-29 10:00:00"],
    ["INTERVAL 90 MINUTE + TIMESTAMP '2024-01-31 23:00:00'", "2024-02-01 00:30:00"],
  ],
  resolve: (call) => resolveShift(call, 0, 1) ?? resolveShift(call, 1, 1),
};

export const subtractFromTime: ScalarFunction = {
  names: ["-", "subtract"],
  doc: "A time stamp moved back by an interval.",
  examples: [["TIMESTAMP '2024-03-31 10:00:00' - INTERVAL '1 month 1 hour'", "2024-02-29 09:00:00"]],
  resolve: (call) => resolveShift(call, 0, -1),
};

export const subtractTimes: ScalarFunction = {
  names: ["-", "subtract"],
  doc: "The days and µs between two time stamps.",
  examples: [["TIMESTAMP '2024-03-01 10:00:00' - TIMESTAMP '2024-02-28 09:00:00'", "2 days 01:00:00"]],
  resolve(call) {
    const [a, b] = call.arguments;
    if (call.arguments.length !== 2 || a?.type.id !== "timestamp" || b?.type.id !== "timestamp" || call.type.id !== "interval") return null;
    return compute(call, (code, [x, y]) => emitDifference(code, x as Slot, y as Slot));
  },
};

export const subtractDates: ScalarFunction = {
  names: ["-", "subtract"],
  doc: "The days between two dates.",
  examples: [["DATE '2024-03-01' - DATE '2024-02-28'", "2"]],
  resolve(call) {
    const [a, b] = call.arguments;
    if (call.arguments.length !== 2 || a?.type.id !== "date" || b?.type.id !== "date" || call.type.id !== "bigint") return null;
    return compute(call, (code, [x, y]) =>
      strict(code, call.type, [x as Slot, y as Slot], () => [lanesOfBig(code, `BigInt(${lane(x as Slot)} - ${lane(y as Slot)})`)[0]]),
    );
  },
};

/** BIGINT of a unit to TIMESTAMP; `refusal` is the condition, over the exact µs, under which there is none. */
const fromEpoch = (
  name: string,
  factor: bigint,
  doc: string,
  example: readonly [string, string],
  refusal: (code: Code, exact_us: string) => string,
): ScalarFunction => ({
  names: [name],
  doc,
  examples: [example],
  resolve(call) {
    if (call.arguments.length !== 1 || call.arguments[0]?.type.id !== "bigint" || call.type.id !== "timestamp") return null;
    return compute(call, (code, [a]) =>
      strict(code, call.type, [a as Slot], () => {
        const exact = code.local(`${lane(a as Slot)} * ${code.constant(factor)}`);
        code.line(`if (${refusal(code, exact)}) ${code.failure("22008", outOfRange)}`);
        return [code.local(`BigInt.asIntN(64, ${exact})`)];
      }),
    );
  },
});

const isOutside = (code: Code, exact_us: string): string =>
  `${exact_us} > ${code.constant(timestamp_max)} || ${exact_us} < ${code.constant(timestamp_min)}`;
const isInfinite = (code: Code, exact_us: string): string =>
  `${exact_us} === ${code.constant(infinity)} || ${exact_us} === ${code.constant(-infinity)}`;

export const timeConstructors: readonly ScalarFunction[] = [
  fromEpoch("make_timestamp", 1n, "The time stamp of µs since 1970.", ["make_timestamp(1500000)", "1970-01-01 00:00:01.5"], isInfinite),
  fromEpoch("epoch_ms", 1_000n, "The time stamp of ms since 1970.", ["epoch_ms(1500)", "1970-01-01 00:00:01.5"], isOutside),
];
