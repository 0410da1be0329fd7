import { createResult, createStateLog } from "../checkpoint/begin-attempt.ts";
import type { StateChange } from "../contract/control.ts";
import { type ContentHash, ContentHasher } from "../checkpoint/content-hash.ts";
import { type DeltaRecord, readDeltas, writeDeltas } from "../checkpoint/deltas.ts";
import { type JobRecord, writeCheckpoint, writeJobRecord } from "../checkpoint/job-records.ts";
import type { JobLayout, ResultLog } from "../checkpoint/layout.ts";
import { resultTable, stateTable } from "../checkpoint/names.ts";
import { SqlError } from "../contract/errors.ts";
import type { Store, StoreConnection, StoreTransaction } from "../contract/store.ts";
import type { JobGraph, SourceSpec } from "../contract/job-graph.ts";
import type { Publish, TableLogs } from "../tables/change-logs.ts";
import { goOnReading } from "./go-on-reading.ts";
import { dropStateAside } from "../evolution/aside.ts";
import { matchResults } from "../evolution/match-results.ts";
import { matchState, type TableMatch } from "../evolution/match-state.ts";
import { migrateState } from "../evolution/migrate.ts";
import { originSql } from "../evolution/origin-sql.ts";
import { readStoredState } from "../evolution/stored-state.ts";
import { type Manifest, savepointCheckpoint } from "./format.ts";

export interface RestoreRequest {
  readonly path: string;
  readonly layout: JobLayout;
  readonly graph: JobGraph;
  /** Of the new job; its number of key groups is the savepoint's. */
  readonly record: JobRecord;
  /** State of operators that the job does not have is let go. */
  readonly allowNonRestoredState: boolean;
}

/**
 * Brings a savepoint into the store as the first checkpoint of a job that has not run yet: its first attempt restores from it as
 * after any restart. State is matched as for a changed query (runtime/evolution). What was written is verified while it
 * is read. Returns what users must know of the results that follow. Throws SqlError 22000 for damage, 55000 for state that does not fit.
 */
export async function readSavepoint(
  store: Store,
  tables: TableLogs,
  from: StoreConnection,
  manifest: Manifest,
  request: RestoreRequest,
): Promise<readonly string[]> {
  const inputs = request.layout.inputs.map(({ table }) => table);
  const { notices, publish } = await tables.exclusively(inputs, () => restore(store, tables, from, manifest, request));
  for (const known of publish) known();
  return notices;
}

interface Restored {
  readonly notices: readonly string[];
  readonly publish: readonly Publish[];
}

async function restore(
  store: Store,
  tables: TableLogs,
  from: StoreConnection,
  manifest: Manifest,
  request: RestoreRequest,
): Promise<Restored> {
  const { layout, path } = request;
  const deltas = await readDeltas(from, manifest.job);
  const stored = await readStoredState(from, manifest.job);
  const match = matchState({ graph: request.graph, logs: layout.states, stored, nameOf: (uid) => uid });
  const notices = noticesOf(match.changes, request);
  const hashOf = (table: string): ContentHash | null => writtenHash(deltas, table);
  const sources = sourcesOfTables(request.graph);
  const publish: Publish[] = [];
  await store.transact(async (into) => {
    const copied: DeltaRecord[] = [];
    const splits = match.tables.filter(({ log }) => sources.has(log.uid));
    const states = match.tables.filter(({ log }) => !sources.has(log.uid));
    for (const input of layout.inputs) {
      const [source, own] = [sources.get(input.uid), splits.find(({ log }) => log.uid === input.uid)];
      if (source === undefined || own === undefined) continue;
      publish.push(await goOnReading(from, into, tables, { path, job: layout.job, input, source, splits: own, hashOf }));
    }
    for (const table of states) copied.push(await copyState(from, into, table, hashOf(table.stored.table), request));
    for (const log of layout.results) {
      const own = log.result.name === layout.job;
      const { rows, notice } = await copyResult(from, into, own ? manifest.job : log.result.name, log, request.path);
      if (notice !== null) notices.push(notice);
      copied.push({ kind: "result", checkpoint: savepointCheckpoint, table: log.result.name, rows, totalRows: rows });
    }
    await writeDeltas(into, layout.job, copied);
    for (const table of states) {
      const here = { ...table, stored: { ...table.stored, table: table.log.table } };
      if (!table.unchanged) await migrateState(into, layout.job, here, savepointCheckpoint);
    }
    await dropStateAside(into, layout.job);
    await recordJob(into, request, copied);
  });
  return { notices, publish };
}

/** Sources that read tables of the store, by uid. */
const sourcesOfTables = ({ vertices }: JobGraph): ReadonlyMap<string, SourceSpec> =>
  new Map(
    vertices.flatMap(({ operators }) =>
      operators.flatMap(({ uid, spec }) => (spec?.op === "source" && spec.connector === "table" ? [[uid, spec] as const] : [])),
    ),
  );

/** What does not fit is refused, unless it may be let go: then it is said. */
function noticesOf(changes: readonly StateChange[], { path, layout, allowNonRestoredState }: RestoreRequest): string[] {
  const hint = "Set allow_non_restored_state = true to let it go.";
  const gone = changes.find(({ verdict }) => verdict === "dropped");
  const misfit = changes.find(({ refusal }) => refusal !== null);
  if (!allowNonRestoredState && gone !== undefined) {
    const message = `savepoint "${path}" has state of operator ${gone.uid}, which job "${layout.job}" does not have`;
    throw new SqlError({ sqlState: "55000", message, hint });
  }
  if (!allowNonRestoredState && misfit !== undefined) {
    const message = `savepoint "${path}" does not fit job "${layout.job}": ${misfit.operator} (${misfit.uid}): ${misfit.refusal}`;
    throw new SqlError({ sqlState: "55000", message, hint });
  }
  return changes.flatMap(({ operator, notice, refusal }) => notice ?? (refusal === null ? [] : `${operator}: ${refusal}`));
}

const writtenHash = (deltas: readonly DeltaRecord[], table: string): ContentHash | null => {
  const found = deltas.find((delta) => delta.kind !== "result" && delta.table === table);
  return found === undefined || found.kind === "result" ? null : found.content;
};

/** With the columns that it has, so that it can be verified; those that the job needs are made of it then. */
async function copyState(
  from: StoreConnection,
  into: StoreTransaction,
  { log, stored: { table: storedAs, schema: stored } }: TableMatch,
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
 * Rows of a result table, matched by column name. One that does not fit begins empty; a changelog cannot, for its changes are to rows
 * that are there.
 */
async function copyResult(
  from: StoreConnection,
  into: StoreTransaction,
  savedAs: string,
  log: ResultLog,
  path: string,
): Promise<{ readonly rows: number; readonly notice: string | null }> {
  const { name, schema, changelog } = log.result;
  await createResult(into, log);
  const stored = await from.describe(`SELECT * FROM ${resultTable(savedAs)}`).catch(() => null);
  // Whether rows are changed or only added follows from the operators, which have been matched.
  const { tables, changes } = matchResults(stored === null ? [] : [{ ...log.result, schema: stored.schema }], [log.result], () => 1);
  const [match] = tables;
  if (match === undefined) {
    if (!changelog) return { rows: 0, notice: stored === null ? null : `"${name}" begins empty: ${changes[0]?.reason}` };
    const hint = "Restore the same query, or create the job without the savepoint.";
    throw new SqlError({ sqlState: "55000", message: `savepoint "${path}" has no result table with the columns of "${name}"`, hint });
  }
  const columns = match.columns.origins.map(originSql).join(", ");
  const result = await from.query(`SELECT ${columns} FROM ${resultTable(savedAs)} ORDER BY rowid`);
  let rows = 0;
  for (let batch = await result.next(); batch !== null; batch = await result.next()) {
    rows += batch.rows;
    await into.append("public", name, schema, [batch]);
  }
  return { rows, notice: rows === 0 ? null : (changes[0]?.notice ?? null) };
}

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
