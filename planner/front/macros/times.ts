import { macro } from "./macro.ts";

/** Starts and ends of the two periods of OVERLAPS, whose ends may be given the other way round. */
const [start1, end1, start2, end2] = ["least(a, b)", "greatest(a, b)", "least(c, d)", "greatest(c, d)"];

export const timeMacros: readonly string[] = [
  macro("date_bin", "(s, t, o) as time_bucket(s::interval, t, o)"),
  // Seconds with their fraction: DuckDB's own part has none.
  macro("extract_second", "(t) as datepart('microsecond', t) // 1e6::double"),
  macro(
    "make_interval",
    "(years := 0, months := 0, weeks := 0, days := 0, hours := 0, mins := 0, secs := 0) as to_years(years) + to_months(months) + to_weeks(weeks) + to_days(days) + to_hours(hours) + to_minutes(mins) + to_seconds(secs)",
  ),
  macro(
    `"overlaps"`,
    `(a, b, c, d) as case when ${start1} = ${start2} then true when ${start1} > ${start2} then ${start1} < ${end2} else ${start2} < ${end1} end`,
  ),
];
