import { civilFromDays, daysFromCivil } from "../../contract/text-time.ts";
import type { SqlType } from "../../contract/types.ts";
import { isInterval } from "../../contract/value.ts";
import { type Code, strict } from "./code.ts";
import { type Call, literalOf, literalText, type Resolution, type ScalarFunction } from "./define.ts";
import { lane, type Slot } from "./slot.ts";
import { dayBig_us, floorDivide, isInfiniteMicros, timestamp_min } from "./time-lanes.ts";

const outOfRange = "date and time not in timestamp range";
const infinity = 9_223_372_036_854_775_807n;
const isTimestamp = (type: SqlType | undefined): boolean => type?.id === "timestamp" || type?.id === "timestamptz";

/** Units of one length, and the µs since 1970 at which one of them starts. Weeks start on Mondays. */
const lengths: Readonly<Record<string, readonly [length_us: bigint, origin_us: bigint]>> = {
  millisecond: [1_000n, 0n],
  second: [1_000_000n, 0n],
  minute: [60_000_000n, 0n],
  hour: [3_600_000_000n, 0n],
  day: [dayBig_us, 0n],
  week: [7n * dayBig_us, 4n * dayBig_us],
};

const firstMonth: Readonly<Record<string, (year: number, month: number) => readonly [year: number, month: number]>> = {
  month: (year, month) => [year, month],
  quarter: (year, month) => [year, month - ((month - 1) % 3)],
  year: (year) => [year, 1],
};

/** Times below this are checked one by one: only the very first grid cell reaches below the range. */
const firstCells_us = timestamp_min + 400n * dayBig_us;

/** A time stamp rounded down to the grid origin + k * length; an infinite one is itself. */
function emitGrid(code: Code, arg: Slot, type: SqlType, length_us: bigint, origin_us: bigint): Slot {
  return strict(code, type, [arg], () => {
    const time = lane(arg);
    const [grid, infinite] = [code.constant(length_us), code.constant(infinity)];
    const mod = code.local(`BigInt.asIntN(64, ${time} % ${grid})`);
    const rest =
      origin_us === 0n ? mod : code.local(`BigInt.asIntN(64, BigInt.asIntN(64, ${mod} - ${code.constant(origin_us)}) % ${grid})`);
    const floor = code.local(`BigInt.asIntN(64, ${time} - (${rest} < 0n ? BigInt.asIntN(64, ${rest} + ${grid}) : ${rest}))`);
    const result = code.declare(type, null);
    code.line(`if (${time} >= ${code.constant(firstCells_us)} && ${time} < ${infinite}) ${lane(result)} = ${floor};`);
    code.line(`else if (${time} === ${infinite} || ${time} === -${infinite}) ${lane(result)} = ${time};`);
    // The start of the first cell may even have wrapped around.
    code.line(`else if (${floor} < ${code.constant(timestamp_min)} || ${floor} > ${time}) ${code.failure("22008", outOfRange)}`);
    code.line(`else ${lane(result)} = ${floor};`);
    return result.lanes;
  });
}

/** The start of the month, quarter or year that holds a time stamp. */
const truncateToMonth =
  (unit: string) =>
  (micros: bigint): bigint | null => {
    if (isInfiniteMicros(micros)) return micros;
    const { year, month } = civilFromDays(Number(floorDivide(micros, dayBig_us)));
    const start = firstMonth[unit]?.(year, month) ?? [year, month];
    const start_us = BigInt(daysFromCivil(start[0], start[1], 1)) * dayBig_us;
    return start_us < timestamp_min ? null : start_us;
  };

const monthTruncations = new Map(Object.keys(firstMonth).map((unit) => [unit, truncateToMonth(unit)]));

function resolveTrunc(call: Call): Resolution | null {
  const unit = unitOf(literalText(call.arguments[0]));
  const time = call.arguments[1];
  if (unit === null || time === undefined || !isTimestamp(time.type) || call.type.id !== time.type.id) return null;
  const type = call.type;
  const [length, origin] = lengths[unit] ?? [];
  if (length !== undefined && origin !== undefined) {
    return { arguments: [time], emit: (code, [arg]) => emitGrid(code, arg as Slot, type, length, origin) };
  }
  const truncate = monthTruncations.get(unit);
  if (truncate === undefined) return null;
  return {
    arguments: [time],
    emit: (code, [arg]) =>
      strict(code, type, [arg as Slot], () => {
        const start = code.local(`${code.constant(truncate)}(${lane(arg as Slot)})`);
        code.line(`if (${start} === null) ${code.failure("22008", outOfRange)}`);
        return [start];
      }),
  };
}

/** DuckDB takes plurals as well. */
function unitOf(name: string | undefined): string | null {
  const unit = name?.toLowerCase().replace(/s$/, "");
  return unit !== undefined && (Object.hasOwn(lengths, unit) || Object.hasOwn(firstMonth, unit)) ? unit : null;
}

export const dateTrunc: ScalarFunction = {
  names: ["date_trunc", "datetrunc"],
  doc: "A time stamp rounded down to a unit, from 'millisecond' to 'year'.",
  examples: [
    ["date_trunc('hour', TIMESTAMP '2024-02-29 10:20:30')", "2024-02-29 10:00:00"],
    ["date_trunc('week', TIMESTAMP '2024-02-29 10:20:30')", "2024-02-26 00:00:00"],
    ["date_trunc('quarter', TIMESTAMP '2024-06-29 10:20:30')", "2024-04-01 00:00:00"],
  ],
  resolve: resolveTrunc,
};

/** Widths of days and µs count from a Monday, 2000-01-03. */
const bucketOrigin_us = 946_857_600_000_000n;

/** DuckDB subtracts the origin first, which overflows for the least (or the greatest) times. */
function refuseFarTimes(code: Code, time: Slot, shift_us: bigint): void {
  if (shift_us === 0n) return;
  const far = shift_us > 0n ? `< ${code.constant(shift_us - 2n ** 63n)}` : `> ${code.constant(2n ** 63n - 1n + shift_us)}`;
  const finite = `${lane(time)} !== ${code.constant(shift_us > 0n ? -infinity : infinity)}`;
  const isValue = time.isNull === null ? "" : ` && !${time.isNull}`;
  code.line(`if (${lane(time)} ${far} && ${finite}${isValue}) ${code.failure("22003", "overflow in subtraction of the origin")}`);
}

export const timeBucket: ScalarFunction = {
  names: ["time_bucket"],
  doc: "A time stamp rounded down to a grid of a constant width without months, from 2000-01-03 or a constant origin on.",
  examples: [
    ["time_bucket(INTERVAL 5 MINUTE, TIMESTAMP '2024-02-29 10:22:30')", "2024-02-29 10:20:00"],
    ["time_bucket(INTERVAL 7 DAY, TIMESTAMP '2024-02-29 10:22:30')", "2024-02-26 00:00:00"],
  ],
  resolve(call) {
    const width = literalOf(call.arguments[0]);
    const time = call.arguments[1];
    if (width === undefined || !isInterval(width) || width.months !== 0 || time?.type.id !== "timestamp") return null;
    const length_us = BigInt(width.days) * dayBig_us + width.micros;
    const origin =
      call.arguments.length === 2 ? bucketOrigin_us : call.arguments[2]?.type.id === "timestamp" ? literalOf(call.arguments[2]) : undefined;
    // A width of years may reach beyond the range from any time: DuckDB's own error rules apply then.
    if (length_us <= 0n || length_us > 366n * dayBig_us || typeof origin !== "bigint" || isInfiniteMicros(origin)) return null;
    const shift_us = origin % length_us;
    const emit = (code: Code, [arg]: readonly Slot[]): Slot => {
      refuseFarTimes(code, arg as Slot, shift_us);
      return emitGrid(code, arg as Slot, call.type, length_us, shift_us);
    };
    return { arguments: [time], emit };
  },
};
