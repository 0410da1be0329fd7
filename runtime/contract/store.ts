import type { Batch, Column } from "./batch.ts";
import type { Schema, SqlType } from "./types.ts";
import type { Value } from "./value.ts";

/**
 * The port of DuckDB (design D11): calls are messages, nothing of the driver crosses it. One file, one owner thread.
 * Schemas in the file: `public` (tables, results), `millrace` (catalog, checkpoints), `millrace_state` (state tables).
 */
export interface Store {
  /** A session's own connection; its statements run beside others'. */
  connect(): Promise<StoreConnection>;
  /**
   * Runs one write transaction; transactions of the store run one after the other. It commits when `body` resolves and
   * rolls back when it throws. Queries of other connections see all of it or nothing.
   */
  transact<T>(body: (transaction: StoreTransaction) => Promise<T>): Promise<T>;
  /** Makes a scalar function known to all connections, for good. */
  declareFunction(definition: StoreFunction): void;
  close(): Promise<void>;
}

/** A scalar function of ours within SQL of the store. `evaluate` runs on the main thread, within a statement: it must be short. */
export interface StoreFunction {
  readonly name: string;
  readonly parameters: readonly SqlType[];
  readonly returns: SqlType;
  /** One value per row of the arguments, NULLs included; what it throws ends the statement. */
  readonly evaluate: (args: Batch) => Column;
}

export interface StoreTransaction {
  run(sql: string, parameters?: readonly Value[]): Promise<void>;
  query(sql: string, parameters?: readonly Value[]): Promise<QueryResult>;
  /** Appends whole batches to a table; the batches' columns are the table's, in order. */
  append(schemaName: string, table: string, schema: Schema, batches: Iterable<Batch>): Promise<void>;
}

export interface StoreConnection {
  query(sql: string, parameters?: readonly Value[]): Promise<QueryResult>;
  run(sql: string, parameters?: readonly Value[]): Promise<void>;
  /** Result columns and parameter types without running it; a parameter whose type is unknown is null. Throws SqlError as `query` does. */
  describe(sql: string): Promise<{ readonly schema: Schema; readonly parameters: readonly (Schema["columns"][number]["type"] | null)[] }>;
  /** Appends to a temporary table of the connection. */
  appendTemporary(table: string, batches: Iterable<Batch>): Promise<void>;
  /** Stops the running statement; it fails with 57014. */
  interrupt(): void;
  close(): void;
}

/** Rows come in batches and are not held: read on or close. Batches are borrowed until the next call of `next`. */
export interface QueryResult {
  readonly schema: Schema;
  /** Rows changed by INSERT, UPDATE, DELETE; 0 for a SELECT. */
  readonly changed: number;
  next(): Promise<Batch | null>;
  /** All rows that remain, as values. For small results. */
  rows(): Promise<Value[][]>;
  close(): void;
}
