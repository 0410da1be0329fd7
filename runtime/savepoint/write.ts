import { createResultTable, createStateLog } from "../checkpoint/begin-attempt.ts";
import { ContentHasher } from "../checkpoint/content-hash.ts";
import { type DeltaRecord, writeDeltas } from "../checkpoint/deltas.ts";
import type { JobRecord } from "../checkpoint/job-records.ts";
import type { JobLayout, StateLog } from "../checkpoint/layout.ts";
import { resultTable, stateTable } from "../checkpoint/names.ts";
import { newestOfKey } from "../checkpoint/rewrite.ts";
import { createSystemTables } from "../checkpoint/system-tables.ts";
import type { SavepointSize } from "../contract/control.ts";
import { connected } from "../contract/connected.ts";
import { SqlError } from "../contract/errors.ts";
import type { Store, StoreConnection, StoreTransaction } from "../contract/store.ts";
import type { Schema } from "../contract/types.ts";
import { copyInputs } from "./inputs.ts";
import { formatVersion, manifestDdl, savepointCheckpoint } from "./format.ts";
import { quoteName } from "../contract/quote.ts";

export interface SavepointRequest {
  readonly layout: JobLayout;
  readonly record: JobRecord;
  /** The statement that made the job. */
  readonly definition: string;
  readonly now_ms: number;
}

/** The last checkpoint has rows in flight: savepoints have none. */
export class UnalignedSavepoint extends SqlError {
  constructor(job: string) {
    super({
      sqlState: "55000",
      message: `the last checkpoint of job "${job}" is unaligned: no savepoint can be made of it`,
      hint: "Resume the job: a savepoint of a running job takes an aligned checkpoint first.",
    });
  }
}

/**
 * Copies the job as of its last completed checkpoint. Everything is read in one transaction, so that state and results are of
 * the same checkpoint while the job goes on. Throws SqlError 55000 when there is no checkpoint yet.
 */
export const writeSavepoint = (store: Store, target: Store, request: SavepointRequest): Promise<SavepointSize> =>
  connected(store, async (connection) => {
    await connection.run("BEGIN");
    const checkpoint = await lastCompleted(connection, request.layout.job);
    await createSystemTables(target);
    const size = await target.transact((into) => copyJob(connection, into, request, checkpoint));
    await connection.run("COMMIT");
    return size;
  });

async function lastCompleted(connection: StoreConnection, job: string): Promise<number> {
  const sql = "SELECT id, type FROM millrace.checkpoints WHERE job = ? AND status = 'COMPLETED' ORDER BY id DESC LIMIT 1";
  const [row] = await (await connection.query(sql, [job])).rows();
  if (row === undefined) throw new SqlError({ sqlState: "55000", message: `job "${job}" has no completed checkpoint yet` });
  if (row[1] === "UNALIGNED_CHECKPOINT") throw new UnalignedSavepoint(job);
  return Number(row[0]);
}

async function copyJob(
  from: StoreConnection,
  into: StoreTransaction,
  { layout, record, definition, now_ms }: SavepointRequest,
  checkpoint: number,
): Promise<SavepointSize> {
  const existing = await (await from.query("SELECT table_name FROM millrace.state_tables WHERE job = ?", [layout.job])).rows();
  const known = new Set(existing.map(([name]) => name as string));
  const deltas: DeltaRecord[] = [];
  for (const log of layout.states) if (known.has(log.table)) deltas.push(await copyState(from, into, layout.job, log, checkpoint));
  for (const { result } of layout.results) {
    const rows = await copyResult(from, into, result.name, result.schema);
    deltas.push({ kind: "result", checkpoint: savepointCheckpoint, table: result.name, rows, totalRows: rows });
  }
  deltas.push(...(await copyInputs(from, into, layout, checkpoint)));
  await writeDeltas(into, layout.job, deltas);
  await into.run(manifestDdl);
  await into.run("INSERT INTO millrace.savepoint VALUES (?, ?, ?, ?, make_timestamptz(?::BIGINT), ?)", [
    formatVersion,
    layout.job,
    checkpoint,
    record.maxParallelism,
    BigInt(Math.round(now_ms)) * 1_000n,
    definition,
  ]);
  const sum = (kind: (delta: DeltaRecord) => number): number => deltas.reduce((total, delta) => total + kind(delta), 0);
  return {
    checkpoint,
    stateRows: sum((d) => (d.kind === "result" ? 0 : d.content.rows)),
    resultRows: sum((d) => (d.kind === "result" ? d.rows : 0)),
  };
}

async function copyState(
  from: StoreConnection,
  into: StoreTransaction,
  job: string,
  log: StateLog,
  checkpoint: number,
): Promise<DeltaRecord> {
  const columns = log.hashed.columns.map(({ name }) => quoteName(name)).join(", ");
  await createStateLog(into, job, log);
  const valid = await from.query(
    `SELECT ${columns}, ${savepointCheckpoint}::BIGINT AS checkpoint FROM ${stateTable(log.table)}
     WHERE checkpoint <= ? QUALIFY ${newestOfKey(log)} AND NOT deleted`,
    [checkpoint],
  );
  const hasher = new ContentHasher(log.hashed);
  for (let batch = await valid.next(); batch !== null; batch = await valid.next()) {
    hasher.add(batch);
    await into.append("millrace_state", log.table, log.schema, [batch]);
  }
  return { kind: "base", checkpoint: savepointCheckpoint, table: log.table, content: hasher.value() };
}

async function copyResult(from: StoreConnection, into: StoreTransaction, name: string, schema: Schema): Promise<number> {
  await createResultTable(into, { name, schema });
  const result = await from.query(`SELECT ${schema.columns.map((field) => quoteName(field.name)).join(", ")} FROM ${resultTable(name)}`);
  let rows = 0;
  for (let batch = await result.next(); batch !== null; batch = await result.next()) {
    rows += batch.rows;
    await into.append("public", name, schema, [batch]);
  }
  return rows;
}
