import type { CheckpointInfo, JobInfo, JobState } from "../../../runtime/contract/control.ts";
import { integer, record, text, words } from "../schema.ts";
import type { JobFacts } from "./facts.ts";
import type { Metrics } from "./metric-queries.ts";
import { timesOf } from "./states.ts";

/** Flink's ApplicationStatus of the states in which a job has ended. */
const applicationStatus: Partial<Record<JobState, string>> = { FINISHED: "SUCCEEDED", FAILED: "FAILED", CANCELED: "CANCELED" };

export const executionResultSchema = record(
  {
    status: record({ id: words("IN_PROGRESS", "COMPLETED") }),
    "job-execution-result": record(
      {
        id: text,
        "application-status": words("SUCCEEDED", "FAILED", "CANCELED"),
        "accumulator-results": record({}),
        "net-runtime": integer,
        "failure-cause": record({ class: text, "stack-trace": text, "serialized-throwable": text }),
      },
      ["failure-cause"],
    ),
  },
  ["job-execution-result"],
);

export function executionResult(info: JobInfo, now_ms: number): object {
  const status = applicationStatus[info.state];
  if (status === undefined) return { status: { id: "IN_PROGRESS" } };
  const { fault } = info;
  return {
    status: { id: "COMPLETED" },
    "job-execution-result": {
      id: info.id,
      "application-status": status,
      "accumulator-results": {},
      "net-runtime": timesOf(info, now_ms).duration,
      ...(status === "FAILED" && fault !== null
        ? { "failure-cause": { class: fault.sqlState, "stack-trace": fault.message, "serialized-throwable": "" } }
        : {}),
    },
  };
}

/** A job's metrics under Flink's names (semantics.md section 12); -1 stands for "none yet". */
export function jobMetrics({ info, checkpoints }: Pick<JobFacts, "info" | "checkpoints">, now_ms: number): Metrics {
  const last = info.lastCheckpoint;
  const count = (status: CheckpointInfo["status"]): number => checkpoints.filter((checkpoint) => checkpoint.status === status).length;
  const running_ms = info.state === "RUNNING" ? timesOf(info, now_ms).duration : 0;
  return {
    uptime: running_ms,
    runningTime: running_ms,
    ...Object.fromEntries(told.map((state) => [`${state.toLowerCase()}State`, info.state === state ? 1 : 0])),
    numRestarts: info.restarts,
    numberOfCompletedCheckpoints: count("COMPLETED"),
    numberOfFailedCheckpoints: count("FAILED"),
    numberOfInProgressCheckpoints: count("IN_PROGRESS"),
    totalNumberOfCheckpoints: checkpoints.length,
    lastCompletedCheckpointId: last?.id ?? -1,
    lastCheckpointSize: last?.bytes ?? -1,
    lastCheckpointFullSize: last?.bytes ?? -1,
    lastCheckpointDuration: last === null ? -1 : Math.round((last.completed_ms ?? last.triggered_ms) - last.triggered_ms),
    lastCheckpointCompletedTimestamp: last?.completed_ms === undefined || last.completed_ms === null ? -1 : Math.round(last.completed_ms),
    lastCheckpointRestoreTimestamp: info.lastRestore === null ? -1 : Math.round(info.lastRestore.restored_ms),
  };
}

const told = ["INITIALIZING", "CREATED", "RUNNING", "RESTARTING", "FAILING", "CANCELLING"] as const satisfies readonly JobState[];
