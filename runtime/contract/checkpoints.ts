/** How a job takes its checkpoints. */
export interface CheckpointOptions {
  readonly interval_ms: number;
  readonly timeout_ms: number;
  readonly minPause_ms: number;
  /** Checkpoints under way at a time; 1 where there is a pause, or barriers may overtake rows. */
  readonly maxConcurrent: number;
  readonly tolerableFailures: number;
  readonly retained: number;
  /** Barriers may overtake rows, which are stored with the checkpoint. */
  readonly unaligned: boolean;
  /** For so long after the trigger barriers keep their place in the stream even then. */
  readonly alignedTimeout_ms: number;
}

/** How a checkpoint passes through the job: travels with its barriers. */
export interface BarrierMode {
  /** Wall clock. */
  readonly triggered_ms: number;
  /** From this long after the trigger on the barrier overtakes rows; null: never. */
  readonly unalignedAfter_ms: number | null;
}

/** What a task does for a checkpoint at the moment. `waiting`: no barrier has come yet; `async`: the cut is made, rows in flight are gathered. */
export type CheckpointPhase = "waiting" | "aligning" | "sync" | "async";

/** What one checkpoint cost one subtask. Durations are wall time, sizes those of frames. */
export interface SnapshotFigures {
  /** From the trigger to the first barrier. */
  readonly startDelay_ms: number;
  /** From the first barrier to the last. */
  readonly alignment_ms: number;
  /** The cut: nothing is processed. */
  readonly sync_ms: number;
  /** From the cut until everything is handed over. */
  readonly async_ms: number;
  /** Of state and results. */
  readonly rows: number;
  readonly bytes: number;
  /** Of rows that were processed between the first barrier and the last. */
  readonly processed_bytes: number;
  /** Of rows in flight that were stored. */
  readonly persisted_bytes: number;
  readonly unaligned: boolean;
}

export interface SubtaskCheckpoint {
  readonly vertexId: string;
  readonly subtask: number;
  /** Wall clock; null: not yet, or never. */
  readonly acknowledged_ms: number | null;
  readonly figures: SnapshotFigures | null;
}

/** Flink's names. */
export type CheckpointType = "CHECKPOINT" | "UNALIGNED_CHECKPOINT" | "SAVEPOINT";

export interface CheckpointInfo {
  readonly id: number;
  readonly type: CheckpointType;
  readonly status: "IN_PROGRESS" | "COMPLETED" | "FAILED";
  readonly triggered_ms: number;
  readonly completed_ms: number | null;
  readonly failed_ms: number | null;
  readonly stateRows: number;
  readonly resultRows: number;
  readonly bytes: number;
  readonly failure: string | null;
  /** Of the tasks that take part; empty for checkpoints of before the server's start. */
  readonly subtasks: readonly SubtaskCheckpoint[];
}

/** From which checkpoint a job went on, and when. */
export interface RestoreInfo {
  readonly checkpoint: number;
  readonly restored_ms: number;
}
