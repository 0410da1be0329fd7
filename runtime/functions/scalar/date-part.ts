import { bigint, double, type SqlType } from "../../contract/types.ts";
import { type Code, nullable } from "./code.ts";
import { type Call, compute, type Example, literalText, type Resolution, type ScalarFunction } from "./define.ts";
import { bigOfNumber, wordsOfBig } from "./number-lanes.ts";
import { lane, type Slot } from "./slot.ts";
import { dateParts, isInfiniteTime, timeParts, zonedParts } from "./time-lanes.ts";

const isTimestamp = (type: SqlType): boolean => type.id === "timestamp" || type.id === "timestamptz";

/** A part of a day or of a clock as BIGINT; NULL for an infinite time. */
function emitPart(code: Code, arg: Slot, part: (args: string) => string): Slot {
  return nullable(code, bigint, [arg], (isNull) => {
    const words = isTimestamp(arg.type) ? wordsOfBig(code, lane(arg)).join(", ") : lane(arg);
    const value = code.local(part(words));
    code.line(`if (${value} !== ${value}) ${isNull} = 1;`);
    return [bigOfNumber(code, value)];
  });
}

/** Also `date_part('hour', ts)`, when it was not folded to the function of the part. */
function resolvePart(name: string, time: Call["arguments"][number] | undefined): Resolution | null {
  if (time === undefined) return null;
  const part = partOf(name, time.type);
  if (part === undefined) return null;
  return { arguments: [time], emit: (code, [arg]) => emitPart(code, arg as Slot, (args) => `${code.constant(part)}(${args})`) };
}

function partOf(name: string, type: SqlType): ((...args: never) => number) | undefined {
  const parts: Readonly<Record<string, (...args: never) => number>> =
    type.id === "timestamptz" ? zonedParts : type.id === "timestamp" ? timeParts : type.id === "date" ? dateParts : {};
  return Object.hasOwn(parts, name) ? parts[name] : undefined;
}

const partFunction = (names: readonly [string, ...string[]], doc: string, ...examples: readonly Example[]): ScalarFunction => ({
  names,
  doc,
  examples,
  resolve: (call) => (call.arguments.length === 1 ? resolvePart(names[0], call.arguments[0]) : null),
});

const ts = "TIMESTAMP '2024-02-29 10:20:30.456789'";

export const dateFunctions: readonly ScalarFunction[] = [
  partFunction(["year"], "The year.", [`year(${ts})`, "2024"]),
  partFunction(["month"], "The month, 1 to 12.", [`month(${ts})`, "2"]),
  partFunction(["day", "dayofmonth"], "The day of the month.", [`day(${ts})`, "29"]),
  partFunction(["hour"], "The hour, 0 to 23.", [`hour(${ts})`, "10"]),
  partFunction(["minute"], "The minute, 0 to 59.", [`minute(${ts})`, "20"]),
  partFunction(["second"], "The second, 0 to 59, without its fraction.", [`second(${ts})`, "30"]),
  partFunction(["millisecond", "milliseconds"], "The milliseconds of the minute.", [`millisecond(${ts})`, "30456"]),
  partFunction(["microsecond", "microseconds"], "The microseconds of the minute.", [`microsecond(${ts})`, "30456789"]),
  partFunction(["dayofweek", "weekday"], "The day of the week: Sunday = 0 to Saturday = 6.", [`dayofweek(${ts})`, "4"]),
  partFunction(["isodow"], "The day of the week: Monday = 1 to Sunday = 7.", [`isodow(${ts})`, "4"]),
  partFunction(["dayofyear"], "The day of the year, from 1.", [`dayofyear(${ts})`, "60"]),
  partFunction(["week", "weekofyear"], "The ISO week of the year.", [`week(DATE '2021-01-01')`, "53"]),
  partFunction(["isoyear"], "The year of the ISO week.", [`isoyear(DATE '2021-01-01')`, "2020"]),
  partFunction(["quarter"], "The quarter, 1 to 4.", [`quarter(${ts})`, "1"]),
  partFunction(["decade"], "The decade: the year divided by 10.", [`decade(${ts})`, "202"]),
];

export const datePartFunction: ScalarFunction = {
  names: ["date_part", "datepart"],
  doc: "A part of a date or time stamp, named by a constant.",
  examples: [[`date_part('hour', ${ts})`, "10"]],
  resolve(call) {
    const name = literalText(call.arguments[0])?.toLowerCase();
    if (name === undefined || call.type.id !== "bigint") return null;
    const definition = dateFunctions.find((f) => f.names.includes(name));
    return definition === undefined ? null : resolvePart(definition.names[0] as string, call.arguments[1]);
  },
};

/** µs since 1970 divided by a constant, cut towards zero; NULL for an infinite time. */
function emitEpoch(code: Code, arg: Slot, divisor: bigint): Slot {
  const infinite = code.constant(9_223_372_036_854_775_807n);
  return nullable(code, bigint, [arg], (isNull) => {
    code.line(`if (${lane(arg)} === ${infinite} || ${lane(arg)} === -${infinite}) ${isNull} = 1;`);
    return [divisor === 1n ? lane(arg) : code.local(`BigInt.asIntN(64, ${lane(arg)} / ${code.constant(divisor)})`)];
  });
}

const epochFunction = (name: string, divisor: bigint, unit: string, example: string): ScalarFunction => ({
  names: [name],
  doc: `The ${unit} since 1970-01-01.`,
  examples: [[`${name}(${ts})`, example]],
  resolve: (call) =>
    call.arguments.length === 1 && isTimestamp((call.arguments[0] as Call["arguments"][number]).type)
      ? compute(call, (code, [arg]) => emitEpoch(code, arg as Slot, divisor))
      : null,
});

const epoch: ScalarFunction = {
  names: ["epoch"],
  doc: "The seconds since 1970-01-01, with their fraction.",
  examples: [[`epoch(${ts})`, "1709202030.456789"]],
  resolve(call) {
    const [time] = call.arguments;
    if (call.arguments.length !== 1 || time?.type.id !== "timestamp" || call.type.id !== "double") return null;
    return compute(call, (code, [arg]) =>
      nullable(code, double, [arg as Slot], (isNull) => {
        const [low, high] = wordsOfBig(code, lane(arg as Slot));
        code.line(`if (${code.constant(isInfiniteTime)}(${low}, ${high})) ${isNull} = 1;`);
        return [code.local(`(${high} * 4294967296 + (${low} >>> 0)) / 1000000`)];
      }),
    );
  },
};

export const epochFunctions: readonly ScalarFunction[] = [
  epoch,
  epochFunction("epoch_us", 1n, "microseconds", "1709202030456789"),
  epochFunction("epoch_ms", 1_000n, "milliseconds", "1709202030456"),
];
