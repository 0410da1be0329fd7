import { connected } from "../contract/connected.ts";
import { messageOf, TaskFailure } from "../contract/errors.ts";
import { watermarkStateTable } from "../contract/operator.ts";
import type { Store, StoreConnection } from "../contract/store.ts";
import type { ContentHash } from "./content-hash.ts";
import { type DeltaRecord, readDeltas } from "./deltas.ts";
import type { JobLayout, StateLog } from "./layout.ts";
import { type LogReading, readLog, type StateReceiver } from "./read-state.ts";
import { type InFlightReading, nothingInFlight, readInFlight } from "./restore-in-flight.ts";
import { needsReshape, readStoredLogs, type StoredLog } from "./stored-layout.ts";
import { type BrokenDelta, brokenDeltas, decideRecovery, type TableEvidence } from "./verification.ts";

/** Which checkpoint a new attempt is to start from. Its state has not been read yet. */
export interface RestorePlan {
  /** null: a fresh start. */
  readonly checkpoint: number | null;
  /** Completed checkpoints, newest first, that did not verify and are to be taken back. */
  readonly skipped: readonly number[];
  /** Why they were skipped. */
  readonly skippedBecause: string | null;
  /** Retained checkpoints up to and including the restored one, oldest first. */
  readonly retained: readonly number[];
  readonly nextCheckpoint: number;
  readonly stored: readonly StoredLog[];
  readonly deltas: readonly DeltaRecord[];
  readonly inFlight: InFlightReading;
  /** What is known to be broken. */
  readonly broken: readonly BrokenDelta[];
}

/** What a new attempt has started from, once its state has been read and verified. */
export interface Restoration extends Pick<RestorePlan, "checkpoint" | "skipped" | "skippedBecause" | "retained"> {
  readonly existing: readonly StateLog[];
  readonly reshape: readonly StateLog[];
  /** Rows of each append-only result table as of the restored checkpoint; needed only where some were skipped. */
  readonly resultRows: ReadonlyMap<string, number>;
  readonly sizes: ReadonlyMap<string, LogSize>;
}

export interface LogSize {
  readonly logRows: number;
  readonly validRows: number;
}

/** How the reading of a checkpoint's state came out. */
export type StateReading =
  | { readonly kind: "whole"; readonly restoration: Restoration }
  /** Rows are not those that were written: what the tasks were given is to be thrown away. */
  | { readonly kind: "broken"; readonly broken: readonly BrokenDelta[] }
  /** The receiver wanted no more. */
  | { readonly kind: "abandoned" };

/**
 * The job's last completed checkpoint, or the newest older one that holds nothing of what is known to be broken (design D8b). Changes
 * nothing. Throws TaskFailure when no checkpoint is left, or when state and job do not fit together: neither will be better next time.
 */
export function planRestore(
  store: Store,
  layout: JobLayout,
  retained_max: number,
  broken: readonly BrokenDelta[] = [],
): Promise<RestorePlan> {
  return reading(store, layout.job, (connection) => planWith(connection, layout, retained_max, broken));
}

/** Reads the state of the planned checkpoint, verifies it and deals it to the tasks, which must not begin before this says that it is whole. */
export function readState(store: Store, layout: JobLayout, plan: RestorePlan, receiver: StateReceiver): Promise<StateReading> {
  return reading(store, layout.job, async (first) => {
    const { checkpoint, stored, deltas } = plan;
    const readings = checkpoint === null ? [] : await readLogs(store, first, layout, stored, checkpoint, receiver);
    if (readings === null) return { kind: "abandoned" };
    const broken = brokenDeltas(readings.map((reading) => evidenceOf(reading, deltas, checkpoint ?? 0)));
    if (broken.length > 0) return { kind: "broken", broken: [...plan.broken, ...broken] };
    requireSameWidth(layout, plan.inFlight, readings);
    return { kind: "whole", restoration: restorationOf(plan, readings) };
  });
}

const reading = <T>(store: Store, job: string, work: (connection: StoreConnection) => Promise<T>): Promise<T> =>
  connected(store, work).catch((error: unknown) => {
    throw finalFailure(job, error);
  });

/** An instance that a full disk has invalidated is the exception: its state is whole, and readable after the server's restart. */
function finalFailure(job: string, error: unknown): Error {
  const message = messageOf(error);
  if (error instanceof TaskFailure || /has been invalidated/.test(message)) return error as Error;
  return new TaskFailure("external", "fail", `cannot read the checkpointed state of job "${job}": ${message}`, { cause: error });
}

async function planWith(
  connection: StoreConnection,
  layout: JobLayout,
  retained_max: number,
  known: readonly BrokenDelta[],
): Promise<RestorePlan> {
  const stored = await readStoredLogs(connection, layout);
  const deltas = await readDeltas(connection, layout.job);
  const { completed, highest } = await readIds(connection, layout.job);
  const oldestBase = Math.max(0, ...deltas.flatMap((d) => (d.kind === "base" ? [d.checkpoint] : [])));
  const retained = completed.slice(0, retained_max).filter((id) => id >= oldestBase);
  const broken = [...known].sort((a, b) => a.checkpoint - b.checkpoint);
  for (;;) {
    const decision = decideRecovery(retained, broken);
    if (decision.do === "refuse") throw corrupt(layout.job, decision.reason);
    const checkpoint = decision.do === "restore" ? decision.checkpoint : null;
    const inFlight = checkpoint === null ? nothingInFlight : await readInFlight(connection, layout, checkpoint, deltas);
    if (inFlight.broken.length > 0) {
      broken.unshift(...inFlight.broken);
      continue;
    }
    return {
      checkpoint,
      skipped: decision.do === "restore" ? decision.skipped : [],
      skippedBecause: broken[0]?.message ?? null,
      retained: checkpoint === null ? [] : retained.filter((id) => id <= checkpoint).reverse(),
      nextCheckpoint: highest + 1,
      stored,
      deltas,
      inFlight,
      broken,
    };
  }
}

async function readIds(connection: StoreConnection, job: string): Promise<{ completed: readonly number[]; highest: number }> {
  const rows = await (await connection.query("SELECT id, status FROM millrace.checkpoints WHERE job = ? ORDER BY id DESC", [job])).rows();
  return {
    completed: rows.flatMap(([id, status]) => (status === "COMPLETED" ? [Number(id)] : [])),
    highest: Number(rows[0]?.[0] ?? 0),
  };
}

/** Operators whose tables are read at one time, each on a connection of its own. */
const reading_max = 3;

/** All logs, those of one operator one after the other; null when the receiver wanted no more. */
async function readLogs(
  store: Store,
  first: StoreConnection,
  layout: JobLayout,
  stored: readonly StoredLog[],
  checkpoint: number,
  receiver: StateReceiver,
): Promise<readonly LogReading[] | null> {
  const uids = [...new Set(stored.map(({ log }) => log.uid))];
  const operators = uids.map((uid) => stored.filter(({ log }) => log.uid === uid));
  const readings = new Map<StoredLog, LogReading>();
  let wanted = true;
  const readOne = async (connection: StoreConnection, logs: readonly StoredLog[]): Promise<void> => {
    for (const log of logs) {
      const reading = wanted ? await readLog(connection, log, checkpoint, layout.maxParallelism, receiver) : null;
      if (reading === null) wanted = false;
      else readings.set(log, reading);
    }
  };
  const readOn = async (connection: StoreConnection): Promise<void> => {
    try {
      for (let logs = operators.shift(); logs !== undefined; logs = operators.shift()) await readOne(connection, logs);
    } catch (error) {
      wanted = false;
      throw error;
    }
  };
  const others = Array.from({ length: Math.max(0, Math.min(reading_max, operators.length) - 1) }, () => reading(store, layout.job, readOn));
  // All are waited for, whatever one of them meets: nothing of a reading that has failed may come to a task later.
  const ends = await Promise.allSettled([readOn(first), ...others]);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return wanted ? stored.map((log) => readings.get(log) as LogReading) : null;
}

function evidenceOf(reading: LogReading, deltas: readonly DeltaRecord[], checkpoint: number): TableEvidence {
  const recorded = new Map<number, ContentHash>();
  for (const delta of deltas) {
    if (delta.kind !== "result" && delta.table === reading.log.table && delta.checkpoint <= checkpoint)
      recorded.set(delta.checkpoint, delta.content);
  }
  return { table: reading.log.table, recorded, read: reading.read };
}

function restorationOf(
  { checkpoint, skipped, skippedBecause, retained, stored, deltas }: RestorePlan,
  readings: readonly LogReading[],
): Restoration {
  return {
    checkpoint,
    skipped,
    skippedBecause,
    retained,
    existing: stored.map(({ log }) => log),
    reshape: stored.filter(needsReshape).map(({ log }) => log),
    resultRows: new Map(
      deltas.flatMap((d) => (d.kind === "result" && d.checkpoint === checkpoint ? [[d.table, d.totalRows] as const] : [])),
    ),
    sizes: new Map(readings.map(({ log, logRows, validRows }) => [log.table, { logRows, validRows }])),
  };
}

/** At an unaligned barrier subtasks differ in how far event time has gone: what of it a new subtask would go on from is not defined. */
function requireSameWidth({ job }: JobLayout, inFlight: InFlightReading, readings: readonly LogReading[]): void {
  if (!inFlight.rescaled || !readings.some(({ log, validRows }) => log.spec.name === watermarkStateTable && validRows > 0)) return;
  throw new TaskFailure(
    "user",
    "fail",
    `cannot restore job "${job}", which goes by event time, at another parallelism from an unaligned checkpoint. ` +
      "Let it run at its old parallelism first, then change it: that takes an aligned checkpoint",
    { sqlState: "55000" },
  );
}

const corrupt = (job: string, reason: string): TaskFailure =>
  new TaskFailure(
    "external",
    "fail",
    `no retained checkpoint of job "${job}" can be trusted, as its rows are not those that were written: ${reason}. ` +
      "Drop the job and create it again to compute its result from the start of its input",
  );
