import type { TaskSnapshot } from "../contract/rpc.ts";
import type { CheckpointKind } from "./trigger-decision.ts";

/** A checkpoint that waits for its tasks. Tasks are indices of the topology. */
export interface PendingCheckpoint {
  readonly id: number;
  readonly kind: CheckpointKind;
  /** Wall clock, for the record. */
  readonly triggered_ms: number;
  readonly awaited: ReadonlySet<number>;
  readonly snapshots: ReadonlyMap<number, TaskSnapshot>;
}

/** `participants` are the tasks that have not finished: what finished ones had is in earlier checkpoints. */
export const startCheckpoint = (
  id: number,
  kind: CheckpointKind,
  triggered_ms: number,
  participants: Iterable<number>,
): PendingCheckpoint => ({
  id,
  kind,
  triggered_ms,
  awaited: new Set(participants),
  snapshots: new Map(),
});

/** What a task handed over for one checkpoint. */
export interface TakenSnapshot {
  readonly checkpoint: number;
  readonly snapshot: TaskSnapshot;
}

export type AcknowledgeStep =
  | { readonly do: "ignore" }
  | { readonly do: "carry" }
  | { readonly do: "wait"; readonly next: PendingCheckpoint }
  | { readonly do: "commit"; readonly next: PendingCheckpoint };

/**
 * A snapshot of a checkpoint that has failed meanwhile is carried over to the next one: it holds the changes since the
 * snapshot before it, and the task will not send them again. A repeated acknowledgement changes nothing.
 */
export function acknowledge(pending: PendingCheckpoint | null, id: number, task: number, snapshot: TaskSnapshot): AcknowledgeStep {
  if (pending === null || id < pending.id) return { do: "carry" };
  if (pending.id !== id || !pending.awaited.has(task)) return { do: "ignore" };
  const awaited = new Set(pending.awaited);
  awaited.delete(task);
  const next = { ...pending, awaited, snapshots: new Map(pending.snapshots).set(task, snapshot) };
  return { do: awaited.size === 0 ? "commit" : "wait", next };
}

/** What a task contributes that finished while it was awaited. */
export const finishedSnapshot: TaskSnapshot = { finished: true, state: [], results: [], alignment_ms: 0, sync_ms: 0 };
