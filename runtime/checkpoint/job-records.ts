import type { CheckpointInfo, CheckpointType, SnapshotFigures } from "../contract/checkpoints.ts";
import type { JobFault, JobState } from "../contract/control.ts";
import { connected } from "../contract/connected.ts";
import { type FaultDomain, SqlError, type SqlState } from "../contract/errors.ts";
import type { Store, StoreTransaction } from "../contract/store.ts";
import type { Value } from "../contract/value.ts";

/** What millrace.job_runs knows of a job. Times are milliseconds since 1970. */
export interface JobRecord {
  readonly job: string;
  readonly id: string;
  readonly state: JobState;
  readonly attempt: number;
  readonly maxParallelism: number;
  /** The first checkpoint id that this attempt might use. */
  readonly nextCheckpoint: number;
  readonly restarts: number;
  readonly created_ms: number;
  readonly started_ms: number | null;
  readonly ended_ms: number | null;
  readonly fault: JobFault | null;
}

/** Who writes for a job: an attempt of the job with this id, which has this name. */
export type JobClaim = Pick<JobRecord, "job" | "id" | "attempt">;

const time = "make_timestamptz(?::BIGINT)";
const micros = (ms: number | null): bigint | null => (ms === null ? null : BigInt(Math.round(ms * 1_000)));
const millis = (value: Value | undefined): number | null =>
  value === null || value === undefined ? null : Number(value as bigint) / 1_000;

const recordColumns = `id, state, attempt, max_parallelism, next_checkpoint, restarts, epoch_us(created), epoch_us(started), epoch_us(ended),
  fault, fault_domain, fault_sql_state, fault_task, epoch_us(fault_time)`;

export async function readJobRecord(store: Store, job: string): Promise<JobRecord | null> {
  const rows = await readRows(store, `SELECT ${recordColumns} FROM millrace.job_runs WHERE job = ?`, [job]);
  const row = rows[0];
  if (row === undefined) return null;
  return {
    job,
    id: row[0] as string,
    state: row[1] as JobState,
    attempt: Number(row[2]),
    maxParallelism: Number(row[3]),
    nextCheckpoint: Number(row[4]),
    restarts: Number(row[5]),
    created_ms: millis(row[6]) ?? 0,
    started_ms: millis(row[7]),
    ended_ms: millis(row[8]),
    fault: faultOf(row),
  };
}

function faultOf(row: readonly Value[]): JobFault | null {
  if (row[9] === null) return null;
  return {
    message: row[9] as string,
    domain: row[10] as FaultDomain,
    sqlState: row[11] as SqlState,
    task: row[12] as string | null,
    at_ms: millis(row[13]) ?? 0,
  };
}

/** Replaces the job's row. */
export async function writeJobRecord(transaction: StoreTransaction, record: JobRecord): Promise<void> {
  const { fault } = record;
  await transaction.run("DELETE FROM millrace.job_runs WHERE job = ?", [record.job]);
  await transaction.run(`INSERT INTO millrace.job_runs VALUES (?, ?, ?, ?, ?, ?, ?, ${time}, ${time}, ${time}, ?, ?, ?, ?, ${time})`, [
    record.job,
    record.id,
    record.state,
    record.attempt,
    record.maxParallelism,
    record.nextCheckpoint,
    record.restarts,
    micros(record.created_ms),
    micros(record.started_ms),
    micros(record.ended_ms),
    fault?.message ?? null,
    fault?.domain ?? null,
    fault?.sqlState ?? null,
    fault?.task ?? null,
    micros(fault?.at_ms ?? null),
  ]);
}

/**
 * Fencing: only the job's present attempt may write (notes/reliability.md, commit rule 4). Attempt 0 is that of a job which
 * has not run and may not have a row yet.
 */
export async function assertAttempt(transaction: StoreTransaction, { job, id, attempt }: JobClaim): Promise<void> {
  const [row] = await (await transaction.query("SELECT id, attempt FROM millrace.job_runs WHERE job = ?", [job])).rows();
  const current = row === undefined ? null : { id: row[0] as string, attempt: Number(row[1]) };
  if (current === null ? attempt === 0 : current.id === id && current.attempt === attempt) return;
  const why =
    current === null ? "the job is gone" : current.id === id ? `attempt ${current.attempt} has taken over` : "another job has its name now";
  throw new SqlError({ sqlState: "55000", message: `attempt ${attempt} of job "${job}" may not write: ${why}` });
}

/** A checkpoint for its record, with what it cost the tasks that acknowledged it. */
export type CheckpointRecord = Omit<CheckpointInfo, "subtasks"> & { readonly subtasks: readonly SnapshotFigures[] };

export async function writeCheckpoint(transaction: StoreTransaction, job: string, attempt: number, info: CheckpointRecord): Promise<void> {
  const duration_ms = info.completed_ms === null ? null : Math.round(info.completed_ms - info.triggered_ms);
  const longest = (of: (figures: SnapshotFigures) => number): number => Math.max(0, ...info.subtasks.map(of));
  await transaction.run(`INSERT INTO millrace.checkpoints VALUES (?, ?, ?, ?, ${time}, ${time}, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, [
    job,
    info.id,
    attempt,
    info.status,
    micros(info.triggered_ms),
    micros(info.completed_ms),
    duration_ms,
    info.stateRows,
    info.resultRows,
    info.bytes,
    info.failure,
    info.type,
    longest((f) => f.startDelay_ms),
    longest((f) => f.alignment_ms),
    longest((f) => f.sync_ms),
    info.subtasks.reduce((sum, f) => sum + f.persisted_bytes, 0),
  ]);
}

/** The job's checkpoints, oldest first. */
export async function readCheckpoints(store: Store, job: string): Promise<CheckpointInfo[]> {
  const rows = await readRows(
    store,
    `SELECT id, status, epoch_us(triggered), epoch_us(completed), state_rows, result_rows, bytes, failure, type
     FROM millrace.checkpoints WHERE job = ? ORDER BY id`,
    [job],
  );
  return rows.map((row) => ({
    id: Number(row[0]),
    status: row[1] as CheckpointInfo["status"],
    triggered_ms: millis(row[2]) ?? 0,
    completed_ms: millis(row[3]),
    stateRows: Number(row[4]),
    resultRows: Number(row[5]),
    bytes: Number(row[6]),
    failed_ms: null,
    failure: row[7] as string | null,
    type: (row[8] as CheckpointType | null) ?? "CHECKPOINT",
    subtasks: [],
  }));
}

/** All rows of a small query, on a connection of its own. */
export const readRows = (store: Store, sql: string, parameters: readonly Value[] = []): Promise<Value[][]> =>
  connected(store, async (connection) => (await connection.query(sql, parameters)).rows());
