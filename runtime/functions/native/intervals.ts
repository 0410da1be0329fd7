import { double, interval } from "../../contract/types.ts";
import type { Interval } from "../../contract/value.ts";
import type { NativeFunction } from "./define.ts";

const day_us = 86_400_000_000n;
const month_days = 30;

/** 24 hours are a day; both have the same sign afterwards. */
function justifyHours({ months, days, micros }: Interval): Interval {
  let all = days + Number(micros / day_us);
  let rest = micros % day_us;
  if (all > 0 && rest < 0n) {
    rest += day_us;
    all--;
  } else if (all < 0 && rest > 0n) {
    rest -= day_us;
    all++;
  }
  return { months, days: all, micros: rest };
}

/** 30 days are a month; both have the same sign afterwards. */
function justifyDays({ months, days, micros }: Interval): Interval {
  let all = months + Math.trunc(days / month_days);
  let rest = days % month_days;
  if (all > 0 && rest < 0) {
    rest += month_days;
    all--;
  } else if (all < 0 && rest > 0) {
    rest -= month_days;
    all++;
  }
  return { months: all, days: rest, micros };
}

/** Both, and all three parts have one sign. */
function justifyInterval(value: Interval): Interval {
  let { months, days, micros } = value;
  // Days first, where they and the hours agree with neither sign: as Postgres, so that no carry overflows.
  if ((days > 0 && micros > 0n) || (days < 0 && micros < 0n)) ({ months, days, micros } = justifyDays({ months, days, micros }));
  days += Number(micros / day_us);
  micros %= day_us;
  months += Math.trunc(days / month_days);
  days %= month_days;
  if (months > 0 && (days < 0 || (days === 0 && micros < 0n))) {
    days += month_days;
    months--;
  } else if (months < 0 && (days > 0 || (days === 0 && micros > 0n))) {
    days -= month_days;
    months++;
  }
  if (days > 0 && micros < 0n) {
    micros += day_us;
    days--;
  } else if (days < 0 && micros > 0n) {
    micros -= day_us;
    days++;
  }
  return { months, days, micros };
}

const second_us = 1_000_000;
/** Rounded to µs, of seconds. */
const toMicros = (seconds: number): number => Math.round(seconds * second_us) / second_us;

/** Parts that do not divide evenly go down to the next: a month has 30 days, a day 24 hours. By 0: NULL, as for numbers. */
function divide(value: Interval, divisor: number): Interval | null {
  if (divisor === 0 || !Number.isFinite(divisor)) return null;
  const months = Math.trunc(value.months / divisor);
  let days = Math.trunc(value.days / divisor);
  const restDays = toMicros((value.months / divisor - months) * month_days);
  let restSeconds = toMicros((value.days / divisor - days + restDays - Math.trunc(restDays)) * 86_400);
  if (Math.abs(restSeconds) >= 86_400) {
    days += Math.trunc(restSeconds / 86_400);
    restSeconds -= Math.trunc(restSeconds / 86_400) * 86_400;
  }
  const micros = Math.round(Number(value.micros) / divisor + restSeconds * second_us);
  return { months, days: days + Math.trunc(restDays), micros: BigInt(micros) };
}

const justify = (
  name: string,
  doc: string,
  evaluate: (value: Interval) => Interval,
  examples: NativeFunction["examples"],
): NativeFunction => ({
  name,
  doc,
  examples,
  parameters: [interval],
  returns: interval,
  evaluate,
});

export const intervalFunctions: readonly NativeFunction[] = [
  {
    name: "//",
    doc: "An interval divided by a number; NULL for a divisor of 0.",
    examples: [["INTERVAL '1 hour' // 4::DOUBLE", "00:15:00"]],
    parameters: [interval, double],
    returns: interval,
    evaluate: divide,
  },
  justify("justify_hours", "An interval whose 24 hours are days.", justifyHours, [
    ["justify_hours(INTERVAL '30 hours')", "1 day 06:00:00"],
  ]),
  justify("justify_days", "An interval whose 30 days are months.", justifyDays, [["justify_days(INTERVAL '35 days')", "1 month 5 days"]]),
  justify("justify_interval", "An interval whose hours are days, whose days are months, and whose parts have one sign.", justifyInterval, [
    ["justify_interval(INTERVAL '1 month -1 hour')", "29 days 23:00:00"],
  ]),
];
