import type { JobInfo, JobState, SubtaskInfo, TaskState } from "../../../runtime/contract/control.ts";

export const taskStates = [
  "CREATED",
  "SCHEDULED",
  "DEPLOYING",
  "INITIALIZING",
  "RUNNING",
  "FINISHED",
  "CANCELING",
  "CANCELED",
  "FAILED",
  "RECONCILING",
] as const satisfies readonly TaskState[];

export type TaskCounts = Readonly<Record<TaskState, number>>;

/** How many subtasks are in each state, every state named. */
export function countStates(subtasks: readonly SubtaskInfo[]): TaskCounts {
  const counts = Object.fromEntries(taskStates.map((state) => [state, 0])) as Record<TaskState, number>;
  for (const { state } of subtasks) counts[state] += 1;
  return counts;
}

const worstFirst = ["FAILED", "CANCELING", "CANCELED", "INITIALIZING", "RUNNING"] as const satisfies readonly TaskState[];

/** The state of a vertex, from its subtasks' (Flink's ExecutionJobVertex.getAggregateJobVertexState). */
export function aggregateState(counts: TaskCounts, total: number): TaskState {
  const worst = worstFirst.find((state) => counts[state] > 0);
  if (worst !== undefined) return worst;
  if (counts.FINISHED > 0) return counts.FINISHED === total ? "FINISHED" : "RUNNING";
  return counts.DEPLOYING > 0 ? "DEPLOYING" : counts.SCHEDULED > 0 ? "SCHEDULED" : "CREATED";
}

/** Flink knows no PAUSED: a job that waits with its state is SUSPENDED there. */
export const flinkState = (state: JobState): JobState => (state === "PAUSED" ? "SUSPENDED" : state);

export interface Times {
  readonly "start-time": number;
  readonly "end-time": number;
  /** Milliseconds, as all times of the interface. */
  readonly duration: number;
}

/** -1 stands for "not yet". */
export function timesOf(job: JobInfo, now_ms: number): Times {
  const start = Math.round(job.started_ms ?? job.created_ms);
  const end = job.ended_ms === null ? -1 : Math.round(job.ended_ms);
  return { "start-time": start, "end-time": end, duration: Math.max(0, Math.round(end < 0 ? now_ms : end) - start) };
}
