import { SqlError } from "../../../runtime/contract/errors.ts";
import type { Batch } from "../../../runtime/contract/batch.ts";
import { rowsOf } from "../../../runtime/contract/rows.ts";
import type { QueryResult, Store, StoreConnection, StoreTransaction } from "../../../runtime/contract/store.ts";
import type { Value } from "../../../runtime/contract/value.ts";
import type { Disk } from "./disk.ts";
import type { Kernel } from "./kernel.ts";
import type { Life } from "./node.ts";
import type { StoreTurns } from "./store-turns.ts";

type Verdict = "commit" | "rollback";

/**
 * The real store as one life of the server sees it: its SQL runs in DuckDB, its answers come at virtual times. When the server
 * dies, `abandon` takes back what it had not committed.
 */
export class SimStore implements Store {
  readonly #real: Store;
  readonly #kernel: Kernel;
  readonly #life: Life;
  readonly #disk: Disk;
  readonly #turns: StoreTurns;
  readonly #committed: () => Promise<void>;
  readonly #connections = new Set<StoreConnection>();
  #last: Promise<unknown> = Promise.resolve();
  /** Ends the open transaction. */
  #rollback: (() => Promise<void>) | null = null;

  /** `committed` looks at the store after each commit, before anybody hears of it. */
  constructor(real: Store, kernel: Kernel, life: Life, disk: Disk, turns: StoreTurns, committed: () => Promise<void>) {
    this.#real = real;
    this.#kernel = kernel;
    this.#life = life;
    this.#disk = disk;
    this.#turns = turns;
    this.#committed = committed;
  }

  async connect(): Promise<StoreConnection> {
    const connection = await this.#call("connect", () => this.#real.connect());
    this.#connections.add(connection);
    return {
      query: (sql, parameters) => this.#call("query", () => this.#read(connection, sql, parameters)),
      run: (sql, parameters) => this.#call("run", () => connection.run(sql, parameters)),
      describe: (sql) => this.#call("describe", () => connection.describe(sql)),
      appendTemporary: (table, batches) => this.#call("append", () => connection.appendTemporary(table, batches)),
      interrupt: () => connection.interrupt(),
      close: () => {
        if (this.#connections.delete(connection)) connection.close();
      },
    };
  }

  transact<T>(body: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    const run = this.#last.then(async () => {
      await this.#turns.take(this, this.#life);
      try {
        return await this.#transaction(body);
      } finally {
        this.#turns.release(this);
      }
    });
    this.#last = run.catch(() => undefined);
    return run;
  }

  declareFunction(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Another server has the store now: what is not committed is undone. */
  async take(): Promise<void> {
    await this.#kernel.abandon(async () => {
      await this.#rollback?.();
      this.#turns.release(this);
    });
  }

  /** The server is dead: its open transaction is rolled back, its connections are closed. */
  async abandon(): Promise<void> {
    await this.#kernel.abandon(async () => {
      await this.#rollback?.();
      this.#turns.release(this);
      for (const connection of this.#connections) connection.close();
    });
  }

  async #transaction<T>(body: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    const { transaction, end } = await this.#call("begin", () => this.#begin());
    let result: T;
    try {
      result = await body(this.#simulated(transaction));
    } catch (error) {
      await this.#call("rollback", () => end("rollback"));
      throw error;
    }
    await this.#call("commit", () => this.#commit(end));
    return result;
  }

  async #begin(): Promise<{ transaction: StoreTransaction; end: (verdict: Verdict) => Promise<void> }> {
    this.#disk.check("begin");
    let decide: (verdict: Verdict) => void = () => undefined;
    const verdict = new Promise<Verdict>((resolve) => {
      decide = resolve;
    });
    let ended: Promise<void> = Promise.resolve();
    let verdictOf: Verdict | null = null;
    const transaction = await new Promise<StoreTransaction>((resolve, reject) => {
      ended = this.#real.transact(async (begun) => {
        resolve(begun);
        if ((await verdict) === "rollback") throw rolledBack;
      });
      ended.catch(reject);
    });
    const end = async (how: Verdict): Promise<void> => {
      if (verdictOf !== null && how === "commit") throw taken();
      verdictOf = how;
      this.#rollback = null;
      decide(how);
      await ended.catch((error: unknown) => {
        if (error !== rolledBack) throw error;
      });
    };
    this.#rollback = () => end("rollback");
    const refuse = <T>(work: () => Promise<T>): Promise<T> => (verdictOf === null ? work() : Promise.reject(taken()));
    const guarded: StoreTransaction = {
      run: (...args) => refuse(() => transaction.run(...args)),
      query: (...args) => refuse(() => transaction.query(...args)),
      append: (...args) => refuse(() => transaction.append(...args)),
    };
    return { transaction: guarded, end };
  }

  async #commit(end: (verdict: Verdict) => Promise<void>): Promise<void> {
    try {
      this.#disk.check("commit");
    } catch (error) {
      await end("rollback");
      throw error;
    }
    await end("commit");
    await this.#committed();
    this.#disk.committed();
  }

  #simulated(transaction: StoreTransaction): StoreTransaction {
    return {
      run: (sql, parameters) => this.#call("write", () => transaction.run(sql, parameters)),
      query: (sql, parameters) => this.#call("query", () => this.#read(transaction, sql, parameters)),
      append: (schemaName, table, schema, batches) =>
        this.#call("append", () => {
          this.#disk.check("append");
          return transaction.append(schemaName, table, schema, batches);
        }),
    };
  }

  async #read(from: Pick<StoreConnection, "query">, sql: string, parameters?: readonly Value[]): Promise<QueryResult> {
    if (this.#disk.invalidated) this.#disk.check("begin");
    const result = await from.query(sql, parameters);
    const batches: Batch[] = [];
    for (let batch = await result.next(); batch !== null; batch = await result.next()) batches.push(batch);
    return {
      schema: result.schema,
      changed: result.changed,
      next: () => Promise.resolve(batches.shift() ?? null),
      rows: () => Promise.resolve(batches.splice(0).flatMap((batch) => rowsOf(result.schema, batch))),
      close: () => undefined,
    };
  }

  #call<T>(label: string, work: () => Promise<T>): Promise<T> {
    return this.#kernel.call(this.#life, label, this.#disk.latency_ms(), work);
  }
}

const rolledBack = new Error("rolled back");

const taken = (): SqlError => new SqlError({ sqlState: "58030", message: "the transaction is over: another process has the store" });
