import type { JobInfo, SubtaskInfo, VertexInfo } from "../../../runtime/contract/control.ts";
import { boolean, integer, listOf, mapOf, number, record, text, words } from "../schema.ts";
import type { VertexFacts } from "./facts.ts";
import { byTaskManager, type Place, placeOf } from "./places.ts";
import { aggregateState, countStates, taskStates, timesOf } from "./states.ts";

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

/** Bytes and accumulated times are not counted: 0, and said to be incomplete. */
export function ioMetrics(subtasks: readonly SubtaskInfo[]): object {
  const sum = (read: (subtask: SubtaskInfo) => number): number => subtasks.reduce((total, subtask) => total + read(subtask), 0);
  return {
    "read-bytes": 0,
    "read-bytes-complete": false,
    "write-bytes": 0,
    "write-bytes-complete": false,
    "read-records": sum((s) => s.recordsIn),
    "read-records-complete": true,
    "write-records": sum((s) => s.recordsOut),
    "write-records-complete": true,
    "accumulated-backpressured-time": 0,
    "accumulated-idle-time": 0,
    "accumulated-busy-time": 0,
  };
}

const times = { "start-time": integer, "end-time": integer, duration: integer } as const;

export const subtaskSchema = record({
  subtask: integer,
  status: words(...taskStates),
  attempt: integer,
  endpoint: text,
  ...times,
  metrics: ioMetricsSchema,
  "taskmanager-id": text,
});

export const vertexSchema = record({
  id: text,
  name: text,
  parallelism: integer,
  maxParallelism: integer,
  now: integer,
  subtasks: listOf(subtaskSchema),
});

export const vertexDetail = ({ vertex, job, taskManagers }: VertexFacts, now_ms: number): object => ({
  id: vertex.id,
  name: vertex.name,
  parallelism: vertex.parallelism,
  maxParallelism: job.shape.maxParallelism,
  now: Math.round(now_ms),
  subtasks: vertex.subtasks.map((subtask) => subtaskDetail(subtask, job.info, placeOf(subtask, taskManagers), now_ms)),
});

const subtaskDetail = (subtask: SubtaskInfo, job: JobInfo, place: Place, now_ms: number): object => ({
  subtask: subtask.subtask,
  status: subtask.state,
  attempt: subtask.attempt,
  endpoint: place.endpoint,
  ...timesOf(job, now_ms),
  metrics: ioMetrics([subtask]),
  "taskmanager-id": place.taskManager,
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
    }),
  ),
});

/** The vertex's subtasks by the TaskManager they run on. */
export function vertexTaskManagers({ vertex, job, taskManagers }: VertexFacts, now_ms: number): object {
  return {
    id: vertex.id,
    name: vertex.name,
    now: Math.round(now_ms),
    taskmanagers: [...byTaskManager(vertex.subtasks, taskManagers)].map(([id, subtasks]) => {
      const counts = countStates(subtasks);
      return {
        endpoint: id,
        status: aggregateState(counts, subtasks.length),
        ...timesOf(job.info, now_ms),
        metrics: ioMetrics(subtasks),
        "status-counts": counts,
        "taskmanager-id": id,
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

export const subtaskTimes = ({ vertex, job, taskManagers }: VertexFacts, now_ms: number): object => ({
  id: vertex.id,
  name: vertex.name,
  now: Math.round(now_ms),
  subtasks: vertex.subtasks.map((subtask) => ({
    subtask: subtask.subtask,
    endpoint: placeOf(subtask, taskManagers).endpoint,
    duration: timesOf(job.info, now_ms).duration,
    timestamps: { [subtask.state]: timesOf(job.info, now_ms)["start-time"] },
  })),
});

export const metricListSchema = listOf(record({ id: text, value: text }, ["value"]));

/** One metric per subtask, as Flink's dashboard reads it: milliseconds since the epoch. */
export const watermarksOf = (vertex: VertexInfo): object =>
  vertex.subtasks.map(({ subtask, watermark_us }) => ({
    id: `${subtask}.currentInputWatermark`,
    value: String(watermark_us === null ? -(2n ** 63n) : watermark_us / 1_000n),
  }));

/** `?get=a,b` asks for values; without it the names are listed. */
export function vertexMetrics({ vertex }: VertexFacts, wanted: string | undefined): object {
  const values = new Map(
    vertex.subtasks.flatMap((subtask) => Object.entries(metricsOf(subtask)).map(([name, value]) => [`${subtask.subtask}.${name}`, value])),
  );
  if (wanted === undefined) return [...values.keys()].map((id) => ({ id }));
  return wanted.split(",").flatMap((id) => (values.has(id) ? [{ id, value: String(values.get(id)) }] : []));
}

const metricsOf = (s: SubtaskInfo): Readonly<Record<string, number>> => ({
  numRecordsIn: s.recordsIn,
  numRecordsOut: s.recordsOut,
  busyTimeMsPerSecond: Math.round(s.busy_ratio * 1_000),
  backPressuredTimeMsPerSecond: Math.round(s.backpressured_ratio * 1_000),
  idleTimeMsPerSecond: Math.round(Math.max(0, 1 - s.busy_ratio - s.backpressured_ratio) * 1_000),
});

const level = words("ok", "low", "high");

export const backpressureSchema = record({
  status: text,
  backpressureLevel: level,
  "end-timestamp": integer,
  subtasks: listOf(
    record({ subtask: integer, "attempt-number": integer, backpressureLevel: level, ratio: number, idleRatio: number, busyRatio: number }),
  ),
});

export function backpressureOf(vertex: VertexInfo, now_ms: number): object {
  const levelOf = (ratio: number): string => (ratio <= 0.1 ? "ok" : ratio <= 0.5 ? "low" : "high");
  const worst = Math.max(0, ...vertex.subtasks.map((s) => s.backpressured_ratio));
  return {
    status: "ok",
    backpressureLevel: levelOf(worst),
    "end-timestamp": Math.round(now_ms),
    subtasks: vertex.subtasks.map((s) => ({
      subtask: s.subtask,
      "attempt-number": s.attempt,
      backpressureLevel: levelOf(s.backpressured_ratio),
      ratio: s.backpressured_ratio,
      idleRatio: Math.max(0, 1 - s.busy_ratio - s.backpressured_ratio),
      busyRatio: s.busy_ratio,
    })),
  };
}
