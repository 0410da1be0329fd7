import type { SubtaskInfo, VertexInfo } from "../../../runtime/contract/control.ts";
import { integer, listOf, mapOf, number, record, text, words } from "../schema.ts";
import type { VertexFacts } from "./facts.ts";
import { aggregatedOf, aggregatedSchema, durationsSchema, ioMetrics, ioMetricsSchema } from "./io-metrics.ts";
import { metricsAnswer } from "./metric-queries.ts";
import { byTaskManager, type Place, placeOf } from "./places.ts";
import { aggregateState, countStates, taskStates } from "./states.ts";
import { subtaskMetrics } from "./subtask-metrics.ts";
import { activeDurations, timesOfSubtask, timesOfSubtasks, timestampsOf } from "./subtask-times.ts";

const times = { "start-time": integer, "end-time": integer, duration: integer } as const;

export const subtaskSchema = record({
  subtask: integer,
  status: words(...taskStates),
  attempt: integer,
  endpoint: text,
  ...times,
  metrics: ioMetricsSchema,
  "taskmanager-id": text,
  "status-duration": durationsSchema,
});

export const vertexSchema = record({
  id: text,
  name: text,
  parallelism: integer,
  maxParallelism: integer,
  now: integer,
  subtasks: listOf(subtaskSchema),
  aggregated: aggregatedSchema,
});

export const vertexDetail = ({ vertex, job, taskManagers }: VertexFacts, now_ms: number): object => ({
  id: vertex.id,
  name: vertex.name,
  parallelism: vertex.parallelism,
  maxParallelism: job.shape.maxParallelism,
  now: Math.round(now_ms),
  subtasks: vertex.subtasks.map((subtask) => subtaskDetail(subtask, placeOf(subtask, taskManagers), now_ms)),
  aggregated: aggregatedOf(vertex.subtasks, now_ms),
});

export const subtaskDetail = (subtask: SubtaskInfo, place: Place, now_ms: number): object => ({
  subtask: subtask.subtask,
  status: subtask.state,
  attempt: subtask.attempt,
  endpoint: place.endpoint,
  ...timesOfSubtask(subtask, now_ms),
  metrics: ioMetrics([subtask], now_ms),
  "taskmanager-id": place.taskManager,
  "status-duration": activeDurations(subtask, now_ms),
});

export const taskManagersSchema = record({
  id: text,
  name: text,
  now: integer,
  taskmanagers: listOf(
    record({
      endpoint: text,
      status: words(...taskStates),
      ...times,
      metrics: ioMetricsSchema,
      "status-counts": mapOf(integer),
      "taskmanager-id": text,
      aggregated: aggregatedSchema,
    }),
  ),
});

/** The vertex's subtasks by the TaskManager they run on. */
export function vertexTaskManagers({ vertex, taskManagers }: VertexFacts, now_ms: number): object {
  return {
    id: vertex.id,
    name: vertex.name,
    now: Math.round(now_ms),
    taskmanagers: [...byTaskManager(vertex.subtasks, taskManagers)].map(([id, subtasks]) => {
      const counts = countStates(subtasks);
      return {
        endpoint: id,
        status: aggregateState(counts, subtasks.length),
        ...timesOfSubtasks(subtasks, now_ms),
        metrics: ioMetrics(subtasks, now_ms),
        "status-counts": counts,
        "taskmanager-id": id,
        aggregated: aggregatedOf(subtasks, now_ms),
      };
    }),
  };
}

export const subtaskTimesSchema = record({
  id: text,
  name: text,
  now: integer,
  subtasks: listOf(record({ subtask: integer, endpoint: text, duration: integer, timestamps: mapOf(integer) })),
});

export const subtaskTimes = ({ vertex, taskManagers }: VertexFacts, now_ms: number): object => ({
  id: vertex.id,
  name: vertex.name,
  now: Math.round(now_ms),
  subtasks: vertex.subtasks.map((subtask) => ({
    subtask: subtask.subtask,
    endpoint: placeOf(subtask, taskManagers).endpoint,
    duration: timesOfSubtask(subtask, now_ms).duration,
    timestamps: timestampsOf(subtask),
  })),
});

/** One metric per subtask, as Flink's dashboard reads it: milliseconds since the epoch. */
export const watermarksOf = (vertex: VertexInfo): object =>
  vertex.subtasks.map(({ subtask, watermark_us }) => ({
    id: `${subtask}.currentInputWatermark`,
    value: String(watermark_us === null ? -(2n ** 63n) : watermark_us / 1_000n),
  }));

export const vertexMetrics = ({ vertex, job }: VertexFacts, wanted: string | undefined, now_ms: number): object =>
  metricsAnswer(
    Object.fromEntries(
      vertex.subtasks.flatMap((subtask) =>
        Object.entries(subtaskMetrics(subtask, now_ms, job.info.lastCheckpoint)).map(
          ([name, value]) => [`${subtask.subtask}.${name}`, value] as const,
        ),
      ),
    ),
    wanted,
  );

const level = words("ok", "low", "high");

/** Flink says it under two names: its documents have the one, its dashboard reads the other. */
const levels = { "backpressure-level": level, backpressureLevel: level } as const;

export const backpressureSchema = record({
  status: text,
  ...levels,
  "end-timestamp": integer,
  subtasks: listOf(record({ subtask: integer, "attempt-number": integer, ...levels, ratio: number, idleRatio: number, busyRatio: number })),
});

export function backpressureOf(vertex: VertexInfo, now_ms: number): object {
  const levelsOf = (ratio: number): Readonly<Record<keyof typeof levels, string>> => {
    const name = ratio <= 0.1 ? "ok" : ratio <= 0.5 ? "low" : "high";
    return { "backpressure-level": name, backpressureLevel: name };
  };
  const worst = Math.max(0, ...vertex.subtasks.map((s) => s.backpressured_ratio));
  return {
    status: "ok",
    ...levelsOf(worst),
    "end-timestamp": Math.round(now_ms),
    subtasks: vertex.subtasks.map((s) => ({
      subtask: s.subtask,
      "attempt-number": s.attempt,
      ...levelsOf(s.backpressured_ratio),
      ratio: s.backpressured_ratio,
      idleRatio: Math.max(0, 1 - s.busy_ratio - s.backpressured_ratio),
      busyRatio: s.busy_ratio,
    })),
  };
}
