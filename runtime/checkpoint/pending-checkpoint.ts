import type { TaskSnapshot } from "../contract/rpc.ts";
import type { CheckpointKind } from "./trigger-decision.ts";

/** A checkpoint that waits for its tasks. Tasks are indices of the topology. */
export interface PendingCheckpoint {
  readonly id: number;
  readonly kind: CheckpointKind;
  /** Wall clock, for the record. */
  readonly triggered_ms: number;
  readonly taskCount: number;
  readonly snapshots: ReadonlyMap<number, TaskSnapshot>;
}

export const startCheckpoint = (id: number, kind: CheckpointKind, triggered_ms: number, taskCount: number): PendingCheckpoint => ({
  id,
  kind,
  triggered_ms,
  taskCount,
  snapshots: new Map(),
});

export type AcknowledgeStep =
  | { readonly do: "ignore" }
  | { readonly do: "wait"; readonly next: PendingCheckpoint }
  | { readonly do: "commit"; readonly next: PendingCheckpoint };

/** A late or repeated acknowledgement changes nothing: the checkpoint it speaks of is over, or has heard it. */
export function acknowledge(pending: PendingCheckpoint | null, id: number, task: number, snapshot: TaskSnapshot): AcknowledgeStep {
  if (pending === null || pending.id !== id || pending.snapshots.has(task)) return { do: "ignore" };
  const next = { ...pending, snapshots: new Map(pending.snapshots).set(task, snapshot) };
  return { do: next.snapshots.size === next.taskCount ? "commit" : "wait", next };
}

export const missingTasks = (pending: PendingCheckpoint): readonly number[] =>
  Array.from({ length: pending.taskCount }, (_, task) => task).filter((task) => !pending.snapshots.has(task));
