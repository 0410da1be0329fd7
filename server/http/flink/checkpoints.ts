import type { CheckpointInfo } from "../../../runtime/contract/control.ts";

/** The history comes newest first. */
export function checkpointsOf(checkpoints: readonly CheckpointInfo[]): object {
  const count = (status: CheckpointInfo["status"]): number => checkpoints.filter((c) => c.status === status).length;
  const newest = checkpoints.toSorted((a, b) => b.id - a.id);
  const completed = newest.filter((c) => c.status === "COMPLETED");
  const latest = (status: CheckpointInfo["status"]): object | null => {
    const found = newest.find((c) => c.status === status);
    return found === undefined ? null : checkpointOf(found);
  };
  return {
    counts: {
      restored: 0,
      total: checkpoints.length,
      in_progress: count("IN_PROGRESS"),
      completed: completed.length,
      failed: count("FAILED"),
    },
    summary: {
      checkpointed_size: summaryOf(completed.map((c) => c.bytes)),
      end_to_end_duration: summaryOf(completed.map(duration_ms)),
    },
    latest: { completed: latest("COMPLETED"), savepoint: null, failed: latest("FAILED"), restored: null },
    history: newest.map(checkpointOf),
  };
}

const duration_ms = (c: CheckpointInfo): number => Math.round((c.completed_ms ?? c.triggered_ms) - c.triggered_ms);

function checkpointOf(c: CheckpointInfo): object {
  return {
    id: c.id,
    status: c.status,
    is_savepoint: false,
    checkpoint_type: "CHECKPOINT",
    trigger_timestamp: Math.round(c.triggered_ms),
    latest_ack_timestamp: c.completed_ms === null ? -1 : Math.round(c.completed_ms),
    checkpointed_size: c.bytes,
    end_to_end_duration: duration_ms(c),
    state_rows: c.stateRows,
    result_rows: c.resultRows,
    ...(c.failure === null ? {} : { failure_message: c.failure }),
  };
}

function summaryOf(values: readonly number[]): object {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  const sum = sorted.reduce((total, value) => total + value, 0);
  return {
    min: at(0),
    max: sorted.at(-1) ?? 0,
    avg: sorted.length === 0 ? 0 : Math.round(sum / sorted.length),
    p50: at(0.5),
    p90: at(0.9),
    p95: at(0.95),
    p99: at(0.99),
    p999: at(0.999),
  };
}
