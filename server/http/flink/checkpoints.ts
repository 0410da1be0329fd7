import type {
  CheckpointInfo,
  CheckpointOptions,
  RestoreInfo,
  SnapshotFigures,
  SubtaskCheckpoint,
} from "../../../runtime/contract/checkpoints.ts";
import type { JobInfo } from "../../../runtime/contract/control.ts";
import { summaryOf } from "./checkpoint-summary.ts";

/** Flink's words for state that no path leads to: ours lies in the store. */
const externalPath = "<checkpoint-not-externally-addressable>";

/** GET /jobs/:jid/checkpoints. The history comes newest first. */
export function checkpointsOf(
  job: Pick<JobInfo, "lastRestore" | "restores">,
  checkpoints: readonly CheckpointInfo[],
  now_ms: number,
): object {
  const count = (status: CheckpointInfo["status"]): number => checkpoints.filter((c) => c.status === status).length;
  const newest = checkpoints.toSorted((a, b) => b.id - a.id);
  const completed = newest.filter((c) => c.status === "COMPLETED");
  const latest = (wanted: (c: CheckpointInfo) => boolean): object | null => {
    const found = newest.find(wanted);
    return found === undefined ? null : { "@class": classOf(found), ...checkpointOf(found, now_ms) };
  };
  return {
    counts: {
      restored: job.restores,
      total: checkpoints.length,
      in_progress: count("IN_PROGRESS"),
      completed: completed.length,
      failed: count("FAILED"),
    },
    summary: {
      checkpointed_size: summaryOf(completed.map((c) => c.bytes)),
      state_size: summaryOf(completed.map((c) => c.bytes)),
      end_to_end_duration: summaryOf(completed.map((c) => duration_ms(c, now_ms))),
      alignment_buffered: summaryOf(completed.map(() => 0)),
      processed_data: summaryOf(completed.map((c) => total(c.subtasks, (f) => f.processed_bytes))),
      persisted_data: summaryOf(completed.map((c) => total(c.subtasks, (f) => f.persisted_bytes))),
    },
    latest: {
      completed: latest((c) => c.status === "COMPLETED" && c.type !== "SAVEPOINT"),
      savepoint: latest((c) => c.status === "COMPLETED" && c.type === "SAVEPOINT"),
      failed: latest((c) => c.status === "FAILED"),
      restored: restoredOf(job.lastRestore, checkpoints),
    },
    history: newest.map((c) => checkpointOf(c, now_ms)),
  };
}

/** GET /jobs/:jid/checkpoints/config. */
export const checkpointConfigOf = (options: CheckpointOptions): object => ({
  mode: "exactly_once",
  interval: options.interval_ms,
  timeout: options.timeout_ms,
  min_pause: options.minPause_ms,
  max_concurrent: options.maxConcurrent,
  externalization: { enabled: true, delete_on_cancellation: false },
  state_backend: "millrace",
  checkpoint_storage: "duckdb",
  unaligned_checkpoints: options.unaligned,
  tolerable_failed_checkpoints: options.tolerableFailures,
  aligned_checkpoint_timeout: options.alignedTimeout_ms,
  checkpoints_after_tasks_finish: true,
  state_changelog_enabled: false,
  changelog_storage: null,
  changelog_periodic_materialization_interval: 0,
});

/** GET /jobs/:jid/checkpoints/details/:cid: with figures per vertex. */
export const checkpointDetailOf = (checkpoint: CheckpointInfo, now_ms: number): object => ({
  "@class": classOf(checkpoint),
  ...checkpointOf(checkpoint, now_ms),
  tasks: Object.fromEntries(verticesOf(checkpoint).map((id) => [id, taskOf(checkpoint, id, now_ms)])),
});

/** GET /jobs/:jid/checkpoints/details/:cid/subtasks/:vid; null when that vertex takes no part. */
export function subtasksOf(checkpoint: CheckpointInfo, vertexId: string, now_ms: number): object | null {
  const subtasks = ofVertex(checkpoint, vertexId);
  if (subtasks.length === 0) return null;
  const done = subtasks.flatMap((s) => (s.figures === null ? [] : [{ ...s, figures: s.figures }]));
  const over = (of: (figures: SnapshotFigures) => number): object => summaryOf(done.map(({ figures }) => of(figures)));
  return {
    ...taskOf(checkpoint, vertexId, now_ms),
    summary: {
      checkpointed_size: over((f) => f.bytes),
      state_size: over((f) => f.bytes),
      end_to_end_duration: summaryOf(done.map((s) => (s.acknowledged_ms ?? checkpoint.triggered_ms) - checkpoint.triggered_ms)),
      checkpoint_duration: { sync: over((f) => f.sync_ms), async: over((f) => f.async_ms) },
      alignment: {
        buffered: over(() => 0),
        processed: over((f) => f.processed_bytes),
        persisted: over((f) => f.persisted_bytes),
        duration: over((f) => f.alignment_ms),
      },
      start_delay: over((f) => f.startDelay_ms),
    },
    subtasks: subtasks.map((subtask) => subtaskOf(subtask, checkpoint)),
  };
}

function subtaskOf({ subtask, acknowledged_ms, figures }: SubtaskCheckpoint, { triggered_ms, type }: CheckpointInfo): object {
  if (figures === null || acknowledged_ms === null) return { index: subtask, status: "pending_or_failed" };
  return {
    index: subtask,
    status: "completed",
    ack_timestamp: Math.round(acknowledged_ms),
    end_to_end_duration: Math.round(acknowledged_ms - triggered_ms),
    checkpointed_size: figures.bytes,
    state_size: figures.bytes,
    checkpoint: { sync: Math.round(figures.sync_ms), async: Math.round(figures.async_ms) },
    alignment: {
      buffered: 0,
      processed: figures.processed_bytes,
      persisted: figures.persisted_bytes,
      duration: Math.round(figures.alignment_ms),
    },
    start_delay: Math.round(figures.startDelay_ms),
    unaligned_checkpoint: type === "UNALIGNED_CHECKPOINT" && figures.unaligned,
    aborted: false,
  };
}

function checkpointOf(c: CheckpointInfo, now_ms: number): object {
  return {
    id: c.id,
    status: c.status,
    is_savepoint: c.type === "SAVEPOINT",
    savepointFormat: c.type === "SAVEPOINT" ? "CANONICAL" : null,
    checkpoint_type: c.type,
    trigger_timestamp: Math.round(c.triggered_ms),
    latest_ack_timestamp: latestAck_ms(c, c.subtasks),
    checkpointed_size: c.bytes,
    state_size: c.bytes,
    end_to_end_duration: duration_ms(c, now_ms),
    alignment_buffered: 0,
    processed_data: total(c.subtasks, (f) => f.processed_bytes),
    persisted_data: total(c.subtasks, (f) => f.persisted_bytes),
    num_subtasks: c.subtasks.length,
    num_acknowledged_subtasks: acknowledged(c.subtasks),
    tasks: {},
    state_rows: c.stateRows,
    result_rows: c.resultRows,
    ...endOf(c),
  };
}

const endOf = (c: CheckpointInfo): object =>
  c.status === "COMPLETED"
    ? { external_path: externalPath, discarded: false }
    : c.status === "FAILED"
      ? { failure_timestamp: Math.round(c.failed_ms ?? c.triggered_ms), failure_message: c.failure }
      : {};

/** One vertex's part in a checkpoint. */
function taskOf(c: CheckpointInfo, vertexId: string, now_ms: number): object {
  const subtasks = ofVertex(c, vertexId);
  const ack_ms = latestAck_ms(c, subtasks);
  const bytes = total(subtasks, (f) => f.bytes);
  return {
    id: c.id,
    status: c.status,
    latest_ack_timestamp: ack_ms,
    checkpointed_size: bytes,
    state_size: bytes,
    end_to_end_duration: ack_ms < 0 ? Math.round(now_ms - c.triggered_ms) : Math.max(0, ack_ms - Math.round(c.triggered_ms)),
    alignment_buffered: 0,
    processed_data: total(subtasks, (f) => f.processed_bytes),
    persisted_data: total(subtasks, (f) => f.persisted_bytes),
    num_subtasks: subtasks.length,
    num_acknowledged_subtasks: acknowledged(subtasks),
  };
}

function restoredOf(restore: RestoreInfo | null, checkpoints: readonly CheckpointInfo[]): object | null {
  if (restore === null) return null;
  const type = checkpoints.find((c) => c.id === restore.checkpoint)?.type;
  return {
    id: restore.checkpoint,
    restore_timestamp: Math.round(restore.restored_ms),
    is_savepoint: type === "SAVEPOINT",
    external_path: externalPath,
  };
}

const classOf = (c: CheckpointInfo): string => (c.status === "COMPLETED" ? "completed" : c.status === "FAILED" ? "failed" : "in_progress");

const duration_ms = (c: CheckpointInfo, now_ms: number): number =>
  Math.round((c.completed_ms ?? c.failed_ms ?? (c.status === "IN_PROGRESS" ? now_ms : c.triggered_ms)) - c.triggered_ms);

const ofVertex = (c: CheckpointInfo, vertexId: string): readonly SubtaskCheckpoint[] => c.subtasks.filter((s) => s.vertexId === vertexId);

const verticesOf = (c: CheckpointInfo): readonly string[] => [...new Set(c.subtasks.map((s) => s.vertexId))];

const acknowledged = (subtasks: readonly SubtaskCheckpoint[]): number => subtasks.filter((s) => s.acknowledged_ms !== null).length;

const total = (subtasks: readonly SubtaskCheckpoint[], of: (figures: SnapshotFigures) => number): number =>
  subtasks.reduce((sum, { figures }) => sum + (figures === null ? 0 : of(figures)), 0);

/** -1 before the first; of checkpoints whose subtasks are not known any more, when it was complete. */
function latestAck_ms(c: CheckpointInfo, subtasks: readonly SubtaskCheckpoint[]): number {
  if (c.subtasks.length === 0) return c.completed_ms === null ? -1 : Math.round(c.completed_ms);
  return Math.round(Math.max(-1, ...subtasks.map((s) => s.acknowledged_ms ?? -1)));
}
