import type { Context } from "hono";
import { SqlError } from "../../../runtime/contract/errors.ts";
import { listOf, number, record, text } from "../schema.ts";

export type Metrics = Readonly<Record<string, number>>;

export const metricListSchema = listOf(record({ id: text, value: text }, ["value"]));

/** `?get=a,b` asks for values; without it the names are listed. What is not there is left out. */
export function metricsAnswer(metrics: Metrics, wanted: string | undefined): object {
  if (wanted === undefined) return Object.keys(metrics).map((id) => ({ id }));
  return wanted.split(",").flatMap((id) => (Object.hasOwn(metrics, id) ? [{ id, value: String(metrics[id]) }] : []));
}

const aggregations = {
  min: (values: readonly number[]) => Math.min(...values),
  max: (values: readonly number[]) => Math.max(...values),
  avg: (values: readonly number[]) => sumOf(values) / values.length,
  sum: (values: readonly number[]) => sumOf(values),
  skew: (values: readonly number[]) => skewOf(values),
} as const satisfies Record<string, (values: readonly number[]) => number>;

const sumOf = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);

/** Mean absolute deviation in percent of the mean, no more than 100 (Flink's DoubleDataSkew). */
function skewOf(values: readonly number[]): number {
  const mean = sumOf(values) / values.length;
  if (mean === 0) return 0;
  return Math.min(100, (100 * sumOf(values.map((value) => Math.abs(value - mean)))) / values.length / mean);
}

export const aggregatedMetricsSchema = listOf(
  record({ id: text, min: number, max: number, avg: number, sum: number, skew: number }, ["min", "max", "avg", "sum", "skew"]),
);

export const aggregatedQuery = {
  get: "names, with commas between",
  agg: "min, max, sum, avg, skew, with commas between; all by default",
} as const;

/** Metrics of several things of a kind, each name as one: what `?get=` names, aggregated as `?agg=` says. */
export function aggregatedMetrics(each: readonly Metrics[], c: Context): object {
  const names = new Set(each.flatMap((metrics) => Object.keys(metrics)));
  const wanted = c.req.query("get");
  if (wanted === undefined) return [...names].map((id) => ({ id }));
  const asked = (c.req.query("agg") ?? Object.keys(aggregations).join(",")).split(",").map((name) => name.toLowerCase());
  const unknown = asked.find((name) => !Object.hasOwn(aggregations, name));
  if (unknown !== undefined) throw new SqlError({ sqlState: "22023", message: `there is no aggregation "${unknown}"` });
  return wanted.split(",").flatMap((id) => {
    const values = each.flatMap((metrics) => (Object.hasOwn(metrics, id) ? [metrics[id] as number] : []));
    if (values.length === 0) return [];
    return [{ id, ...Object.fromEntries(asked.map((name) => [name, aggregations[name as keyof typeof aggregations](values)])) }];
  });
}

/** Those of `each` that `?<name>=a,b` names; all without it. */
export function selected<T>(each: readonly T[], idOf: (one: T) => string, wanted: string | undefined): readonly T[] {
  const ids = wanted === undefined ? null : new Set(wanted.split(","));
  return ids === null ? each : each.filter((one) => ids.has(idOf(one)));
}
