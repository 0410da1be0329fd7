import type { CheckpointPhase } from "../contract/checkpoints.ts";
import type { PendingCheckpoint } from "./pending-checkpoint.ts";

/** A task that a checkpoint waits for, and what it is at. `reached`: the task's feeders have all sent the barrier, or it has none. */
export interface SlowTask {
  readonly task: number;
  readonly phase: CheckpointPhase;
  readonly reached: boolean;
}

/** Who holds the others up comes first: a task that is at it, then one that the barrier has reached, for it waits there behind rows. */
const order = { sync: 0, async: 1, aligning: 2, waiting: 3 } as const satisfies Readonly<Record<CheckpointPhase, number>>;

/** The tasks that a checkpoint waits for, the one to blame first. `upstream` lists the feeders of every task. */
export function slowTasks(
  { awaited, phases }: Pick<PendingCheckpoint, "awaited" | "phases">,
  upstream: readonly (readonly number[])[],
): readonly SlowTask[] {
  return [...awaited]
    .map((task) => {
      const reached = (upstream[task] ?? []).every((feeder) => !awaited.has(feeder));
      return { task, phase: phases.get(task) ?? "waiting", reached };
    })
    .sort((a, b) => order[a.phase] - order[b.phase] || Number(b.reached) - Number(a.reached) || a.task - b.task);
}

const doing = {
  sync: "is making its snapshot",
  async: "has made its snapshot and gathers rows in flight",
  aligning: "has the barrier of some inputs and waits for the others'",
} as const satisfies Readonly<Record<Exclude<CheckpointPhase, "waiting">, string>>;

/** `Sink (1/2) is making its snapshot`. */
function describe({ task, phase, reached }: SlowTask, hasFeeders: boolean, nameOf: (task: number) => string): string {
  if (phase !== "waiting") return `${nameOf(task)} ${doing[phase]}`;
  if (!hasFeeders) return `${nameOf(task)} has not begun it`;
  return `${nameOf(task)} ${reached ? "has rows to process in front of the barrier" : "waits for the barrier"}`;
}

const named_max = 3;

/** For the error of a checkpoint that expired: the slowest tasks and their phases. */
export function slowTasksText(
  pending: Pick<PendingCheckpoint, "awaited" | "phases">,
  upstream: readonly (readonly number[])[],
  nameOf: (task: number) => string,
): string {
  const slow = slowTasks(pending, upstream);
  const named = slow.slice(0, named_max).map((task) => describe(task, (upstream[task.task] ?? []).length > 0, nameOf));
  const others = slow.length - named.length;
  return named.join("; ") + (others > 0 ? `; ${others} more are awaited` : "");
}
