import type { CheckpointInfo, CheckpointType, SubtaskCheckpoint } from "../contract/checkpoints.ts";
import type { Committed } from "./commit.ts";
import type { PendingCheckpoint } from "./pending-checkpoint.ts";

export type PlaceOf = (task: number) => Pick<SubtaskCheckpoint, "vertexId" | "subtask">;

/** How a checkpoint ended, or that it has not. */
export type CheckpointEnd =
  | { readonly status: "IN_PROGRESS" }
  | { readonly status: "COMPLETED"; readonly committed: Committed }
  | { readonly status: "FAILED"; readonly failed_ms: number; readonly why: string };

/** A checkpoint as the doors show it. */
export function checkpointInfo(pending: PendingCheckpoint, end: CheckpointEnd, placeOf: PlaceOf): CheckpointInfo {
  const committed = end.status === "COMPLETED" ? end.committed : null;
  return {
    id: pending.id,
    type: typeOf(pending),
    status: end.status,
    triggered_ms: pending.mode.triggered_ms,
    completed_ms: committed?.completed_ms ?? null,
    failed_ms: end.status === "FAILED" ? end.failed_ms : null,
    stateRows: committed?.stateRows ?? 0,
    resultRows: committed?.resultRows ?? 0,
    bytes: committed?.bytes ?? 0,
    failure: end.status === "FAILED" ? end.why : null,
    subtasks: pending.participants.map((task) => {
      const acknowledged = pending.snapshots.get(task);
      return { ...placeOf(task), acknowledged_ms: acknowledged?.at_ms ?? null, figures: acknowledged?.snapshot.figures ?? null };
    }),
  };
}

/** Unaligned is what a barrier overtook rows for, not what it might have. */
export function typeOf({ kind, snapshots }: PendingCheckpoint): CheckpointType {
  if (kind === "savepoint") return "SAVEPOINT";
  return [...snapshots.values()].some(({ snapshot }) => snapshot.figures.unaligned) ? "UNALIGNED_CHECKPOINT" : "CHECKPOINT";
}
