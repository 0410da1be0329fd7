import type { FilePlaces } from "../contract/file-places.ts";
import { AttemptStorage } from "../checkpoint/attempt-storage.ts";
import { claimAttempt } from "../checkpoint/begin-attempt.ts";
import type { JobRecord } from "../checkpoint/job-records.ts";
import type { JobLayout } from "../checkpoint/layout.ts";
import { planRestore, readState, type RestorePlan } from "../checkpoint/restore.ts";
import type { BrokenDelta } from "../checkpoint/verification.ts";
import type { JobSubmission } from "../contract/control.ts";
import { messageOf, SqlError, TaskFailure } from "../contract/errors.ts";
import type { TaskFault } from "../contract/rpc.ts";
import type { Store } from "../contract/store.ts";
import type { World } from "../contract/world.ts";
import { type Attempt, type AttemptOutcome, internalFault } from "./attempt.ts";
import type { TableLogs } from "../tables/change-logs.ts";
import type { Log } from "./log.ts";
import type { ResourceManager } from "./resource-manager.ts";
import type { Topology } from "./topology.ts";

/** What all jobs of an engine share. */
export interface JobServices {
  readonly world: World;
  readonly store: Store;
  readonly tables: TableLogs;
  readonly resources: ResourceManager;
  readonly scratchDirectory: string;
  readonly places: FilePlaces;
  readonly log: Log;
}

/** A submission with what was derived from it. */
export interface JobPlan {
  readonly submission: JobSubmission;
  readonly topology: Topology;
  readonly layout: JobLayout;
  /** It makes do with as many slots as this would need. */
  readonly runsOnSlotsOf?: Topology;
}

/** Of each vertex: plans of one query that say the same here have the same subtasks. */
export const parallelisms = ({ topology }: JobPlan): string =>
  topology.jobVertices.map(({ vertex }) => `${vertex.name}=${vertex.parallelism}`).join();

/** What an attempt stands on: its record, the checkpoint that it restores, and a slot for each subtask. */
export interface Footing {
  readonly record: JobRecord;
  readonly restores: RestorePlan;
  readonly slots: readonly number[];
}

/** Bumps the attempt in the store, so that no earlier one can write there from now on. Returns the new record. */
export async function claimNext({ world, store }: JobServices, last: JobRecord): Promise<JobRecord> {
  const started_ms = last.started_ms ?? world.clock.now_ms();
  const record: JobRecord = { ...last, state: "RUNNING", attempt: last.attempt + 1, started_ms };
  await claimAttempt(store, record);
  return record;
}

/** Waits for slots and chooses the checkpoint to restore, in this order; null if the signal came first. */
export async function prepareAttempt(
  { store, resources }: JobServices,
  { submission, topology, layout }: JobPlan,
  claimed: JobRecord,
  unrecordedIds: number,
  broken: readonly BrokenDelta[],
  signal: AbortSignal,
  onWait: () => void,
): Promise<Footing | null> {
  const slots = await resources.acquire(claimed, topology, signal, onWait);
  if (slots === null) return null;
  try {
    const restores = await planRestore(store, layout, submission.checkpoints.retained, broken);
    const nextCheckpoint = Math.max(claimed.nextCheckpoint, restores.nextCheckpoint) + unrecordedIds;
    return { record: { ...claimed, nextCheckpoint }, restores, slots };
  } catch (error) {
    resources.release(claimed, slots);
    throw error;
  }
}

/**
 * Reads the state into the tasks that wait for it, verifies it, prepares the store for the attempt and lets the tasks begin, in this
 * order. `ended`: the attempt had ended before.
 */
export async function beginTasks(
  { world, store, tables }: JobServices,
  { submission, layout }: JobPlan,
  { record, restores }: Footing,
  attempt: Attempt,
): Promise<"begun" | "ended" | Extract<AttemptOutcome, { kind: "distrusted" }>> {
  const reading = await readState(store, layout, restores, attempt.feed);
  if (reading.kind === "abandoned" || !(await attempt.feed.ready())) return "ended";
  if (reading.kind === "broken") return { kind: "distrusted", broken: reading.broken };
  const retained_max = submission.checkpoints.retained;
  const now_ms = (): number => world.clock.now_ms();
  attempt.begin(await AttemptStorage.begin({ store, tables, layout, record, retained_max, now_ms }, reading.restoration));
  return "begun";
}

/** A store that cannot be written to now may be later. */
export function launchFault(error: unknown): TaskFault {
  if (error instanceof TaskFailure)
    return { message: error.message, domain: error.domain, retry: error.retry, sqlState: error.sqlState, stack: null };
  return { ...internalFault(messageOf(error)), domain: "external", sqlState: error instanceof SqlError ? error.sqlState : "XX000" };
}
