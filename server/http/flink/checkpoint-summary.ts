/** Flink's statistics of one figure over checkpoints or subtasks. Percentiles are of the nearest rank. */
export function summaryOf(values: readonly number[]): object {
  const sorted = values.map(Math.round).toSorted((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.min(sorted.length, Math.max(1, Math.ceil(share * sorted.length))) - 1] ?? 0;
  const sum = sorted.reduce((total, value) => total + value, 0);
  return {
    min: sorted[0] ?? 0,
    max: sorted.at(-1) ?? 0,
    avg: sorted.length === 0 ? 0 : Math.round(sum / sorted.length),
    p50: rank(0.5),
    p90: rank(0.9),
    p95: rank(0.95),
    p99: rank(0.99),
    p999: rank(0.999),
  };
}
