/** Why a checkpoint came to nothing. Only what speaks against the job's health counts (Flink's CheckpointFailureManager). */
const countsAsFailure = {
  declined: true,
  expired: true,
  storage: true,
  subsumed: false,
  stopping: false,
} as const satisfies Readonly<Record<string, boolean>>;

export type CheckpointFailureReason = keyof typeof countsAsFailure;

export interface FailureStep {
  /** Failures in a row; a completed checkpoint sets it to 0. */
  readonly consecutive: number;
  readonly failJob: boolean;
}

export interface FailedCheckpoint {
  readonly reason: CheckpointFailureReason;
  /** Whoever asked for a savepoint hears of its failure; it says nothing of the checkpoints that the job lives by. */
  readonly savepoint: boolean;
}

/** One failed checkpoint, counted once: the job fails when more than `tolerable` of them came in a row. */
export function afterFailure(consecutive: number, { reason, savepoint }: FailedCheckpoint, tolerable: number): FailureStep {
  if (!countsAsFailure[reason] || savepoint) return { consecutive, failJob: false };
  return { consecutive: consecutive + 1, failJob: consecutive + 1 > tolerable };
}
