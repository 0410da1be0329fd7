import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { type DuckDBConnection, DuckDBInstance } from "@duckdb/node-api";
import { messageOf, SqlError } from "../contract/errors.ts";
import type { Store, StoreConnection, StoreFunction, StoreTransaction } from "../contract/store.ts";
import { appendBatches } from "./append.ts";
import { DuckdbConnection } from "./connection.ts";
import { fromDuckdbError } from "./errors.ts";
import { registerNativeFunctions } from "./native-functions.ts";
import { registerStoreFunction } from "./user-functions.ts";

export interface StoreOptions {
  /** The DuckDB file; `:memory:` for tests. Its name must not be `millrace` or `public`, for those are schemas inside. */
  readonly path: string;
  readonly memory_bytes_max?: number;
  readonly threads?: number;
  /** Run once, after the schemas exist: macros that ad-hoc queries use. */
  readonly prelude?: readonly string[];
}

const schemas = ["public", "millrace", "millrace_state", "millrace_catalog"] as const;

/**
 * Opens the store. Exactly one thread of one process may own the file: the driver's lock holds against other processes,
 * but a second open in this process would silently lose data (measured), so paths that are open here are refused.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  if (options.path !== ":memory:") {
    if (openPaths.has(options.path)) throw new Error(`invariant: the store ${options.path} is opened once per process`);
    mkdirSync(dirname(options.path), { recursive: true });
  }
  const instance = await open(options);
  openPaths.add(options.path);
  const writer = await prepare(instance, options.prelude ?? []);
  return new DuckdbStore(instance, writer, options.path);
}

const openPaths = new Set<string>();

async function open(options: StoreOptions): Promise<DuckDBInstance> {
  try {
    return await DuckDBInstance.create(options.path, {
      threads: String(options.threads ?? 2),
      memory_limit: `${Math.round((options.memory_bytes_max ?? 2_147_483_648) / 1_048_576)}MiB`,
      default_null_order: "nulls_last_on_asc_first_on_desc",
      scalar_subquery_error_on_multiple_rows: "true",
      errors_as_json: "true",
      autoinstall_known_extensions: "false",
      autoload_known_extensions: "false",
      allow_community_extensions: "false",
      wal_autocheckpoint: "16MiB",
    });
  } catch (error) {
    const text = messageOf(error);
    const locked = /lock/i.test(text);
    throw new SqlError({
      sqlState: locked ? "55006" : "58030",
      message: locked
        ? `the data directory is in use by another process (${options.path})`
        : `cannot open the store ${options.path}: ${text}`,
      hint: locked ? "Stop the other server, or start this one with another --data directory." : undefined,
      cause: error,
    });
  }
}

async function prepare(instance: DuckDBInstance, prelude: readonly string[]): Promise<DuckDBConnection> {
  const writer = await instance.connect();
  await writer.run("SET GLOBAL TimeZone = 'UTC'");
  registerNativeFunctions(writer);
  // All in one transaction and one call: a hundred commits, each made durable, would be a fifth of a second of the server's start.
  const statements = [...schemas.map((name) => `CREATE SCHEMA IF NOT EXISTS ${name}`), ...prelude];
  await writer.run(["BEGIN", ...statements, "COMMIT"].join(";\n"));
  await writer.run("SET GLOBAL enable_external_access = false");
  await writer.run("SET GLOBAL lock_configuration = true");
  await writer.run("USE public");
  return writer;
}

class DuckdbStore implements Store {
  readonly #instance: DuckDBInstance;
  readonly #writer: DuckDBConnection;
  readonly #path: string;
  #last: Promise<unknown> = Promise.resolve();
  #closed = false;

  constructor(instance: DuckDBInstance, writer: DuckDBConnection, path: string) {
    this.#instance = instance;
    this.#writer = writer;
    this.#path = path;
  }

  async connect(): Promise<StoreConnection> {
    const connection = new DuckdbConnection(await this.#instance.connect());
    await connection.run("USE public");
    return connection;
  }

  transact<T>(body: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    const run = this.#last.then(() => this.#transaction(body));
    this.#last = run.catch(() => undefined);
    return run;
  }

  declareFunction(definition: StoreFunction): void {
    registerStoreFunction(this.#writer, definition);
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#last;
    this.#writer.closeSync();
    this.#instance.closeSync();
    openPaths.delete(this.#path);
  }

  async #transaction<T>(body: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    if (this.#closed) throw new SqlError({ sqlState: "57P01", message: "the store is closed" });
    const connection = new DuckdbConnection(this.#writer);
    await connection.run("BEGIN");
    try {
      const result = await body({
        run: (sql, parameters) => connection.run(sql, parameters),
        query: (sql, parameters) => connection.query(sql, parameters),
        append: (schemaName, table, _schema, batches) => this.#append(schemaName, table, batches),
      });
      await connection.run("COMMIT");
      return result;
    } catch (error) {
      await connection.run("ROLLBACK").catch(() => undefined); // the failure itself may have ended the transaction
      throw error;
    }
  }

  async #append(schemaName: string, table: string, batches: Parameters<StoreTransaction["append"]>[3]): Promise<void> {
    try {
      await appendBatches(this.#writer, schemaName, table, batches);
    } catch (error) {
      throw fromDuckdbError(error, `append to ${schemaName}.${table}`);
    }
  }
}
