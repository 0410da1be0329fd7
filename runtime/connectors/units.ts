const unit_us: Readonly<Record<string, number>> = {
  us: 1,
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

/** Microseconds of `10s`, `500 ms`, `1 minute`, `1h 30m`, `0`; null for anything else. */
export function durationOf(text: string): number | null {
  const trimmed = text.trim().toLowerCase();
  if (trimmed === "0") return 0;
  if (!/^(?:\d+(?:\.\d+)?\s*[a-z]+\s*)+$/.test(trimmed)) return null;
  let total_us = 0;
  for (const [, count, word] of trimmed.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]+)/g)) {
    const unit = unitOf(word as string);
    if (unit === undefined) return null;
    total_us += Number(count) * unit;
  }
  return Number.isSafeInteger(Math.round(total_us)) ? Math.round(total_us) : null;
}

const unitOf = (word: string): number | undefined =>
  Object.hasOwn(unit_us, word)
    ? unit_us[word]
    : word.endsWith("s") && Object.hasOwn(unit_us, word.slice(0, -1))
      ? unit_us[word.slice(0, -1)]
      : undefined;

const unit_bytes: Readonly<Record<string, number>> = { "": 1, b: 1, kb: 1_024, mb: 1_048_576, gb: 1_073_741_824 };

/** Bytes of `4096`, `64MB`; null for anything else. */
export function sizeOf(text: string): number | null {
  const found = /^(\d+)\s*([kmg]?b)?$/i.exec(text.trim());
  const unit = unit_bytes[(found?.[2] ?? "").toLowerCase()];
  return found === null || unit === undefined ? null : Number(found[1]) * unit;
}
