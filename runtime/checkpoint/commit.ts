import type { Batch } from "../contract/batch.ts";
import type { CheckpointType } from "../contract/checkpoints.ts";
import { assert } from "../contract/errors.ts";
import type { StateFrames, TaskSnapshot } from "../contract/rpc.ts";
import type { Store, StoreTransaction } from "../contract/store.ts";
import type { Publish, TableLogs } from "../tables/change-logs.ts";
import { ContentHasher } from "./content-hash.ts";
import { type DeltaRecord, writeDeltas } from "./deltas.ts";
import { assertAttempt, type JobClaim, writeCheckpoint } from "./job-records.ts";
import type { JobLayout, ResultLog, StateLog } from "./layout.ts";
import { changelogRows, deleteRows, putRows } from "./log-rows.ts";
import { resultTable, stateTable } from "./names.ts";
import type { TakenSnapshot } from "./pending-checkpoint.ts";
import { forgetInFlight, storeInFlight } from "./store-in-flight.ts";
import { changeResult } from "./result-changes.ts";

export interface CommitRequest {
  readonly checkpoint: number;
  readonly type: CheckpointType;
  readonly claim: JobClaim;
  readonly triggered_ms: number;
  /** In the order of their checkpoints; those of failed ones are stored under their own number. */
  readonly snapshots: readonly TakenSnapshot[];
  /** Older than this, nothing is restored any more; the checkpoint itself is the newest of the retained. */
  readonly oldestRetained: number;
  readonly now_ms: () => number;
  /** Rows of each append-only result table before this checkpoint. */
  readonly resultRows: ReadonlyMap<string, number>;
}

export interface Committed {
  readonly completed_ms: number;
  readonly stateRows: number;
  readonly resultRows: number;
  readonly bytes: number;
  /** Rows appended to each state log. */
  readonly appended: ReadonlyMap<string, number>;
  readonly totalRows: ReadonlyMap<string, number>;
}

/** Rows of millrace.checkpoints kept per job. */
const history_max = 100;
/** Old records are harmless: they are deleted at every so many checkpoints, for each statement costs as much as a small delta. */
const forgetEvery = 16;

/**
 * Everything of a checkpoint in one transaction (design D5): state deltas, result rows, the record. Either all of it is
 * there afterwards, or the promise rejects and nothing is. Appending gives way to queries between slices.
 */
export async function commitCheckpoint(store: Store, tables: TableLogs, layout: JobLayout, request: CommitRequest): Promise<Committed> {
  checkTables(layout, request.snapshots);
  const publish: Publish[] = [];
  const committed = await store.transact((transaction) => writeAll(transaction, tables, layout, request, publish));
  for (const known of publish) known();
  return committed;
}

async function writeAll(
  transaction: StoreTransaction,
  tables: TableLogs,
  layout: JobLayout,
  request: CommitRequest,
  publish: Publish[],
): Promise<Committed> {
  await assertAttempt(transaction, request.claim);
  const deltas: DeltaRecord[] = [];
  for (const log of layout.states) deltas.push(...(await appendState(transaction, layout, log, request)));
  const results: DeltaRecord[] = [];
  for (const log of layout.results) {
    results.push(await appendResult(transaction, log, request));
    publish.push(await appendForReaders(transaction, tables, log, request));
  }
  const committed = summary(request, deltas, results);
  const inFlight =
    request.type === "UNALIGNED_CHECKPOINT" ? await storeInFlight(transaction, layout, request.checkpoint, ownSnapshots(request)) : [];
  await writeDeltas(transaction, layout.job, [...deltas, ...results, ...inFlight]);
  await writeCheckpoint(transaction, layout.job, request.claim.attempt, {
    id: request.checkpoint,
    type: request.type,
    status: "COMPLETED",
    triggered_ms: request.triggered_ms,
    completed_ms: committed.completed_ms,
    failed_ms: null,
    stateRows: committed.stateRows,
    resultRows: committed.resultRows,
    bytes: committed.bytes,
    failure: null,
    subtasks: ownSnapshots(request).map(({ figures }) => figures),
  });
  if (request.checkpoint % forgetEvery === 0) await forgetOld(transaction, layout, request);
  return committed;
}

/** Rows in flight belong to their checkpoint alone: what failed ones left of them is of no use to this one. */
const ownSnapshots = ({ checkpoint, snapshots }: CommitRequest): readonly TaskSnapshot[] =>
  snapshots.flatMap((taken) => (taken.checkpoint === checkpoint ? [taken.snapshot] : []));

/** A delta for a table that the layout does not have would be lost in silence. */
function checkTables(layout: JobLayout, snapshots: readonly TakenSnapshot[]): void {
  const states = new Set(layout.states.map((log) => `${log.uid}\n${log.spec.name}`));
  const results = new Set(layout.results.map((log) => log.result.name));
  for (const { snapshot } of snapshots) {
    for (const { uid, table } of snapshot.state)
      assert(states.has(`${uid}\n${table}`), `operator ${uid} declares its state table ${table}`);
    for (const { table } of snapshot.results) assert(results.has(table), `the job declares its result table ${table}`);
  }
}

/** Appends the log's rows of all checkpoints in the request, and returns a record for each. */
async function appendState(
  transaction: StoreTransaction,
  layout: JobLayout,
  log: StateLog,
  request: CommitRequest,
): Promise<readonly DeltaRecord[]> {
  const hashers = new Map<number, ContentHasher>();
  const batches = stateRows(log, request.snapshots, layout.maxParallelism, (checkpoint) => {
    const hasher = hashers.get(checkpoint) ?? new ContentHasher(log.hashed);
    hashers.set(checkpoint, hasher);
    return hasher;
  });
  const first = batches.next();
  if (first.done === true) return [];
  await transaction.append("millrace_state", log.table, log.schema, startingWith(first.value, batches));
  return [...hashers].map(([checkpoint, hasher]) => ({ kind: "delta", checkpoint, table: log.table, content: hasher.value() }));
}

function* stateRows(
  log: StateLog,
  snapshots: readonly TakenSnapshot[],
  maxParallelism: number,
  hasherOf: (checkpoint: number) => ContentHasher,
): Generator<Batch> {
  for (const { checkpoint, snapshot } of snapshots) {
    for (const frames of snapshot.state) {
      if (frames.uid !== log.uid || frames.table !== log.spec.name) continue;
      for (const rows of logRowsOf(log, frames, checkpoint, maxParallelism)) {
        hasherOf(checkpoint).add(rows);
        yield rows;
      }
    }
  }
}

function* logRowsOf(log: StateLog, { puts, deletes }: StateFrames, checkpoint: number, maxParallelism: number): Generator<Batch> {
  if (deletes !== null) yield deleteRows(log, log.deletes.decode(deletes), checkpoint, maxParallelism);
  if (puts !== null) yield putRows(log, log.puts.decode(puts), checkpoint, maxParallelism);
}

function* startingWith(first: Batch, rest: Iterable<Batch>): Generator<Batch> {
  yield first;
  yield* rest;
}

async function appendResult(transaction: StoreTransaction, log: ResultLog, request: CommitRequest): Promise<DeltaRecord> {
  const { name, schema } = log.result;
  const frames = framesOf(log, request);
  const counter = { rows: 0 };
  if (frames.length > 0 && log.log === null) await transaction.append("public", name, schema, counted(counter, log, frames));
  if (frames.length > 0 && log.log !== null) {
    await transaction.append("millrace_state", log.log.table, log.log.schema, changelogOf(counter, log, frames, request.checkpoint));
    await changeResult(transaction, log, request.checkpoint, "apply");
  }
  const totalRows = (request.resultRows.get(name) ?? 0) + counter.rows;
  return { kind: "result", checkpoint: request.checkpoint, table: name, rows: counter.rows, totalRows };
}

/** What jobs that read the result table will see of this checkpoint. */
async function appendForReaders(
  transaction: StoreTransaction,
  tables: TableLogs,
  log: ResultLog,
  request: CommitRequest,
): Promise<Publish> {
  const { name, schema } = log.result;
  const frames = tables.readersOf(name).length === 0 ? [] : framesOf(log, request);
  if (frames.length === 0) return () => undefined;
  return tables.appendBatches(transaction, { table: name, declared: schema }, decoded(log, frames));
}

function* decoded(log: ResultLog, frames: readonly ArrayBuffer[]): Generator<Batch> {
  for (const frame of frames) yield log.codec.decode(frame);
}

const framesOf = (log: ResultLog, { snapshots }: CommitRequest): readonly ArrayBuffer[] =>
  snapshots.flatMap(({ snapshot }) => snapshot.results.filter((r) => r.table === log.result.name).flatMap((r) => r.frames));

interface Counter {
  rows: number;
}

function* counted(counter: Counter, log: ResultLog, frames: readonly ArrayBuffer[]): Generator<Batch> {
  for (const frame of frames) {
    const batch = log.codec.decode(frame);
    counter.rows += batch.rows;
    yield batch;
  }
}

function* changelogOf(counter: Counter, log: ResultLog, frames: readonly ArrayBuffer[], checkpoint: number): Generator<Batch> {
  for (const frame of frames) {
    const batch = log.codec.decode(frame);
    const rows = changelogRows(batch, checkpoint, counter.rows);
    counter.rows += batch.rows;
    yield rows;
  }
}

function summary(request: CommitRequest, deltas: readonly DeltaRecord[], results: readonly DeltaRecord[]): Committed {
  const appended = new Map<string, number>();
  for (const d of deltas) if (d.kind !== "result") appended.set(d.table, (appended.get(d.table) ?? 0) + d.content.rows);
  const sum = (numbers: Iterable<number>): number => [...numbers].reduce((total, n) => total + n, 0);
  return {
    completed_ms: request.now_ms(),
    stateRows: sum(appended.values()),
    resultRows: sum(results.map((r) => (r.kind === "result" ? r.rows : 0))),
    bytes: sum(request.snapshots.map(({ snapshot }) => snapshotBytes(snapshot))),
    appended,
    totalRows: new Map(results.flatMap((r) => (r.kind === "result" ? [[r.table, r.totalRows] as const] : []))),
  };
}

function snapshotBytes(snapshot: TaskSnapshot): number {
  const frames = [...snapshot.state.flatMap((s) => [s.puts, s.deletes]), ...snapshot.results.flatMap((r) => r.frames)];
  return frames.reduce((sum, frame) => sum + (frame?.byteLength ?? 0), 0);
}

/** Undo logs and row counts that no retained checkpoint needs, and records beyond the history's length. */
async function forgetOld(transaction: StoreTransaction, layout: JobLayout, request: CommitRequest): Promise<void> {
  for (const { log } of layout.results) {
    if (log !== null) await transaction.run(`DELETE FROM ${stateTable(log.table)} WHERE checkpoint <= ?`, [request.oldestRetained]);
  }
  await transaction.run("DELETE FROM millrace.checkpoint_deltas WHERE job = ? AND kind = 'result' AND checkpoint < ?", [
    layout.job,
    request.oldestRetained,
  ]);
  await forgetInFlight(transaction, layout.job, request.oldestRetained);
  await transaction.run("DELETE FROM millrace.checkpoints WHERE job = ? AND id < ?", [
    layout.job,
    Math.min(request.oldestRetained, request.checkpoint - history_max),
  ]);
}

/** Rows of each append-only result table as they are now. */
export async function countResults(transaction: StoreTransaction, layout: JobLayout): Promise<ReadonlyMap<string, number>> {
  const counts = new Map<string, number>();
  for (const { result } of layout.results) {
    const rows = await (await transaction.query(`SELECT count(*) FROM ${resultTable(result.name)}`)).rows();
    counts.set(result.name, Number(rows[0]?.[0]));
  }
  return counts;
}
