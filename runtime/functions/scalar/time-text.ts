import { civilFromDays, dateInfinity, timeText, timestampInfinity } from "../../contract/text-time.ts";
import { dayBig_us } from "./time-lanes.ts";

/** Dates and times as DuckDB's CAST to VARCHAR writes them: the era stands right behind the date. */
export function dateAsText(day: number): string {
  if (day === dateInfinity) return "infinity";
  if (day === -dateInfinity) return "-infinity";
  const { year, month, day: dayOfMonth } = civilFromDays(day);
  const two = (n: number): string => String(n).padStart(2, "0");
  const text = `${String(year > 0 ? year : 1 - year).padStart(4, "0")}-${two(month)}-${two(dayOfMonth)}`;
  return year > 0 ? text : `${text} (BC)`;
}

/** Rows of a batch are mostly of one day: its text is kept. */
let lastDay = Number.NaN;
let lastDate = "";

function cachedDate(day: number): string {
  if (day !== lastDay) {
    lastDate = dateAsText(day);
    lastDay = day;
  }
  return lastDate;
}

export const timestampAsText =
  (zone: "" | "+00") =>
  (micros: bigint): string => {
    if (micros === timestampInfinity) return "infinity";
    if (micros === -timestampInfinity) return "-infinity";
    const rest = ((micros % dayBig_us) + dayBig_us) % dayBig_us;
    return `${cachedDate(Number((micros - rest) / dayBig_us))} ${timeText(Number(rest))}${zone}`;
  };

export const timeAsText = (micros: bigint): string => timeText(Number(micros));
