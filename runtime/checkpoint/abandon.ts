import type { QueryResult, StoreTransaction } from "../contract/store.ts";

type Query = Pick<StoreTransaction, "query">;

/** Reads that stop at the next batch once the signal is aborted: they fail with its reason. */
export const abandonableReads = (source: Query, signal: AbortSignal): Query => ({
  async query(sql, parameters) {
    signal.throwIfAborted();
    return abandonable(await source.query(sql, parameters), signal);
  },
});

/** A transaction of several statements that stops at the next of them, or the next batch read, and is rolled back for it. */
export const abandonableTransaction = (transaction: StoreTransaction, signal: AbortSignal): StoreTransaction => ({
  ...abandonableReads(transaction, signal),
  async run(sql, parameters) {
    signal.throwIfAborted();
    await transaction.run(sql, parameters);
  },
  async append(schemaName, table, schema, batches) {
    signal.throwIfAborted();
    await transaction.append(schemaName, table, schema, batches);
  },
});

const abandonable = (result: QueryResult, signal: AbortSignal): QueryResult => ({
  schema: result.schema,
  changed: result.changed,
  async next() {
    signal.throwIfAborted();
    return result.next();
  },
  async rows() {
    signal.throwIfAborted();
    return result.rows();
  },
  close: () => result.close(),
});
