import { type Batch, type Column, type I32Column, type I64Column, type U8Column, words } from "../contract/batch.ts";
import { operatorIndexOf } from "../contract/hash.ts";
import type { StoreConnection } from "../contract/store.ts";
import type { Schema } from "../contract/types.ts";
import { type ContentHash, ContentHasher } from "./content-hash.ts";
import { gatherRows } from "./gather.ts";
import type { StateLog } from "./layout.ts";
import { stateTable } from "./names.ts";
import { keyNames, newestOfKey } from "./rewrite.ts";
import { quoteName } from "../contract/quote.ts";

/** One pass over a log: what its deltas contain, and the valid rows as frames for each subtask. */
export interface LogReading {
  readonly log: StateLog;
  readonly read: ReadonlyMap<number, ContentHash>;
  readonly logRows: number;
  readonly validRows: number;
  /** By subtask, for as many as were asked for. Frames of different subtasks share no buffer, so each may be transferred. */
  readonly frames: readonly (readonly ArrayBuffer[])[];
}

/** For whom a log is read. */
export interface ReadTarget {
  readonly subtasks: number;
  readonly maxParallelism: number;
}

/**
 * Reads a log up to a checkpoint, with the columns that it has in the store (`stored`), for those were hashed. Rows come as they lie
 * there: neither the store nor this side holds or sorts the log.
 */
export async function readLog(
  connection: StoreConnection,
  log: StateLog,
  stored: Schema,
  checkpoint: number,
  target: ReadTarget,
): Promise<LogReading> {
  const hashed: Schema = { columns: stored.columns.filter(({ name }) => name !== "checkpoint") };
  const result = await connection.query(log.spec.redistribution.kind === "union" ? unionSql(log, hashed) : keyedSql(log, hashed), [
    checkpoint,
  ]);
  const place = placesOf(log, hashed);
  const evidence = new DeltaHashes(hashed);
  const frames = Array.from({ length: target.subtasks }, (): ArrayBuffer[] => []);
  let validRows = 0;
  for (let batch = await result.next(); batch !== null; batch = await result.next()) {
    evidence.add(batch, place.checkpoint);
    validRows += deal(log, batch, place, target, frames);
  }
  const read = evidence.values();
  const logRows = [...read.values()].reduce((sum, content) => sum + content.rows, 0);
  return { log, read, logRows, validRows, frames };
}

/** Small tables, whose rows several subtasks may have written. */
const unionSql = (log: StateLog, { columns }: Schema): string =>
  `SELECT ${columns.map(({ name }) => quoteName(name)).join(", ")}, checkpoint, ${newestOfKey(log)} AS newest_of_key
   FROM ${stateTable(log.table)} WHERE checkpoint <= ?`;

/**
 * A row is the newest of its key unless a later delta has that key. The oldest delta is most of the log, what compaction left; it
 * streams past a hash table of the keys of the later ones.
 */
function keyedSql(log: StateLog, { columns }: Schema): string {
  const table = stateTable(log.table);
  const keys = keyNames(log);
  const names = keys.map((key, k) => `${key} AS key_${k}, `).join("");
  const same = keys.map((key, k) => `log.${key} IS NOT DISTINCT FROM later.key_${k}`).join(" AND ") || "true";
  const groups = keys.length === 0 ? "" : `GROUP BY ${keys.join(", ")}`;
  return `SELECT ${columns.map(({ name }) => `log.${quoteName(name)}`).join(", ")}, log.checkpoint,
      later.last IS NULL OR later.last = log.checkpoint AS newest_of_key
    FROM ${table} log LEFT JOIN (
      SELECT ${names}max(checkpoint) AS last FROM ${table}
      WHERE checkpoint <= $1 AND checkpoint > (SELECT min(checkpoint) FROM ${table}) ${groups}) later ON ${same}
    WHERE log.checkpoint <= $1`;
}

/** What the deltas of a log contain up to a checkpoint, read as it lies there: neither sorted nor held. */
export async function readContent(
  connection: Pick<StoreConnection, "query">,
  log: Pick<StateLog, "table" | "hashed">,
  checkpoint: number,
): Promise<LogReading["read"]> {
  const columns = log.hashed.columns.map(({ name }) => quoteName(name)).join(", ");
  const result = await connection.query(`SELECT ${columns}, checkpoint FROM ${stateTable(log.table)} WHERE checkpoint <= ?`, [checkpoint]);
  const evidence = new DeltaHashes(log.hashed);
  for (let batch = await result.next(); batch !== null; batch = await result.next()) evidence.add(batch, log.hashed.columns.length);
  return evidence.values();
}

/** Where things are in the batches of readLog's query. */
interface Places {
  readonly keyGroup: number;
  readonly deleted: number;
  readonly checkpoint: number;
  readonly newest: number;
  readonly state: readonly number[];
}

function placesOf(log: StateLog, hashed: Schema): Places {
  const at = (name: string): number => hashed.columns.findIndex((column) => column.name === name);
  const checkpoint = hashed.columns.length;
  return { keyGroup: at("key_group"), deleted: at("deleted"), checkpoint, newest: checkpoint + 1, state: log.columns.map(at) };
}

const exactSums_max = 2 ** 20;

/** Sums of one delta's hashes: `low` stays below 2^53, where numbers are exact. */
interface DeltaSum {
  rows: number;
  low: number;
  total: bigint;
}

/** Gathers content hashes by the checkpoint in each row. */
class DeltaHashes {
  readonly #hasher: ContentHasher;
  readonly #sums = new Map<bigint, DeltaSum>();

  constructor(hashed: Schema) {
    this.#hasher = new ContentHasher(hashed);
  }

  add(batch: Batch, checkpointColumn: number): void {
    const hashes = this.#hasher.rowHashes(batch);
    const checkpoints = (batch.columns[checkpointColumn] as I64Column).values;
    const id = words(checkpoints);
    let current: DeltaSum = { rows: 0, low: 0, total: 0n };
    for (let i = 0; i < batch.rows; i++) {
      // Ids are compared by their words: no BigInt a row.
      if (i === 0 || id[2 * i] !== id[2 * i - 2] || id[2 * i + 1] !== id[2 * i - 1]) current = this.#sumOf(checkpoints[i] as bigint);
      current.rows += 1;
      current.low += (hashes[i] as number) >>> 0;
      if (current.rows % exactSums_max === 0) settle(current);
    }
  }

  values(): ReadonlyMap<number, ContentHash> {
    return new Map([...this.#sums].map(([id, sum]) => [Number(id), { rows: sum.rows, hash: settle(sum) }]));
  }

  #sumOf(id: bigint): DeltaSum {
    const known = this.#sums.get(id);
    if (known !== undefined) return known;
    const fresh = { rows: 0, low: 0, total: 0n };
    this.#sums.set(id, fresh);
    return fresh;
  }
}

function settle(sum: DeltaSum): bigint {
  sum.total += BigInt(sum.low);
  sum.low = 0;
  return sum.total;
}

/** Encodes the batch's valid rows for the subtasks that own them; returns how many there were. */
function deal(log: StateLog, batch: Batch, place: Places, target: ReadTarget, frames: readonly ArrayBuffer[][]): number {
  const valid = validRowsOf(batch, place);
  if (valid.length === 0 || frames.length === 0) return valid.length;
  const state: Batch = { rows: batch.rows, columns: place.state.map((c) => batch.columns[c] as Column), weights: null };
  if (log.spec.redistribution.kind === "union") {
    const frame = log.puts.encode(gatherRows(state, valid), null);
    for (const list of frames) list.push(frame.slice(0));
    return valid.length;
  }
  const groups = (batch.columns[place.keyGroup] as I32Column).values;
  byOwner(valid, groups, target).forEach((own, owner) => {
    if (own.length > 0) frames[owner]?.push(log.puts.encode(gatherRows(state, own), null));
  });
  return valid.length;
}

/** The rows of each subtask, in order. */
function byOwner(rows: Int32Array, groups: Int32Array, { subtasks, maxParallelism }: ReadTarget): readonly Int32Array[] {
  const owners = Int32Array.from(rows, (row) => operatorIndexOf(groups[row] as number, subtasks, maxParallelism));
  const counts = new Int32Array(subtasks);
  for (const owner of owners) counts[owner] = (counts[owner] as number) + 1;
  const own = Array.from(counts, (count) => new Int32Array(count));
  counts.fill(0);
  for (let i = 0; i < rows.length; i++) {
    const owner = owners[i] as number;
    (own[owner] as Int32Array)[counts[owner] as number] = rows[i] as number;
    counts[owner] = (counts[owner] as number) + 1;
  }
  return own;
}

function validRowsOf(batch: Batch, place: Places): Int32Array {
  const deleted = (batch.columns[place.deleted] as U8Column).values;
  const newest = (batch.columns[place.newest] as U8Column).values;
  const rows = new Int32Array(batch.rows);
  let n = 0;
  for (let i = 0; i < batch.rows; i++) if (newest[i] === 1 && deleted[i] === 0) rows[n++] = i;
  return rows.subarray(0, n);
}
