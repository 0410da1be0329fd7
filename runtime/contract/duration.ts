const unit_us: Readonly<Record<string, number>> = {
  us: 1,
  microsecond: 1,
  ms: 1_000,
  millisecond: 1_000,
  s: 1_000_000,
  sec: 1_000_000,
  second: 1_000_000,
  m: 60_000_000,
  min: 60_000_000,
  minute: 60_000_000,
  h: 3_600_000_000,
  hour: 3_600_000_000,
  d: 86_400_000_000,
  day: 86_400_000_000,
};

/** Microseconds of `10s`, `500 ms`, `1 minute`, `1h 30m`, `INTERVAL '5' SECOND`, `0`; null for anything else. */
export function durationOf_us(text: string): number | null {
  const plain = text
    .trim()
    .toLowerCase()
    .replace(/^interval\s*/, "")
    .replaceAll("'", " ")
    .trim();
  if (plain === "0") return 0;
  if (!/^(?:\d+(?:\.\d+)?\s*[a-z]+\s*)+$/.test(plain)) return null;
  let total_us = 0;
  for (const [, count, word = ""] of plain.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const unit = Object.hasOwn(unit_us, word) ? unit_us[word] : unit_us[word.replace(/s$/, "")];
    if (unit === undefined) return null;
    total_us += Number(count) * unit;
  }
  return Number.isSafeInteger(Math.round(total_us)) ? Math.round(total_us) : null;
}
