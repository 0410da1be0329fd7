import { civilFromDays, daysFromCivil } from "../contract/text-time.ts";

/** `2024-02-29` as days since 1970; undefined for anything else. */
export function parseDate(value: unknown): number | undefined {
  const found = typeof value === "string" ? /^(\d{4,6})-(\d{2})-(\d{2})$/.exec(value) : null;
  if (found === null) return undefined;
  const [year, month, day] = found.slice(1).map(Number) as [number, number, number];
  if (month < 1 || month > 12) return undefined;
  const days = daysFromCivil(year, month, day);
  return civilFromDays(days).day === day && day > 0 ? days : undefined;
}
