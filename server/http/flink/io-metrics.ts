import type { SubtaskInfo, TaskState } from "../../../runtime/contract/control.ts";
import { boolean, integer, type JsonSchema, mapOf, number, record } from "../schema.ts";
import { type ActiveState, activeStates, durationsOf } from "./subtask-times.ts";

export const ioMetricsSchema = record({
  "read-bytes": integer,
  "read-bytes-complete": boolean,
  "write-bytes": integer,
  "write-bytes-complete": boolean,
  "read-records": integer,
  "read-records-complete": boolean,
  "write-records": integer,
  "write-records-complete": boolean,
  "accumulated-backpressured-time": integer,
  "accumulated-idle-time": integer,
  "accumulated-busy-time": number,
});

/** The counts of Flink's IOMetricsInfo. Times in ms since the tasks began to run. */
const figures = {
  "read-bytes": (s: SubtaskInfo) => s.bytesIn,
  "write-bytes": (s: SubtaskInfo) => s.bytesOut,
  "read-records": (s: SubtaskInfo) => s.recordsIn,
  "write-records": (s: SubtaskInfo) => s.recordsOut,
  "accumulated-backpressured-time": (s: SubtaskInfo) => Math.round(s.backpressured_ms),
  "accumulated-idle-time": (s: SubtaskInfo, now_ms: number) => idle_ms(s, now_ms),
  "accumulated-busy-time": (s: SubtaskInfo) => Math.round(s.busy_ms),
} as const satisfies Record<string, (subtask: SubtaskInfo, now_ms: number) => number>;

/** Neither at work nor held up, while it ran. */
export const idle_ms = (s: SubtaskInfo, now_ms: number): number =>
  Math.max(0, Math.round((durationsOf(s, now_ms).RUNNING ?? 0) - s.busy_ms - s.backpressured_ms));

export function ioMetrics(subtasks: readonly SubtaskInfo[], now_ms: number): object {
  const sum = (name: keyof typeof figures): number => subtasks.reduce((total, subtask) => total + figures[name](subtask, now_ms), 0);
  return {
    "read-bytes": sum("read-bytes"),
    "read-bytes-complete": true,
    "write-bytes": sum("write-bytes"),
    "write-bytes-complete": true,
    "read-records": sum("read-records"),
    "read-records-complete": true,
    "write-records": sum("write-records"),
    "write-records-complete": true,
    "accumulated-backpressured-time": sum("accumulated-backpressured-time"),
    "accumulated-idle-time": sum("accumulated-idle-time"),
    "accumulated-busy-time": sum("accumulated-busy-time"),
  };
}

const statistics = ["min", "max", "avg", "sum", "median", "p25", "p75", "p95"] as const;
const statisticsSchema = record(Object.fromEntries(statistics.map((name) => [name, integer])));
const perState = (schema: JsonSchema): JsonSchema => record(Object.fromEntries(activeStates.map((state) => [state, schema])));

export const durationsSchema = perState(integer);
export const aggregatedSchema = record({ metrics: mapOf(statisticsSchema), "status-duration": perState(statisticsSchema) });

/** The figures over the subtasks (Flink's AggregatedTaskDetailsInfo). */
export const aggregatedOf = (subtasks: readonly SubtaskInfo[], now_ms: number): object => ({
  metrics: Object.fromEntries(
    Object.entries(figures).map(([name, read]) => [name, statisticsOf(subtasks.map((subtask) => read(subtask, now_ms)))]),
  ),
  "status-duration": Object.fromEntries(
    activeStates.map((state) => [state, statisticsOf(subtasks.flatMap((subtask) => known(durationsOf(subtask, now_ms), state)))]),
  ),
});

const known = (durations: Readonly<Partial<Record<TaskState, number>>>, state: ActiveState): readonly number[] =>
  durations[state] === undefined ? [] : [durations[state]];

/** Percentiles are of the nearest rank. */
function statisticsOf(values: readonly number[]): Readonly<Record<(typeof statistics)[number], number>> {
  const sorted = values.map(Math.round).toSorted((a, b) => a - b);
  const rank = (share: number): number => sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0;
  const sum = sorted.reduce((total, value) => total + value, 0);
  return {
    min: sorted[0] ?? 0,
    max: sorted.at(-1) ?? 0,
    avg: sorted.length === 0 ? 0 : Math.round(sum / sorted.length),
    sum,
    median: rank(0.5),
    p25: rank(0.25),
    p75: rank(0.75),
    p95: rank(0.95),
  };
}
