import type { Batch } from "../contract/batch.ts";
import type { ChangeLogs, TableFrame, TablePull, TableRows } from "../contract/change-log.ts";
import { assert, messageOf } from "../contract/errors.ts";
import type { MakeFrameCodec } from "../contract/frame.ts";
import type { Store, StoreConnection, StoreTransaction } from "../contract/store.ts";
import { bigint, integer, type Schema } from "../contract/types.ts";
import { Exclusive } from "./exclusive.ts";
import { createDifference, type EarlierContent } from "./difference.ts";
import { columnNames, createLog, createSnapshot, inPublic, inState, logTable, snapshotTable } from "./log-table.ts";
import { firstOf, prunable, type Reader, readerOf, type StoredReader } from "./reader.ts";
import { readRows } from "./read-rows.ts";
import { quoteName } from "../contract/quote.ts";

/** A table that a job reads. */
export interface TableInput {
  readonly table: string;
  readonly declared: Schema;
}

/** What happened in a transaction, to be made known once it has committed. */
export type Publish = () => void;

/** Old rows are deleted when there are this many: each DELETE costs as much as some thousand rows. */
const prune_rows_min = 10_000;

const nothing: readonly TableFrame[] = [];

/**
 * The change logs of all tables that jobs read (README.md). What is in memory follows the store: a change of it is published
 * when its transaction has committed.
 */
export class TableLogs implements ChangeLogs {
  readonly #store: Store;
  readonly #makeFrameCodec: MakeFrameCodec;
  readonly #heads: Map<string, number>;
  readonly #pruned = new Map<string, number>();
  #readers: readonly Reader[];
  readonly #exclusive = new Exclusive();
  readonly #waiting = new Map<string, Set<() => void>>();
  readonly #connections = new Map<string, Promise<StoreConnection>>();

  private constructor(store: Store, makeFrameCodec: MakeFrameCodec, readers: readonly StoredReader[], heads: Map<string, number>) {
    this.#store = store;
    this.#makeFrameCodec = makeFrameCodec;
    this.#readers = readers.map(readerOf);
    this.#heads = heads;
  }

  /** Takes up the logs that are in the store. The last row of a log is never deleted, so that it tells the head. */
  static open(store: Store, makeFrameCodec: MakeFrameCodec): Promise<TableLogs> {
    return store.transact(async (transaction) => {
      const rows = await (await transaction.query("SELECT table_name, job, start, snapshot_rows FROM millrace.table_readers")).rows();
      const readers = rows.map(([table, job, start, count]) => ({
        table: table as string,
        job: job as string,
        start: Number(start),
        snapshotRows: Number(count),
      }));
      // Of a snapshot that an older version made.
      for (const { job, table } of readers)
        await transaction.run(
          `ALTER TABLE IF EXISTS ${inState(snapshotTable(job, table))} ADD COLUMN IF NOT EXISTS weight INTEGER DEFAULT 1`,
        );
      const heads = new Map<string, number>();
      for (const table of new Set(readers.map((reader) => reader.table))) {
        const [[head = null] = []] = await (await transaction.query(`SELECT max(seq) FROM ${inState(logTable(table))}`)).rows();
        heads.set(table, Number(head ?? 0));
      }
      return new TableLogs(store, makeFrameCodec, readers, heads);
    });
  }

  readersOf(table: string): readonly string[] {
    return this.#of(table).map(({ job }) => job);
  }

  exclusively<T>(tables: readonly string[], body: () => Promise<T>): Promise<T> {
    return this.#exclusive.run(tables, body);
  }

  head(table: string): number {
    return this.#heads.get(table) ?? 0;
  }

  inputsOf(job: string): readonly string[] {
    return this.#readers.flatMap((reader) => (reader.job === job ? [reader.table] : []));
  }

  progressOf(job: string, table: string): ReturnType<ChangeLogs["progressOf"]> {
    const reader = this.#find(job, table);
    return { taken: reader?.taken ?? null, committed: reader?.committed ?? null };
  }

  /** A checkpoint of the job with these positions has been committed. */
  committed(job: string, positions: ReadonlyMap<string, number>): void {
    for (const [table, committed] of positions) this.#change(job, table, { committed });
  }

  async append(connection: Pick<StoreConnection, "query">, table: string, changes: string): Promise<Publish> {
    const head = this.head(table);
    const result = await connection.query(
      `INSERT INTO ${inState(logTable(table))} SELECT ${head} + row_number() OVER (ORDER BY weight), * FROM (${changes})`,
    );
    const [[count = 0n] = []] = await result.rows();
    return () => this.#moveHead(table, head + Number(count));
  }

  /** The same for batches, weighted or all inserts. */
  async appendBatches(transaction: StoreTransaction, input: TableInput, batches: Iterable<Batch>): Promise<Publish> {
    const counter = { next: this.head(input.table) };
    const names = columnNames(input.declared);
    const schema: Schema = {
      columns: [
        { name: "seq", type: bigint },
        { name: "weight", type: integer },
        ...input.declared.columns.map(({ type }, i) => ({ name: names[i] as string, type })),
      ],
    };
    await transaction.append("millrace_state", logTable(input.table), schema, numbered(batches, counter));
    return () => this.#moveHead(input.table, counter.next);
  }

  /** Makes the job a reader of the table as it is now, if it is none yet. The caller has the table exclusively. */
  async register(transaction: StoreTransaction, job: string, { table, declared }: TableInput): Promise<Publish> {
    if (this.#find(job, table) !== undefined) return () => undefined;
    const start = this.head(table);
    const [[count = 0n] = []] = await (await transaction.query(`SELECT count(*) FROM ${inPublic(table)}`)).rows();
    await transaction.run(createSnapshot(job, table, declared, start, Number(count)));
    return this.#add(transaction, { table, job, start, snapshotRows: Number(count) }, declared);
  }

  /**
   * Makes the job, which is no reader yet, one that has read something of the table at another time. What differs from that stands in front
   * of the changes to come. Says whether rows that were there are gone. The caller has the table exclusively.
   */
  async registerAfter(
    transaction: StoreTransaction,
    job: string,
    { table, declared }: TableInput,
    earlier: EarlierContent,
  ): Promise<{ readonly publish: Publish; readonly rowsGone: boolean }> {
    const start = this.head(table);
    await transaction.run(createDifference(job, table, declared, start, earlier));
    const counted = `SELECT count(*), count(*) FILTER (weight < 0) FROM ${inState(snapshotTable(job, table))}`;
    const [[rows = 0n, gone = 0n] = []] = await (await transaction.query(counted)).rows();
    const publish = await this.#add(transaction, { table, job, start, snapshotRows: Number(rows) }, declared);
    return { publish, rowsGone: Number(gone) > 0 };
  }

  async #add(transaction: StoreTransaction, reader: StoredReader, declared: Schema): Promise<Publish> {
    const { table, job, start, snapshotRows } = reader;
    await transaction.run(createLog(table, declared));
    await transaction.run("INSERT INTO millrace.table_readers VALUES (?, ?, ?, ?)", [table, job, start, snapshotRows]);
    return () => {
      this.#readers = [...this.#readers, readerOf(reader)];
    };
  }

  /** Ends all reading of the job, or that of some tables; a log that nobody reads is dropped. */
  async unregister(transaction: StoreTransaction, job: string, tables?: readonly string[]): Promise<Publish> {
    const ends = (reader: StoredReader): boolean => reader.job === job && (tables === undefined || tables.includes(reader.table));
    const left = this.#readers.filter((reader) => !ends(reader));
    const gone = this.#readers.filter(ends);
    for (const { table } of gone) {
      await transaction.run(`DROP TABLE IF EXISTS ${inState(snapshotTable(job, table))}`);
      if (!left.some((reader) => reader.table === table)) await transaction.run(`DROP TABLE IF EXISTS ${inState(logTable(table))}`);
    }
    for (const { table } of gone)
      await transaction.run("DELETE FROM millrace.table_readers WHERE job = ? AND table_name = ?", [job, table]);
    return () => {
      // Readers of other tables may have come and gone meanwhile.
      this.#readers = this.#readers.filter((reader) => !ends(reader));
      for (const { table } of gone) {
        this.#disconnect(snapshotTable(job, table));
        if (this.#of(table).length > 0) continue;
        this.#heads.delete(table);
        this.#pruned.delete(table);
      }
    };
  }

  /** The job reads on under another name. */
  async renameReader(transaction: StoreTransaction, job: string, to: string): Promise<Publish> {
    const own = this.#readers.filter((reader) => reader.job === job);
    for (const { table, hasSnapshot } of own) {
      const snapshot = inState(snapshotTable(job, table));
      if (hasSnapshot) await transaction.run(`ALTER TABLE IF EXISTS ${snapshot} RENAME TO ${quoteName(snapshotTable(to, table))}`);
    }
    await transaction.run("UPDATE millrace.table_readers SET job = ? WHERE job = ?", [to, job]);
    return () => {
      this.#readers = this.#readers.map((reader) => (reader.job === job ? { ...reader, job: to } : reader));
      for (const { table } of own) this.#disconnect(snapshotTable(job, table));
    };
  }

  /** Rows behind the reader's position, as soon as there are some. */
  async pull(job: string, pull: TablePull): Promise<TableRows> {
    try {
      const frames = await this.#rowsFor(job, pull);
      return { kind: "rows", frames, snapshotEnd: this.#find(job, pull.table)?.start ?? 0 };
    } catch (error) {
      return { kind: "failed", message: `cannot read table "${pull.table}": ${messageOf(error)}` };
    }
  }

  async #rowsFor(job: string, pull: TablePull): Promise<readonly TableFrame[]> {
    const reader = this.#find(job, pull.table);
    assert(reader !== undefined, `job "${job}" is a reader of "${pull.table}"`);
    const after = pull.after ?? firstOf(reader);
    this.#change(job, pull.table, { taken: after, committed: reader.committed ?? after });
    if (after >= Math.max(reader.start, this.head(pull.table)) && !pull.atOnce) await this.#news(pull.table);
    const head = this.head(pull.table);
    if (after >= Math.max(reader.start, head)) return nothing;
    const key = snapshotTable(job, pull.table);
    // A task that was left behind may still read for the attempt before.
    return this.#exclusive.run([`read ${key}`], async () => {
      const connection = await this.#connection(key);
      return readRows(connection, reader, pull, after, head, this.#makeFrameCodec);
    });
  }

  /** A checkpoint has completed: the job will never ask for rows in front of these positions again. */
  async release(job: string, floors: ReadonlyMap<string, number>): Promise<void> {
    for (const [table, floor] of floors) {
      this.#change(job, table, { floor });
      await this.#dropSnapshot(job, table);
      await this.#prune(table);
    }
  }

  /** Ends the waiting of all pulls. */
  async close(): Promise<void> {
    for (const table of this.#waiting.keys()) this.#wake(table);
    for (const connection of this.#connections.values()) (await connection).close();
    this.#connections.clear();
  }

  #of(table: string): readonly Reader[] {
    return this.#readers.filter((reader) => reader.table === table);
  }

  #find(job: string, table: string): Reader | undefined {
    return this.#readers.find((reader) => reader.job === job && reader.table === table);
  }

  #change(job: string, table: string, change: Partial<Reader>): void {
    this.#readers = this.#readers.map((reader) => (reader.job === job && reader.table === table ? { ...reader, ...change } : reader));
  }

  #moveHead(table: string, head: number): void {
    this.#heads.set(table, head);
    this.#wake(table);
  }

  #wake(table: string): void {
    const waiting = this.#waiting.get(table) ?? [];
    this.#waiting.delete(table);
    for (const wake of waiting) wake();
  }

  #news(table: string): Promise<void> {
    return new Promise((resolve) => {
      const waiting = this.#waiting.get(table) ?? new Set();
      this.#waiting.set(table, waiting.add(resolve));
    });
  }

  #connection(key: string): Promise<StoreConnection> {
    const connection = this.#connections.get(key) ?? this.#store.connect();
    this.#connections.set(key, connection);
    return connection;
  }

  #disconnect(key: string): void {
    void this.#connections.get(key)?.then((connection) => connection.close());
    this.#connections.delete(key);
  }

  async #dropSnapshot(job: string, table: string): Promise<void> {
    const reader = this.#find(job, table);
    if (reader === undefined || !reader.hasSnapshot || (reader.floor ?? Number.NEGATIVE_INFINITY) < reader.start) return;
    this.#change(job, table, { hasSnapshot: false });
    await this.#store.transact((transaction) => transaction.run(`DROP TABLE IF EXISTS ${inState(snapshotTable(job, table))}`));
  }

  async #prune(table: string): Promise<void> {
    const to = prunable(this.#of(table), this.head(table));
    const from = this.#pruned.get(table);
    if (to === null || (from !== undefined && to - from < prune_rows_min)) return;
    this.#pruned.set(table, to);
    await this.#store.transact((transaction) => transaction.run(`DELETE FROM ${inState(logTable(table))} WHERE seq <= ?`, [to]));
  }
}

function* numbered(batches: Iterable<Batch>, counter: { next: number }): Generator<Batch> {
  for (const batch of batches) {
    const seq = new BigInt64Array(batch.rows);
    for (let i = 0; i < batch.rows; i++) seq[i] = BigInt(counter.next + i + 1);
    counter.next += batch.rows;
    yield {
      rows: batch.rows,
      columns: [
        { phys: "i64", values: seq, validity: null },
        { phys: "i32", values: batch.weights ?? new Int32Array(batch.rows).fill(1), validity: null },
        ...batch.columns,
      ],
      weights: null,
    };
  }
}
