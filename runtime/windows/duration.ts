const units = [
  [86_400_000_000n, "d"],
  [3_600_000_000n, "h"],
  [60_000_000n, "m"],
  [1_000_000n, "s"],
  [1_000n, "ms"],
  [1n, "us"],
] as const;

/** `10s`, `1h30m`, `-5ms`: for EXPLAIN. */
export function printDuration(micros: bigint): string {
  if (micros === 0n) return "0s";
  let rest = micros < 0n ? -micros : micros;
  let text = micros < 0n ? "-" : "";
  for (const [length, unit] of units) {
    if (rest >= length) text += `${rest / length}${unit}`;
    rest %= length;
  }
  return text;
}

export const printOffset = (offset_us: bigint): string => (offset_us === 0n ? "" : `, offset ${printDuration(offset_us)}`);
