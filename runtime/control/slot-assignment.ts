import type { Topology } from "./topology.ts";

/**
 * Slot sharing (semantics.md section 9): a logical slot holds one subtask of each vertex of a sharing group, so a group needs
 * as many slots as its largest parallelism, and a job the sum over its groups.
 */
export function slotsNeeded(topology: Topology): number {
  return [...groupSizes(topology).values()].reduce((sum, size) => sum + size, 0);
}

/**
 * The thread of each subtask, by its index. Logical slots go round the threads; where there are more of them than threads,
 * a thread holds several (oversubscription: parallelism 4 runs on 2 threads, each with two subtasks of every vertex).
 * `threads` is in order of preference, and not empty.
 */
export function assignSlots(topology: Topology, threads: readonly number[]): readonly number[] {
  const offsets = new Map<string, number>();
  let next = 0;
  for (const [group, size] of groupSizes(topology)) {
    offsets.set(group, next);
    next += size;
  }
  return topology.vertices.map(({ vertex, subtask }) => {
    const logicalSlot = (offsets.get(vertex.slotSharingGroup) as number) + subtask;
    return threads[logicalSlot % threads.length] as number;
  });
}

function groupSizes(topology: Topology): ReadonlyMap<string, number> {
  const sizes = new Map<string, number>();
  for (const { vertex } of topology.jobVertices) {
    sizes.set(vertex.slotSharingGroup, Math.max(sizes.get(vertex.slotSharingGroup) ?? 0, vertex.parallelism));
  }
  return sizes;
}

/** Threads with the fewest tasks first, so that small jobs do not all sit on the first thread. */
export function byLoad(threads: readonly number[], tasksOn: ReadonlyMap<number, number>): readonly number[] {
  return [...threads].sort((a, b) => (tasksOn.get(a) ?? 0) - (tasksOn.get(b) ?? 0) || a - b);
}

export interface SlotFacts {
  readonly available: number;
  readonly size: number;
  readonly waited_ms: number;
  readonly patience_ms: number;
}

/** A thread that died is waited for, but not for ever: then the job makes do with those that live. */
export function decideDeployment(facts: SlotFacts): "deploy" | "wait" {
  if (facts.available === 0) return "wait";
  return facts.available >= facts.size || facts.waited_ms >= facts.patience_ms ? "deploy" : "wait";
}
