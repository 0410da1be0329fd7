import type { CheckpointOptions } from "../contract/checkpoints.ts";
import type { AutoscaleOptions, JobInfo, JobState, SlotShortage, SubtaskInfo, TaskState, VertexInfo } from "../contract/control.ts";
import type { JobRecord } from "../checkpoint/job-records.ts";
import type { TaskMetrics } from "../contract/rpc.ts";
import type { Attempt, Execution } from "./attempt.ts";
import type { JobHistory } from "./job-history.ts";
import type { ExecutionVertex, Topology } from "./topology.ts";

export interface JobView {
  readonly record: JobRecord;
  readonly state: JobState;
  readonly topology: Topology;
  readonly checkpointing: CheckpointOptions;
  readonly attempt: Attempt | null;
  readonly history: JobHistory;
  readonly waitsFor: SlotShortage | null;
  readonly autoscale: AutoscaleOptions | null;
}

/** A job as the doors show it: counters are those of the present attempt, as far as its tasks have reported. */
export function jobInfoOf({ record, state, topology, checkpointing, attempt, history, waitsFor, autoscale }: JobView): JobInfo {
  // A job that had ended before the server started has no tasks any more, but they did end.
  const restingState = state === "FINISHED" || state === "CANCELED" ? state : "CREATED";
  return {
    id: record.id,
    name: record.job,
    state,
    created_ms: record.created_ms,
    started_ms: record.started_ms,
    ended_ms: record.ended_ms,
    restarts: record.restarts,
    parallelism: widthOf(topology),
    autoscale,
    rescales: history.rescales,
    waitsFor,
    fault: record.fault ?? history.exceptions.at(-1) ?? null,
    lastCheckpoint: history.lastCompleted,
    checkpointing,
    lastRestore: history.lastRestore,
    restores: history.restores,
    vertices: topology.jobVertices.map(
      ({ vertex, inEdges, subtasks }): VertexInfo => ({
        id: vertex.id,
        name: vertex.name,
        parallelism: vertex.parallelism,
        inputs: [...new Set(inEdges.map(({ from }) => from))],
        subtasks: subtasks.map((subtask) => subtaskInfoOf(subtask, attempt?.executions[subtask.index], record.attempt, restingState)),
      }),
    ),
    counters: countersOf(attempt?.executions ?? []),
  };
}

/** The widest vertex. */
export const widthOf = ({ jobVertices }: Topology): number => Math.max(0, ...jobVertices.map((v) => v.vertex.parallelism));

function subtaskInfoOf(
  { vertex, subtask }: ExecutionVertex,
  execution: Execution | undefined,
  attempt: number,
  restingState: TaskState,
): SubtaskInfo {
  const metrics = execution?.metrics ?? noCounts;
  return {
    vertexId: vertex.id,
    subtask,
    attempt,
    state: execution?.state ?? restingState,
    slot: execution?.slot ?? null,
    recordsIn: metrics.recordsIn,
    recordsOut: metrics.recordsOut,
    bytesIn: metrics.bytesIn,
    bytesOut: metrics.bytesOut,
    framesOut: metrics.framesOut,
    rates: metrics.rates,
    watermark_us: metrics.watermark_us,
    busy_ratio: metrics.busy_ratio,
    backpressured_ratio: metrics.backpressured_ratio,
    busy_ms: metrics.busy_ms,
    backpressured_ms: metrics.backpressured_ms,
    entered_ms: execution?.entered_ms ?? {},
  };
}

/** Of a task that has not reported. */
export const noCounts = {
  recordsIn: 0,
  recordsOut: 0,
  bytesIn: 0,
  bytesOut: 0,
  framesOut: 0,
  rates: { recordsIn: 0, recordsOut: 0, bytesIn: 0, bytesOut: 0 },
  watermark_us: null,
  busy_ratio: 0,
  backpressured_ratio: 0,
  busy_ms: 0,
  backpressured_ms: 0,
} as const satisfies Omit<TaskMetrics, "task" | "counters">;

function countersOf(executions: readonly Execution[]): Readonly<Record<string, number>> {
  const sums = new Map<string, number>();
  for (const { metrics } of executions) {
    for (const [name, count] of Object.entries(metrics?.counters ?? {})) sums.set(name, (sums.get(name) ?? 0) + count);
  }
  return Object.fromEntries(sums);
}
