import { ContentHasher } from "../checkpoint/content-hash.ts";
import type { DeltaRecord } from "../checkpoint/deltas.ts";
import type { InputLog, JobLayout } from "../checkpoint/layout.ts";
import { stateTable } from "../checkpoint/names.ts";
import { columnDefinitions, newestOfKey } from "../checkpoint/rewrite.ts";
import type { StoreConnection, StoreTransaction } from "../contract/store.ts";
import { formatType } from "../contract/types.ts";
import { contentAt, contentSchema, type ReaderPlace } from "../tables/difference.ts";
import { firstOf } from "../tables/reader.ts";
import { savepointCheckpoint } from "./format.ts";

/**
 * What the job had read of each table, in the savepoint's file: the table goes on changing, and what a new job must read of it is what differs
 * from that (decisions/0018). `columns` is a JSON list of [name, type]: those that it read.
 */
const inputsDdl = `CREATE TABLE IF NOT EXISTS millrace.savepoint_inputs (
  uid VARCHAR NOT NULL, table_name VARCHAR NOT NULL, content VARCHAR NOT NULL, columns VARCHAR NOT NULL)`;

/** Copies what the job had read as of the checkpoint. What a job that has ended had read is not known any more, and left out. */
export async function copyInputs(
  from: StoreConnection,
  into: StoreTransaction,
  layout: JobLayout,
  checkpoint: number,
): Promise<readonly DeltaRecord[]> {
  const copied: DeltaRecord[] = [];
  for (const input of layout.inputs) {
    const place = await placeOf(from, layout, input, checkpoint);
    if (place !== null) copied.push(await copyInput(from, into, input, place));
  }
  return copied;
}

async function placeOf(
  from: StoreConnection,
  layout: JobLayout,
  { uid, table }: InputLog,
  checkpoint: number,
): Promise<ReaderPlace | null> {
  const { job } = layout;
  const sql = "SELECT start, snapshot_rows FROM millrace.table_readers WHERE job = ? AND table_name = ?";
  const [row] = await (await from.query(sql, [job, table])).rows();
  if (row === undefined) return null;
  const [start, snapshotRows] = [Number(row[0]), Number(row[1])];
  const position = (await positionOf(from, layout, uid, table, checkpoint)) ?? firstOf({ job, table, start, snapshotRows });
  return { job, table, start, position };
}

async function copyInput(
  from: StoreConnection,
  into: StoreTransaction,
  { uid, table, declared, read }: InputLog,
  place: ReaderPlace,
): Promise<DeltaRecord> {
  const schema = contentSchema(read);
  const content = `${uid}/read`;
  await into.run(inputsDdl);
  await into.run(`CREATE TABLE ${stateTable(content)} (${columnDefinitions({ schema })})`);
  const hasher = new ContentHasher(schema);
  const rows = await from.query(contentAt(place, declared, read));
  for (let batch = await rows.next(); batch !== null; batch = await rows.next()) {
    hasher.add(batch);
    await into.append("millrace_state", content, schema, [batch]);
  }
  const columns = read.columns.map(({ name, type }) => [name, formatType(type)]);
  await into.run("INSERT INTO millrace.savepoint_inputs VALUES (?, ?, ?, ?)", [uid, table, content, JSON.stringify(columns)]);
  return { kind: "base", checkpoint: savepointCheckpoint, table: content, content: hasher.value() };
}

/** What the checkpoint says of it; null before the first row. */
async function positionOf(
  from: StoreConnection,
  { states }: JobLayout,
  uid: string,
  table: string,
  checkpoint: number,
): Promise<number | null> {
  const log = states.find((state) => state.uid === uid);
  if (log === undefined) return null;
  const rows = await from.query(
    `SELECT split, position FROM ${stateTable(log.table)} WHERE checkpoint <= ? QUALIFY ${newestOfKey(log)} AND NOT deleted`,
    [checkpoint],
  );
  const found = (await rows.rows()).find(([split]) => split === table);
  return found === undefined ? null : Number(found[1]);
}
