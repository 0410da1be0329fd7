import { type Batch, type I64Column, words } from "../contract/batch.ts";
import type { RestoredTable } from "../contract/rpc.ts";
import type { QueryResult, StoreConnection } from "../contract/store.ts";
import type { Schema } from "../contract/types.ts";
import { type ContentHash, ContentHasher } from "./content-hash.ts";
import type { StateLog } from "./layout.ts";
import { stateTable } from "./names.ts";
import { keyNames, newestOfKey } from "./rewrite.ts";
import { placesOf, StateDealer } from "./state-dealer.ts";
import type { StoredLog } from "./stored-layout.ts";
import { quoteName } from "../contract/quote.ts";

/** Who takes the state that is read: tasks that wait for it. */
export interface StateReceiver {
  /** Frames are the receiver's from now on. */
  take(vertex: string, subtask: number, rows: RestoredTable): void;
  /** Resolves when there is room for more; false: nobody wants the rest. */
  ready(): Promise<boolean>;
}

/** One pass over a log: what its deltas contain. */
export interface LogReading {
  readonly log: StateLog;
  readonly read: ReadonlyMap<number, ContentHash>;
  readonly logRows: number;
  readonly validRows: number;
}

/**
 * Reads a log up to a checkpoint, with the columns that it has in the store (`stored`), for those were hashed, and deals its valid rows
 * to the subtasks that own them. Rows come as they lie there: neither the store nor this side holds or sorts the log. null: the
 * receiver wanted no more.
 */
export async function readLog(
  connection: StoreConnection,
  { log, stored }: StoredLog,
  checkpoint: number,
  maxParallelism: number,
  receiver: StateReceiver,
): Promise<LogReading | null> {
  const hashed: Schema = { columns: stored.columns.filter(({ name }) => name !== "checkpoint") };
  const result = await connection.query(log.spec.redistribution.kind === "union" ? unionSql(log, hashed) : keyedSql(log, hashed), [
    checkpoint,
  ]);
  const place = placesOf(log, hashed);
  const evidence = new DeltaHashes(hashed);
  const dealer = new StateDealer(log, maxParallelism, place, receiver);
  for await (const batch of readAhead(result)) {
    evidence.add(batch, place.checkpoint);
    dealer.deal(batch);
    if (!(await receiver.ready())) return null;
  }
  dealer.flush();
  const read = evidence.values();
  const logRows = [...read.values()].reduce((sum, content) => sum + content.rows, 0);
  return { log, read, logRows, validRows: dealer.validRows };
}

/** Lets the store work on the next batch while this one is dealt with. */
async function* readAhead(result: QueryResult): AsyncGenerator<Batch> {
  let next = result.next();
  try {
    for (let batch = await next; batch !== null; batch = await next) {
      next = result.next();
      next.catch(() => undefined); // It is met with the next turn.
      yield batch;
    }
  } finally {
    // The connection must not be closed under it.
    await next.catch(() => undefined);
    result.close();
  }
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
