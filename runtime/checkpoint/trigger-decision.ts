/** What the coordinator looks at before it starts a checkpoint. Times are monotonic milliseconds. */
export interface TriggerFacts {
  readonly now_ms: number;
  /** Every task is RUNNING or FINISHED, and at least one is RUNNING (a task that ended waits, RUNNING, for its last checkpoint). */
  readonly allRunning: boolean;
  /** A checkpoint is under way, its commit included: one at a time. */
  readonly pending: boolean;
  readonly manualWaiting: boolean;
  /** Every task has processed all its input, and some wait for the checkpoint that lets them finish. */
  readonly allEnded: boolean;
  /** The last checkpoint of this attempt failed: not again before `due_ms`, not even the final one. */
  readonly lastFailed: boolean;
  readonly due_ms: number;
  /** End of the last checkpoint, plus the pause that must follow it. */
  readonly pauseEnds_ms: number;
}

export type CheckpointKind = "periodic" | "manual" | "final";

export type TriggerDecision =
  | { readonly do: "trigger"; readonly kind: CheckpointKind }
  | { readonly do: "sleep"; readonly until_ms: number }
  /** Until a task, a request or a checkpoint's end changes the facts. */
  | { readonly do: "wait" };

/** Flink's CheckpointRequestDecider for one concurrent checkpoint: the pause holds back periodic checkpoints only. */
export function decideTrigger(facts: TriggerFacts): TriggerDecision {
  if (!facts.allRunning || facts.pending) return { do: "wait" };
  if (facts.manualWaiting) return { do: "trigger", kind: facts.allEnded ? "final" : "manual" };
  if (facts.allEnded) {
    return facts.lastFailed && facts.now_ms < facts.due_ms ? { do: "sleep", until_ms: facts.due_ms } : { do: "trigger", kind: "final" };
  }
  const start_ms = Math.max(facts.due_ms, facts.pauseEnds_ms);
  return facts.now_ms >= start_ms ? { do: "trigger", kind: "periodic" } : { do: "sleep", until_ms: start_ms };
}

const firstDelay_ms = 200;

/**
 * From one trigger to the next: 200 ms, 400 ms, … up to the interval, so that a fresh job shows its first rows at once.
 * `taken` counts the attempt's checkpoints so far.
 */
export const triggerDelay_ms = (interval_ms: number, taken: number): number =>
  Math.min(interval_ms, firstDelay_ms * 2 ** Math.min(taken, 30));

/**
 * Who of a checkpoint's participants is told to start: the sources, and each ended task whose feeders have all ended, for no
 * barrier will reach it. The others get the barrier from upstream. `upstream` lists the feeders of every task by index.
 */
export function triggerTargets(
  participants: Iterable<number>,
  upstream: readonly (readonly number[])[],
  ended: ReadonlySet<number>,
): readonly number[] {
  return [...participants].filter((task) => isTriggeredDirectly(upstream[task] ?? [], ended.has(task), ended));
}

export const isTriggeredDirectly = (feeders: readonly number[], taskEnded: boolean, ended: ReadonlySet<number>): boolean =>
  feeders.length === 0 || (taskEnded && feeders.every((feeder) => ended.has(feeder)));
