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

export type AcknowledgeStep =
  | { readonly do: "ignore" }
  | { readonly do: "wait"; readonly next: PendingCheckpoint }
  | { readonly do: "commit"; readonly next: PendingCheckpoint };

/** A late or repeated acknowledgement changes nothing: the checkpoint it speaks of is over, or has heard it. */
export function acknowledge(pending: PendingCheckpoint | null, id: number, task: number, snapshot: TaskSnapshot): AcknowledgeStep {
  if (pending === null || pending.id !== id || !pending.awaited.has(task)) return { do: "ignore" };
  const awaited = new Set(pending.awaited);
  awaited.delete(task);
  const next = { ...pending, awaited, snapshots: new Map(pending.snapshots).set(task, snapshot) };
  return { do: awaited.size === 0 ? "commit" : "wait", next };
}

/** What a task contributes that finished while it was awaited. */
export const finishedSnapshot: TaskSnapshot = { finished: true, state: [], results: [], alignment_ms: 0, sync_ms: 0 };
