import type { JobFault, JobInfo, VertexInfo } from "../../../runtime/contract/control.ts";
import { aggregateState, countStates, flinkState, timesOf } from "./states.ts";

export const jobIds = (jobs: readonly JobInfo[]): object => ({
  jobs: jobs.map(({ id, state }) => ({ id, status: flinkState(state) })),
});

export const jobsOverview = (jobs: readonly JobInfo[], now_ms: number): object => ({ jobs: jobs.map((job) => jobOverview(job, now_ms)) });

function jobOverview(job: JobInfo, now_ms: number): object {
  const subtasks = job.vertices.flatMap((vertex) => vertex.subtasks);
  const counts = Object.entries(countStates(subtasks)).map(([state, n]) => [state.toLowerCase(), n]);
  const times = timesOf(job, now_ms);
  return {
    jid: job.id,
    name: job.name,
    ...times,
    state: flinkState(job.state),
    "last-modification": times["end-time"] < 0 ? times["start-time"] : times["end-time"],
    tasks: { total: subtasks.length, ...Object.fromEntries(counts) },
  };
}

export function jobDetail(job: JobInfo, now_ms: number): object {
  const vertices = job.vertices.map((vertex) => vertexOf(vertex, job, now_ms));
  const states = job.vertices.map((vertex) => aggregateState(countStates(vertex.subtasks), vertex.parallelism));
  return {
    jid: job.id,
    name: job.name,
    isStoppable: job.state === "RUNNING",
    state: flinkState(job.state),
    ...timesOf(job, now_ms),
    now: Math.round(now_ms),
    timestamps: { CREATED: Math.round(job.created_ms), RUNNING: Math.round(job.started_ms ?? 0) },
    vertices,
    "status-counts": tally(states),
  };
}

function tally(states: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

function vertexOf(vertex: VertexInfo, job: JobInfo, now_ms: number): object {
  const counts = countStates(vertex.subtasks);
  const sum = (read: (subtask: VertexInfo["subtasks"][number]) => number): number =>
    vertex.subtasks.reduce((total, subtask) => total + read(subtask), 0);
  return {
    id: vertex.id,
    name: vertex.name,
    parallelism: vertex.parallelism,
    status: aggregateState(counts, vertex.parallelism),
    ...timesOf(job, now_ms),
    tasks: counts,
    metrics: {
      "read-records": sum((s) => s.recordsIn),
      "read-records-complete": true,
      "write-records": sum((s) => s.recordsOut),
      "write-records-complete": true,
    },
  };
}

export function vertexDetail(vertex: VertexInfo, job: JobInfo, now_ms: number): object {
  return {
    id: vertex.id,
    name: vertex.name,
    parallelism: vertex.parallelism,
    now: Math.round(now_ms),
    subtasks: vertex.subtasks.map((subtask) => ({
      subtask: subtask.subtask,
      status: subtask.state,
      attempt: subtask.attempt,
      endpoint: subtask.slot === null ? "(unassigned)" : `slot ${subtask.slot}`,
      ...timesOf(job, now_ms),
      metrics: { "read-records": subtask.recordsIn, "write-records": subtask.recordsOut },
    })),
  };
}

/** One metric per subtask, as Flink's dashboard reads it: milliseconds since the epoch. */
export const watermarksOf = (vertex: VertexInfo): object =>
  vertex.subtasks.map(({ subtask, watermark_us }) => ({
    id: `${subtask}.currentInputWatermark`,
    value: String(watermark_us === null ? -(2n ** 63n) : watermark_us / 1_000n),
  }));

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

/** Newest first. */
export function exceptionsOf(faults: readonly JobFault[], entries_max: number): object {
  const newest = faults.toReversed();
  return {
    exceptionHistory: {
      entries: newest.slice(0, entries_max).map((fault) => ({
        exceptionName: fault.sqlState,
        stacktrace: fault.message,
        timestamp: Math.round(fault.at_ms),
        taskName: fault.task,
        concurrentExceptions: [],
      })),
      truncated: newest.length > entries_max,
    },
  };
}
