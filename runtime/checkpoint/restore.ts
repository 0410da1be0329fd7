import { messageOf, TaskFailure } from "../contract/errors.ts";
import { watermarkStateTable } from "../contract/operator.ts";
import type { RestoredTable } from "../contract/rpc.ts";
import type { Store, StoreConnection } from "../contract/store.ts";
import type { ContentHash } from "./content-hash.ts";
import { type DeltaRecord, readDeltas } from "./deltas.ts";
import type { JobLayout, StateLog } from "./layout.ts";
import { type LogReading, readLog } from "./read-state.ts";
import { type InFlightReading, nothingInFlight, readInFlight } from "./restore-in-flight.ts";
import { needsReshape, readStoredLogs, type StoredLog } from "./stored-layout.ts";
import { brokenDeltas, decideRecovery, type RecoveryDecision, type TableEvidence } from "./verification.ts";

/** What a new attempt of a job starts from. */
export interface Restoration {
  /** null: a fresh start. */
  readonly checkpoint: number | null;
  /** Completed checkpoints, newest first, that did not verify and are to be taken back. */
  readonly skipped: readonly number[];
  /** Why they were skipped. */
  readonly skippedBecause: string | null;
  /** Retained checkpoints up to and including the restored one, oldest first. */
  readonly retained: readonly number[];
  readonly nextCheckpoint: number;
  readonly existing: readonly StateLog[];
  readonly reshape: readonly StateLog[];
  /** Rows of each append-only result table as of the restored checkpoint; needed only where some were skipped. */
  readonly resultRows: ReadonlyMap<string, number>;
  readonly sizes: ReadonlyMap<string, LogSize>;
  /** The state of one subtask, its frames free to be transferred. Once per subtask. */
  tablesOf(vertex: string, subtask: number): readonly RestoredTable[];
  readonly inFlight: InFlightReading;
}

export interface LogSize {
  readonly logRows: number;
  readonly validRows: number;
}

/**
 * Reads and verifies the job's last completed checkpoint; if its rows are not those that were written, the newest older one
 * whose rows are (design D8b). Changes nothing. Throws TaskFailure when the state cannot be read or does not fit the job:
 * neither will be better next time.
 */
export async function restoreJob(store: Store, layout: JobLayout, retained_max: number): Promise<Restoration> {
  const connection = await store.connect();
  try {
    return await restoreWith(connection, layout, retained_max);
  } catch (error) {
    throw finalFailure(layout.job, error);
  } finally {
    connection.close();
  }
}

/** An instance that a full disk has invalidated is the exception: its state is whole, and readable after the server's restart. */
function finalFailure(job: string, error: unknown): Error {
  const message = messageOf(error);
  if (error instanceof TaskFailure || /has been invalidated/.test(message)) return error as Error;
  return new TaskFailure("external", "fail", `cannot read the checkpointed state of job "${job}": ${message}`, { cause: error });
}

async function restoreWith(connection: StoreConnection, layout: JobLayout, retained_max: number): Promise<Restoration> {
  const stored = await readStoredLogs(connection, layout);
  const deltas = await readDeltas(connection, layout.job);
  const { completed, highest } = await readIds(connection, layout.job);
  const oldestBase = Math.max(0, ...deltas.flatMap((d) => (d.kind === "base" ? [d.checkpoint] : [])));
  const retained = completed.slice(0, retained_max).filter((id) => id >= oldestBase);
  const newest = retained[0];
  const first = newest === undefined ? [] : await readAll(connection, layout, stored, newest);
  const inFlight = newest === undefined ? nothingInFlight : await readInFlight(connection, layout, newest, deltas);
  const broken = [...brokenDeltas(first.map((reading) => evidenceOf(reading, deltas, newest ?? 0))), ...inFlight.broken];
  const decision = decideRecovery(retained, broken);
  if (decision.do === "refuse") throw corrupt(layout.job, decision.reason);
  const skips = decision.do === "restore" && decision.skipped.length > 0;
  const readings = skips ? await readAll(connection, layout, stored, decision.checkpoint) : first;
  const older = skips ? await readInFlight(connection, layout, decision.checkpoint, deltas) : inFlight;
  if (older.broken[0] !== undefined && skips) throw corrupt(layout.job, older.broken[0].message);
  requireSameWidth(layout, older, readings);
  return restorationOf({
    stored,
    deltas,
    retained,
    decision,
    readings,
    inFlight: older,
    highest,
    skippedBecause: skips ? (broken[0]?.message ?? null) : null,
  });
}

async function readIds(connection: StoreConnection, job: string): Promise<{ completed: readonly number[]; highest: number }> {
  const rows = await (await connection.query("SELECT id, status FROM millrace.checkpoints WHERE job = ? ORDER BY id DESC", [job])).rows();
  return {
    completed: rows.flatMap(([id, status]) => (status === "COMPLETED" ? [Number(id)] : [])),
    highest: Number(rows[0]?.[0] ?? 0),
  };
}

async function readAll(
  connection: StoreConnection,
  layout: JobLayout,
  stored: readonly StoredLog[],
  checkpoint: number,
): Promise<readonly LogReading[]> {
  const readings: LogReading[] = [];
  for (const { log, stored: schema } of stored) {
    const target = { subtasks: log.parallelism, maxParallelism: layout.maxParallelism };
    readings.push(await readLog(connection, log, schema, checkpoint, target));
  }
  return readings;
}

function evidenceOf(reading: LogReading, deltas: readonly DeltaRecord[], checkpoint: number): TableEvidence {
  const recorded = new Map<number, ContentHash>();
  for (const delta of deltas) {
    if (delta.kind !== "result" && delta.table === reading.log.table && delta.checkpoint <= checkpoint)
      recorded.set(delta.checkpoint, delta.content);
  }
  return { table: reading.log.table, recorded, read: reading.read };
}

interface Findings {
  readonly stored: readonly StoredLog[];
  readonly deltas: readonly DeltaRecord[];
  readonly retained: readonly number[];
  readonly decision: Exclude<RecoveryDecision, { readonly do: "refuse" }>;
  readonly readings: readonly LogReading[];
  readonly inFlight: InFlightReading;
  readonly highest: number;
  readonly skippedBecause: string | null;
}

function restorationOf({ stored, deltas, retained, decision, readings, inFlight, highest, skippedBecause }: Findings): Restoration {
  const checkpoint = decision.do === "restore" ? decision.checkpoint : null;
  return {
    checkpoint,
    skipped: decision.do === "restore" ? decision.skipped : [],
    skippedBecause,
    retained: checkpoint === null ? [] : retained.filter((id) => id <= checkpoint).reverse(),
    nextCheckpoint: highest + 1,
    existing: stored.map(({ log }) => log),
    reshape: stored.filter(needsReshape).map(({ log }) => log),
    resultRows: new Map(
      deltas.flatMap((d) => (d.kind === "result" && d.checkpoint === checkpoint ? [[d.table, d.totalRows] as const] : [])),
    ),
    sizes: new Map(readings.map(({ log, logRows, validRows }) => [log.table, { logRows, validRows }])),
    inFlight,
    tablesOf: (vertex, subtask) =>
      readings.flatMap(({ log, frames }) => {
        const own = log.vertex === vertex ? (frames[subtask] ?? []) : [];
        return own.length === 0 ? [] : [{ uid: log.uid, table: log.spec.name, frames: own }];
      }),
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
