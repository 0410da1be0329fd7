import type { Batch } from "../../../runtime/contract/batch.ts";
import { batchOf, rowsOf } from "../../../runtime/contract/rows.ts";
import type { QueryResult, Store, StoreConnection, StoreTransaction } from "../../../runtime/contract/store.ts";
import type { Value } from "../../../runtime/contract/value.ts";
import { Database, type Table } from "./database.ts";
import { statementOf } from "./statements.ts";
import { Tokens, Unsupported } from "./tokens.ts";

/**
 * A store in memory that knows the control plane's own SQL, some fifty times as fast as DuckDB. What it does not know it says with
 * `unsupported`, and the seed is run on DuckDB. That both give a seed the same course is tested.
 */
export class ModelStore implements Store {
  readonly #unsupported: (error: Unsupported) => void;
  #database = new Database();
  #last: Promise<unknown> = Promise.resolve();

  constructor(unsupported: (error: Unsupported) => void) {
    this.#unsupported = unsupported;
  }

  async connect(): Promise<StoreConnection> {
    /** What the connection's own transaction reads; null outside of one. */
    let snapshot: Database | null = null;
    const run = (sql: string, parameters?: readonly Value[]): QueryResult => {
      if (sql === "BEGIN") snapshot = this.#database.copy();
      else if (sql === "COMMIT") snapshot = null;
      else return this.#run(snapshot ?? this.#database, sql, parameters);
      return resultOf({ schema: { columns: [] }, rows: [] });
    };
    return {
      query: async (sql, parameters) => run(sql, parameters),
      run: async (sql, parameters) => void run(sql, parameters),
      describe: async (sql) => ({ schema: this.#describe(sql), parameters: [] }),
      appendTemporary: async () => this.#refuse("appendTemporary"),
      interrupt: () => undefined,
      close: () => undefined,
    };
  }

  transact<T>(body: (transaction: StoreTransaction) => Promise<T>): Promise<T> {
    const run = this.#last.then(async () => {
      const database = this.#database.copy();
      const result = await body(this.#transaction(database));
      this.#database = database;
      return result;
    });
    this.#last = run.catch(() => undefined);
    return run;
  }

  declareFunction(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }

  #transaction(database: Database): StoreTransaction {
    return {
      run: async (sql, parameters) => void this.#run(database, sql, parameters),
      query: async (sql, parameters) => this.#run(database, sql, parameters),
      append: async (schemaName, table, _schema, batches) => {
        const { schema } = database.table(`${schemaName}.${table}`);
        for (const batch of batches) database.append(`${schemaName}.${table}`, rowsOf(schema, batch));
      },
    };
  }

  #run(database: Database, sql: string, parameters: readonly Value[] = []): QueryResult {
    return resultOf(this.#known(() => statementOf(sql))(database, parameters));
  }

  #describe(sql: string): Table["schema"] {
    return this.#known(() => {
      const tokens = new Tokens(sql);
      tokens.expect("SELECT", "*", "FROM");
      const name = tokens.table();
      tokens.end();
      return this.#database.table(name).schema;
    });
  }

  #refuse(what: string): never {
    return this.#known(() => {
      throw new Unsupported(what);
    });
  }

  #known<T>(work: () => T): T {
    try {
      return work();
    } catch (error) {
      if (error instanceof Unsupported) this.#unsupported(error);
      throw error;
    }
  }
}

function resultOf({ schema, rows }: Table): QueryResult {
  let left: Batch | null = rows.length === 0 ? null : batchOf(schema, rows);
  const next = (): Batch | null => {
    const batch = left;
    left = null;
    return batch;
  };
  return {
    schema,
    changed: 0,
    next: async () => next(),
    rows: async () => {
      const batch = next();
      return batch === null ? [] : rowsOf(schema, batch);
    },
    close: () => undefined,
  };
}
