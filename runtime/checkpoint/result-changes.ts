import type { StoreTransaction } from "../contract/store.ts";
import type { ResultLog } from "./layout.ts";
import { resultTable, stateTable } from "./names.ts";
import { quoteName } from "../contract/quote.ts";

/** `apply` brings a checkpoint's weighted rows into the result table; `undo` takes them out again. */
export type Direction = "apply" | "undo";

/**
 * Brings one checkpoint's rows of a changelog's log into its result table, by DELETE and INSERT (notes: fastest without a
 * primary key). Within a checkpoint a row may come and go many times; only the net change reaches the table.
 */
export async function changeResult(transaction: StoreTransaction, log: ResultLog, checkpoint: number, direction: Direction): Promise<void> {
  const statements = log.result.uniqueKey === null ? bagStatements(log, direction) : keyedStatements(log, log.result.uniqueKey, direction);
  for (const { sql, takesCheckpoint } of statements) await transaction.run(sql, takesCheckpoint ? [checkpoint] : []);
}

interface Statement {
  readonly sql: string;
  /** Its one parameter. */
  readonly takesCheckpoint: boolean;
}

const changes = "temp.millrace_changes";

/** The log with one parameter, the checkpoint; undone in reverse, each row with the opposite weight. */
function source(log: ResultLog, direction: Direction): string {
  const table = stateTable(log.log?.table ?? "");
  const columns = direction === "apply" ? "*" : "* REPLACE (-weight AS weight, -position AS position)";
  return `(SELECT ${columns} FROM ${table} WHERE checkpoint = ?)`;
}

interface ColumnPair {
  readonly inLog: string;
  readonly inResult: string;
}

const pairs = (log: ResultLog, columns: readonly number[]): readonly ColumnPair[] =>
  columns.map((c) => ({ inLog: quoteName(log.log?.columns[c] ?? ""), inResult: quoteName(log.result.schema.columns[c]?.name ?? "") }));

const matches = (columns: readonly ColumnPair[]): string =>
  columns.map(({ inLog, inResult }) => `c.${inLog} IS NOT DISTINCT FROM t.${inResult}`).join(" AND ") || "TRUE";

/**
 * Per key: its row of the table, the net weight, and the position of its last insert. The key is there afterwards if
 * "was there" plus the net weight is positive, with the values of the last insert.
 */
function keyedStatements(log: ResultLog, key: readonly number[], direction: Direction): readonly Statement[] {
  const keys = pairs(log, key);
  const names = keys.map((k) => k.inLog);
  const all = pairs(log, [...log.result.schema.columns.keys()]);
  const grouped = `SELECT ${[...names, "sum(weight) AS net", "max(position) FILTER (weight > 0) AS last"].join(", ")}
    FROM ${source(log, direction)} ${names.length === 0 ? "" : `GROUP BY ${names.join(", ")}`}`;
  const table = resultTable(log.result.name);
  return [
    {
      sql: `CREATE OR REPLACE TEMP TABLE millrace_changes AS
        SELECT c.net, c.last, t.rowid AS old FROM (${grouped}) c LEFT JOIN ${table} t ON ${matches(keys)}`,
      takesCheckpoint: true,
    },
    { sql: `DELETE FROM ${table} WHERE rowid IN (SELECT old FROM ${changes})`, takesCheckpoint: false },
    {
      sql: `INSERT INTO ${table} SELECT ${all.map((c) => `s.${c.inLog}`).join(", ")}
        FROM ${source(log, direction)} s JOIN ${changes} c ON s.position = c.last
        WHERE c.net + CASE WHEN c.old IS NULL THEN 0 ELSE 1 END > 0`,
      takesCheckpoint: true,
    },
    { sql: `DROP TABLE ${changes}`, takesCheckpoint: false },
  ];
}

/** Bag semantics: equal rows are interchangeable; each net -1 takes one of them out. */
function bagStatements(log: ResultLog, direction: Direction): readonly Statement[] {
  const all = pairs(log, [...log.result.schema.columns.keys()]);
  const names = all.map((c) => c.inLog).join(", ");
  const table = resultTable(log.result.name);
  return [
    {
      sql: `CREATE OR REPLACE TEMP TABLE millrace_changes AS
        SELECT ${names}, sum(weight)::BIGINT AS net FROM ${source(log, direction)} GROUP BY ${names} HAVING net <> 0`,
      takesCheckpoint: true,
    },
    {
      sql: `DELETE FROM ${table} WHERE rowid IN (
        SELECT old FROM (SELECT t.rowid AS old, c.net, row_number() OVER (PARTITION BY c.rowid) AS n
          FROM ${table} t JOIN (SELECT rowid, * FROM ${changes} WHERE net < 0) c ON ${matches(all)}) WHERE n <= -net)`,
      takesCheckpoint: false,
    },
    {
      sql: `INSERT INTO ${table} SELECT ${names} FROM (SELECT ${names}, unnest(range(net)) FROM ${changes} WHERE net > 0)`,
      takesCheckpoint: false,
    },
    { sql: `DROP TABLE ${changes}`, takesCheckpoint: false },
  ];
}

/**
 * Takes back what checkpoints after one appended to an append-only table: the rows behind its first `rows`. The table is
 * written anew, so that row ids count from 0 without gaps again.
 */
export async function truncateResult(transaction: StoreTransaction, table: string, rows: number): Promise<void> {
  const name = resultTable(table);
  await transaction.run(`CREATE OR REPLACE TEMP TABLE millrace_kept AS SELECT * FROM ${name} WHERE rowid < ? ORDER BY rowid`, [rows]);
  await transaction.run(`CREATE OR REPLACE TABLE ${name} AS SELECT * FROM temp.millrace_kept`);
  await transaction.run("DROP TABLE temp.millrace_kept");
}
