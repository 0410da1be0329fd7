/** What the coordinator looks at before it starts a checkpoint. Times are monotonic milliseconds. */
export interface TriggerFacts {
  readonly now_ms: number;
  /** Every task is RUNNING or FINISHED, and at least one is RUNNING (a task that ended waits, RUNNING, for its last checkpoint). */
  readonly allRunning: boolean;
  /** Checkpoints under way, their commits included. */
  readonly pending: number;
  readonly maxConcurrent: number;
  /** What is asked for most urgently; null: nothing. */
  readonly request: CheckpointRequest | null;
  /** Every task has processed all its input, and some wait for the checkpoint that lets them finish. */
  readonly allEnded: boolean;
  /** The last checkpoint of this attempt failed: not again before `due_ms`, not even the final one. */
  readonly lastFailed: boolean;
  readonly due_ms: number;
  /** End of the last checkpoint, plus the pause that must follow it. */
  readonly pauseEnds_ms: number;
}

export interface CheckpointRequest {
  readonly kind: "savepoint" | "manual";
  /** No rows in flight in it: always so for savepoints. */
  readonly aligned: boolean;
  /** Starts whatever is under way. */
  readonly forced: boolean;
}

/** The most urgent first (Flink's CheckpointRequestDecider). */
const urgency = { savepoint: 0, manual: 1 } as const satisfies Readonly<Record<CheckpointRequest["kind"], number>>;

/** Savepoints come before others, forced ones before those that are not, those that serve more before those that serve fewer; null of none. */
export function mostUrgent(requests: readonly CheckpointRequest[]): CheckpointRequest | null {
  const later = (a: CheckpointRequest, b: CheckpointRequest): number =>
    urgency[a.kind] - urgency[b.kind] || Number(b.forced) - Number(a.forced) || Number(b.aligned) - Number(a.aligned);
  return requests.toSorted(later)[0] ?? null;
}

export type CheckpointKind = "periodic" | "manual" | "savepoint" | "final";

export type TriggerDecision =
  | { readonly do: "trigger"; readonly kind: CheckpointKind; readonly aligned: boolean }
  | { readonly do: "sleep"; readonly until_ms: number }
  /** Until a task, a request or a checkpoint's end changes the facts. */
  | { readonly do: "wait" };

/** Flink's CheckpointRequestDecider: the pause holds back periodic checkpoints only, the bound on those under way all but forced ones. */
export function decideTrigger(facts: TriggerFacts): TriggerDecision {
  const { request, now_ms, allEnded } = facts;
  if (!facts.allRunning) return { do: "wait" };
  // The final checkpoint ends tasks: what is under way must end before.
  const mayStart = facts.pending === 0 || (!allEnded && (facts.pending < facts.maxConcurrent || request?.forced === true));
  if (!mayStart) return { do: "wait" };
  if (request !== null) return trigger(allEnded && request.kind === "manual" ? "final" : request.kind, request.aligned);
  if (allEnded) return facts.lastFailed && now_ms < facts.due_ms ? { do: "sleep", until_ms: facts.due_ms } : trigger("final", true);
  const start_ms = Math.max(facts.due_ms, facts.pauseEnds_ms);
  return now_ms >= start_ms ? trigger("periodic", false) : { do: "sleep", until_ms: start_ms };
}

const trigger = (kind: CheckpointKind, aligned: boolean): TriggerDecision => ({ do: "trigger", kind, aligned });

const firstDelay_ms = 200;

/**
 * From one trigger to the next: 200 ms, 400 ms, … up to the interval, so that a fresh job shows its first rows at once.
 * `taken` counts the attempt's checkpoints so far.
 */
export const triggerDelay_ms = (interval_ms: number, taken: number): number =>
  Math.min(interval_ms, firstDelay_ms * 2 ** Math.min(taken, 30));

/**
 * Who of a checkpoint's participants is told to start: the sources, and each ended task whose feeders have all ended, for no
 * barrier will reach it; where barriers may overtake rows, tasks that have yet to process the last rows of ended feeders, too.
 * The others get the barrier from upstream. `upstream` lists the feeders of every task by index.
 */
export function triggerTargets(
  participants: Iterable<number>,
  upstream: readonly (readonly number[])[],
  ended: ReadonlySet<number>,
  unaligned = false,
): readonly number[] {
  return [...participants].filter((task) => {
    const feeders = upstream[task] ?? [];
    return feeders.length === 0 || ((unaligned || ended.has(task)) && feeders.every((feeder) => ended.has(feeder)));
  });
}
