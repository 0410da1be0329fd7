import { createResult, createStateLog } from "../checkpoint/begin-attempt.ts";
import { type ContentHash, ContentHasher } from "../checkpoint/content-hash.ts";
import { type DeltaRecord, readDeltas, writeDeltas } from "../checkpoint/deltas.ts";
import { type JobRecord, writeCheckpoint, writeJobRecord } from "../checkpoint/job-records.ts";
import type { JobLayout, ResultLog, StateLog } from "../checkpoint/layout.ts";
import { resultTable, stateTable } from "../checkpoint/names.ts";
import { SqlError } from "../contract/errors.ts";
import type { Store, StoreConnection, StoreTransaction } from "../contract/store.ts";
import { sameType, type Schema } from "../contract/types.ts";
import { type Manifest, savepointCheckpoint } from "./format.ts";

export interface RestoreRequest {
  readonly path: string;
  readonly layout: JobLayout;
  /** Of the new job; its number of key groups is the savepoint's. */
  readonly record: JobRecord;
  /** State of operators that the job does not have is let go. */
  readonly allowNonRestoredState: boolean;
}

/**
 * Brings a savepoint into the store as the first checkpoint of a job that has not run yet: its first attempt restores from it as
 * after any restart. State is matched by operator uid and state table, columns by name. What was written is verified while it
 * is read. Throws SqlError 22000 for damage, 55000 for state that the job has no operator for.
 */
export async function readSavepoint(store: Store, from: StoreConnection, manifest: Manifest, request: RestoreRequest): Promise<void> {
  const { layout, path } = request;
  const deltas = await readDeltas(from, manifest.job);
  const tables = await matchTables(from, request);
  await store.transact(async (into) => {
    const copied: DeltaRecord[] = [];
    for (const table of tables) copied.push(await copyState(from, into, table, hashOf(deltas, table.storedAs), request));
    for (const log of layout.results) {
      const own = log.result.name === layout.job;
      const rows = await copyResult(from, into, own ? manifest.job : log.result.name, log, path);
      copied.push({ kind: "result", checkpoint: savepointCheckpoint, table: log.result.name, rows, totalRows: rows });
    }
    await writeDeltas(into, layout.job, copied);
    await recordJob(into, request, copied);
  });
}

interface SavedTable {
  readonly log: StateLog;
  /** Its name in the file, which begins with the old job's. */
  readonly storedAs: string;
  readonly stored: Schema;
}

async function matchTables(from: StoreConnection, { layout, path, allowNonRestoredState }: RestoreRequest): Promise<readonly SavedTable[]> {
  const rows = await (await from.query("SELECT uid, state_table, table_name FROM millrace.state_tables ORDER BY table_name")).rows();
  const tables: SavedTable[] = [];
  for (const [uid, name, storedAs] of rows) {
    const log = layout.states.find((state) => state.uid === uid && state.spec.name === name);
    if (log !== undefined) {
      const { schema } = await from.describe(`SELECT * FROM ${stateTable(storedAs as string)}`);
      tables.push({ log, storedAs: storedAs as string, stored: schema });
    } else if (!allowNonRestoredState) {
      throw new SqlError({
        sqlState: "55000",
        message: `savepoint "${path}" has state "${String(name)}" of operator ${String(uid)}, which job "${layout.job}" does not have`,
        hint: "Set allow_non_restored_state = true to let it go.",
      });
    }
  }
  return tables;
}

const hashOf = (deltas: readonly DeltaRecord[], table: string): ContentHash | null => {
  const found = deltas.find((delta) => delta.kind !== "result" && delta.table === table);
  return found === undefined || found.kind === "result" ? null : found.content;
};

/** The columns are kept as they are: the restore that follows matches them with those that the job needs. */
async function copyState(
  from: StoreConnection,
  into: StoreTransaction,
  { log, storedAs, stored }: SavedTable,
  written: ContentHash | null,
  { layout, path }: RestoreRequest,
): Promise<DeltaRecord> {
  await createStateLog(into, layout.job, { ...log, schema: stored });
  const hasher = new ContentHasher({ columns: stored.columns.filter(({ name }) => name !== "checkpoint") });
  const result = await from.query(`SELECT * FROM ${stateTable(storedAs)}`);
  for (let batch = await result.next(); batch !== null; batch = await result.next()) {
    hasher.add(batch);
    await into.append("millrace_state", log.table, stored, [batch]);
  }
  const content = hasher.value();
  if (written === null || written.rows !== content.rows || written.hash !== content.hash) {
    throw new SqlError({
      sqlState: "22000",
      message: `savepoint "${path}" is damaged: table "${storedAs}" does not hold what was written`,
    });
  }
  return { kind: "base", checkpoint: savepointCheckpoint, table: log.table, content };
}

/**
 * Rows of a result table of the same columns. One of other columns begins empty; a changelog cannot, for its changes are to rows
 * that are there.
 */
async function copyResult(from: StoreConnection, into: StoreTransaction, savedAs: string, log: ResultLog, path: string): Promise<number> {
  const { name, schema, changelog } = log.result;
  await createResult(into, log);
  const stored = await from.describe(`SELECT * FROM ${resultTable(savedAs)}`).catch(() => null);
  if (stored === null || !sameColumns(stored.schema, schema)) {
    if (!changelog) return 0;
    const hint = "Restore the same query, or create the job without the savepoint.";
    throw new SqlError({ sqlState: "55000", message: `savepoint "${path}" has no result table with the columns of "${name}"`, hint });
  }
  const result = await from.query(`SELECT * FROM ${resultTable(savedAs)}`);
  let rows = 0;
  for (let batch = await result.next(); batch !== null; batch = await result.next()) {
    rows += batch.rows;
    await into.append("public", name, schema, [batch]);
  }
  return rows;
}

const sameColumns = (a: Schema, b: Schema): boolean =>
  a.columns.length === b.columns.length &&
  a.columns.every(({ name, type }, i) => name === b.columns[i]?.name && sameType(type, (b.columns[i] as { type: typeof type }).type));

async function recordJob(into: StoreTransaction, { layout, record }: RestoreRequest, copied: readonly DeltaRecord[]): Promise<void> {
  await writeJobRecord(into, { ...record, nextCheckpoint: savepointCheckpoint + 1 });
  const count = (wanted: boolean): number =>
    copied.reduce((sum, d) => sum + ((d.kind === "result") === wanted ? (d.kind === "result" ? d.rows : d.content.rows) : 0), 0);
  await writeCheckpoint(into, layout.job, 0, {
    id: savepointCheckpoint,
    type: "SAVEPOINT",
    status: "COMPLETED",
    triggered_ms: record.created_ms,
    completed_ms: record.created_ms,
    failed_ms: null,
    stateRows: count(false),
    resultRows: count(true),
    bytes: 0,
    failure: null,
    subtasks: [],
  });
}
