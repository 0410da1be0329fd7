/** Intervals are compared by their length, with months of 30 days and days of 24 hours, each part carried into the next larger one. */

const day_us = 86_400_000_000n;

/** Negative, 0 or positive. */
export function compareIntervals(aMonths: number, aDays: number, aMicros: bigint, bMonths: number, bDays: number, bMicros: bigint): number {
  const a = length_us(aMonths, aDays, aMicros);
  const b = length_us(bMonths, bDays, bMicros);
  return a < b ? -1 : a > b ? 1 : 0;
}

const length_us = (months: number, days: number, micros: bigint): bigint => BigInt(months * 30 + days) * day_us + micros;
