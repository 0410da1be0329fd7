import type { BarrierMode, CheckpointPhase, SnapshotFigures } from "../contract/checkpoints.ts";
import type { TaskSnapshot } from "../contract/rpc.ts";
import type { CheckpointKind } from "./trigger-decision.ts";

/** A checkpoint that waits for its tasks, or is being stored. Tasks are indices of the topology. */
export interface PendingCheckpoint {
  readonly id: number;
  readonly kind: CheckpointKind;
  readonly mode: BarrierMode;
  readonly participants: readonly number[];
  readonly awaited: ReadonlySet<number>;
  readonly snapshots: ReadonlyMap<number, Acknowledged>;
  /** What awaited tasks last said of themselves. */
  readonly phases: ReadonlyMap<number, CheckpointPhase>;
}

export interface Acknowledged {
  readonly snapshot: TaskSnapshot;
  /** Wall clock. */
  readonly at_ms: number;
}

/** `participants` are the tasks that have not finished: what finished ones had is in earlier checkpoints. */
export const startCheckpoint = (
  id: number,
  kind: CheckpointKind,
  mode: BarrierMode,
  participants: readonly number[],
): PendingCheckpoint => ({
  id,
  kind,
  mode,
  participants,
  awaited: new Set(participants),
  snapshots: new Map(),
  phases: new Map(),
});

/** What a task handed over for one checkpoint. */
export interface TakenSnapshot {
  readonly checkpoint: number;
  readonly task: number;
  readonly snapshot: TaskSnapshot;
}

/** `carry`: of a failed checkpoint. `complete`: it was the last that was awaited. */
export type AcknowledgeStep =
  | { readonly do: "ignore" }
  | { readonly do: "carry" }
  | { readonly do: "wait"; readonly next: PendingCheckpoint }
  | { readonly do: "complete"; readonly next: PendingCheckpoint };

/** Checkpoints under way, oldest first, and how far the attempt's ids are. */
export interface CheckpointsUnderWay {
  readonly pending: readonly PendingCheckpoint[];
  readonly lastStarted: number;
  /** 0: none of this attempt. */
  readonly lastCompleted: number;
}

/**
 * A snapshot of a checkpoint that has failed meanwhile is carried over to the next one: it holds the changes since the
 * snapshot before it, and the task will not send them again. A repeated acknowledgement changes nothing, and none of a failed
 * checkpoint can follow the completion of a later one, for a task's messages come in order.
 */
export function acknowledge(
  { pending, lastStarted, lastCompleted }: CheckpointsUnderWay,
  id: number,
  task: number,
  acknowledged: Acknowledged,
): AcknowledgeStep {
  const own = pending.find((checkpoint) => checkpoint.id === id);
  if (own === undefined) return { do: id <= lastStarted && id > lastCompleted ? "carry" : "ignore" };
  if (!own.awaited.has(task)) return { do: "ignore" };
  const awaited = new Set(own.awaited);
  awaited.delete(task);
  const next = { ...own, awaited, snapshots: new Map(own.snapshots).set(task, acknowledged) };
  return { do: awaited.size === 0 ? "complete" : "wait", next };
}

export const isComplete = ({ awaited }: PendingCheckpoint): boolean => awaited.size === 0;

/**
 * The older ones that a complete checkpoint makes needless (Flink's subsumption): as each task acknowledges in order, what they
 * still wait for will not come.
 */
export const subsumedBy = (complete: PendingCheckpoint, pending: readonly PendingCheckpoint[]): readonly PendingCheckpoint[] =>
  pending.filter((older) => older.id < complete.id && !isComplete(older));

export const takenBy = ({ id, snapshots }: PendingCheckpoint): readonly TakenSnapshot[] =>
  [...snapshots].map(([task, { snapshot }]) => ({ checkpoint: id, task, snapshot }));

const noFigures: SnapshotFigures = {
  startDelay_ms: 0,
  alignment_ms: 0,
  sync_ms: 0,
  async_ms: 0,
  rows: 0,
  bytes: 0,
  processed_bytes: 0,
  persisted_bytes: 0,
  unaligned: false,
};

/** What a task contributes that finished while it was awaited. */
export const finishedSnapshot: TaskSnapshot = { finished: true, state: [], results: [], inFlight: [], progress: [], figures: noFigures };
