import { dateInfinity, timestampInfinity } from "../../contract/text-time.ts";
import type { SqlType } from "../../contract/types.ts";
import type { Cast } from "./casts.ts";
import type { Code } from "./code.ts";
import type { Resolution } from "./define.ts";
import { fallible, type Refuse } from "./fallible.ts";
import { bigOfNumber, wordsOfBig } from "./number-lanes.ts";
import { lane, type Slot } from "./slot.ts";
import { clockOfTime, dayOfTime, isInfiniteTime } from "./time-lanes.ts";

const isTimestamp = (type: SqlType): boolean => type.id === "timestamp" || type.id === "timestamptz";

/** The days whose midnight is a TIMESTAMP: 290309-12-22 (BC) to 294247-01-10. */
const firstDay = -106_751_991;
const lastDay = 106_751_991;

/** Casts among DATE, TIME, TIMESTAMP and TIMESTAMPTZ; the session's zone is UTC, so the last two have the same µs. */
export function resolveTimeCast(cast: Cast): Resolution | null {
  const [from, to] = [cast.argument.type, cast.type];
  if (isTimestamp(from) && isTimestamp(to)) return { arguments: [cast.argument], emit: (_, [a]) => ({ ...(a as Slot), type: to }) };
  const lanes =
    isTimestamp(from) && to.id === "date"
      ? toDate
      : from.id === "date" && isTimestamp(to)
        ? fromDate
        : isTimestamp(from) && to.id === "time"
          ? toTime
          : null;
  if (lanes === null) return null;
  return {
    arguments: [cast.argument],
    emit: (code, [a]) =>
      fallible(code, to, a as Slot, { tryCast: cast.tryCast, sqlState: "22008" }, (refuse) => lanes(code, a as Slot, refuse)),
  };
}

/** Days, rounded down; infinite times are infinite dates. */
function dateOfTime(low: number, high: number): number {
  if (isInfiniteTime(low, high)) return high > 0 ? dateInfinity : -dateInfinity;
  return dayOfTime(low, high);
}

function toDate(code: Code, a: Slot): readonly string[] {
  return [code.local(`${code.constant(dateOfTime)}(${wordsOfBig(code, lane(a)).join(", ")})`)];
}

function toTime(code: Code, a: Slot, refuse: Refuse): readonly string[] {
  const words = wordsOfBig(code, lane(a)).join(", ");
  refuse(`${code.constant(isInfiniteTime)}(${words})`, "an infinite timestamp has no time of day");
  return [bigOfNumber(code, code.local(`${code.constant(clockOfTime)}(${words})`))];
}

const midnights: Readonly<Record<number, bigint>> = { [dateInfinity]: timestampInfinity, [-dateInfinity]: -timestampInfinity };

function fromDate(code: Code, a: Slot, refuse: Refuse): readonly string[] {
  const day = lane(a);
  const infinite = `(${day} === ${dateInfinity} || ${day} === ${-dateInfinity})`;
  refuse(`!${infinite} && (${day} < ${firstDay} || ${day} > ${lastDay})`, "date out of range of timestamps");
  const value = bigOfNumber(code, day);
  return [code.local(`${infinite} ? ${code.constant(midnights)}[${day}] : BigInt.asIntN(64, ${value} * 86400000000n)`)];
}
