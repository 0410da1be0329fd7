import type { Store } from "../contract/store.ts";

/**
 * The control plane's own tables, readable by SQL. One row per job in job_runs; `state_tables` says which table of schema
 * millrace_state holds which operator's state; `checkpoint_deltas` holds what restore verifies (design D8b): kind `delta` is
 * what one checkpoint appended to a state table, `base` what compaction left of all deltas up to it, `result` the rows that
 * went to a result table, with the table's rows after it. `table_readers` says which job reads which table since when (runtime/tables).
 */
const tables = [
  `CREATE TABLE IF NOT EXISTS millrace.job_runs (
     job VARCHAR NOT NULL, id VARCHAR NOT NULL, state VARCHAR NOT NULL, attempt INTEGER NOT NULL, max_parallelism INTEGER NOT NULL,
     next_checkpoint BIGINT NOT NULL, restarts INTEGER NOT NULL,
     created TIMESTAMPTZ NOT NULL, started TIMESTAMPTZ, ended TIMESTAMPTZ,
     fault VARCHAR, fault_domain VARCHAR, fault_sql_state VARCHAR, fault_task VARCHAR, fault_time TIMESTAMPTZ)`,
  `CREATE TABLE IF NOT EXISTS millrace.checkpoints (
     job VARCHAR NOT NULL, id BIGINT NOT NULL, attempt INTEGER NOT NULL, status VARCHAR NOT NULL,
     triggered TIMESTAMPTZ NOT NULL, completed TIMESTAMPTZ, duration_ms BIGINT,
     state_rows BIGINT NOT NULL, result_rows BIGINT NOT NULL, bytes BIGINT NOT NULL, failure VARCHAR,
     type VARCHAR, start_delay_ms DOUBLE, alignment_ms DOUBLE, sync_ms DOUBLE, persisted_bytes BIGINT)`,
  `CREATE TABLE IF NOT EXISTS millrace.checkpoint_deltas (
     job VARCHAR NOT NULL, checkpoint BIGINT NOT NULL, table_name VARCHAR NOT NULL, kind VARCHAR NOT NULL,
     row_count BIGINT NOT NULL, content_hash BIGINT, total_rows BIGINT)`,
  `CREATE TABLE IF NOT EXISTS millrace.state_tables (
     job VARCHAR NOT NULL, uid VARCHAR NOT NULL, state_table VARCHAR NOT NULL, table_name VARCHAR NOT NULL,
     version INTEGER NOT NULL, key_columns INTEGER NOT NULL, redistribution VARCHAR NOT NULL, conditions VARCHAR)`,
  `CREATE TABLE IF NOT EXISTS millrace.table_readers (
     table_name VARCHAR NOT NULL, job VARCHAR NOT NULL, start BIGINT NOT NULL, snapshot_rows BIGINT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS millrace.savepoints (
     name VARCHAR NOT NULL, job VARCHAR NOT NULL, path VARCHAR NOT NULL, created TIMESTAMPTZ NOT NULL,
     checkpoint BIGINT NOT NULL, state_rows BIGINT NOT NULL, result_rows BIGINT NOT NULL)`,
  `CREATE TABLE IF NOT EXISTS millrace.job_archive (
     id VARCHAR NOT NULL, name VARCHAR NOT NULL, state VARCHAR NOT NULL,
     started TIMESTAMPTZ, ended TIMESTAMPTZ, archived TIMESTAMPTZ NOT NULL, document JSON NOT NULL)`,
] as const;

/** Of tables that an older version made. */
const added = ["type VARCHAR", "start_delay_ms DOUBLE", "alignment_ms DOUBLE", "sync_ms DOUBLE", "persisted_bytes BIGINT"].map(
  (column) => `ALTER TABLE millrace.checkpoints ADD COLUMN IF NOT EXISTS ${column}`,
);
const conditions = "ALTER TABLE millrace.state_tables ADD COLUMN IF NOT EXISTS conditions VARCHAR";

/** Makes the system tables where they are not there yet. Once, at the engine's start. */
export function createSystemTables(store: Store): Promise<void> {
  return store.transact(async (transaction) => {
    await transaction.run("CREATE SCHEMA IF NOT EXISTS millrace");
    await transaction.run("CREATE SCHEMA IF NOT EXISTS millrace_state");
    await transaction.run("CREATE SCHEMA IF NOT EXISTS public");
    for (const sql of [...tables, ...added, conditions]) await transaction.run(sql);
  });
}
