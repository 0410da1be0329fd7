import type { SubtaskInfo, TaskManagerInfo } from "../../../runtime/contract/control.ts";

/** Where a subtask runs: what Flink calls its endpoint, and the TaskManager. */
export interface Place {
  readonly endpoint: string;
  readonly taskManager: string;
}

const nowhere: Place = { endpoint: "(unassigned)", taskManager: "(unassigned)" };

/** A slot that is gone with its TaskManager is nowhere. */
export function placeOf({ slot }: SubtaskInfo, taskManagers: readonly TaskManagerInfo[]): Place {
  const found = taskManagers.find(({ slots }) => slots.some((candidate) => candidate.slot === slot));
  if (slot === null || found === undefined) return nowhere;
  return { endpoint: found.dataPort === 0 ? `slot ${slot}` : `${found.host}:${found.dataPort} slot ${slot}`, taskManager: found.id };
}

/** Subtasks by the TaskManager they run on, in the order of their numbers. */
export function byTaskManager(
  subtasks: readonly SubtaskInfo[],
  taskManagers: readonly TaskManagerInfo[],
): ReadonlyMap<string, readonly SubtaskInfo[]> {
  const groups = new Map<string, SubtaskInfo[]>();
  for (const subtask of subtasks) {
    const { taskManager } = placeOf(subtask, taskManagers);
    groups.set(taskManager, [...(groups.get(taskManager) ?? []), subtask]);
  }
  return groups;
}
