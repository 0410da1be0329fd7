/** What a statement is for, and how it is written: the lines of docs/reference/statements.md, by the leading keywords of its form. */
interface StatementDoc {
  readonly doc: string;
  readonly syntax: string;
}

const options = "WITH (option = value, …)";

export const statementDocs: Readonly<Record<string, StatementDoc>> = {
  SELECT: { doc: "Answers from tables and results, as of the last completed checkpoints.", syntax: "SELECT …" },
  VALUES: { doc: "Rows that are written out.", syntax: "VALUES (expression, …), …" },
  TABLE: { doc: "All rows of a relation.", syntax: "TABLE name" },
  FROM: { doc: "A query that begins with its relations.", syntax: "FROM name [SELECT …] …" },
  WITH: {
    doc: "A query, or a change, with named queries.",
    syntax: "WITH [RECURSIVE] name AS (query), … { query | INSERT … | UPDATE … | DELETE … }",
  },
  INSERT: {
    doc: "Adds rows to a table.",
    syntax: "INSERT INTO name [(columns)] { VALUES … | query | DEFAULT VALUES } [ON CONFLICT …] [RETURNING …]",
  },
  UPDATE: { doc: "Changes rows of a table.", syntax: "UPDATE name SET column = expression, … [FROM …] [WHERE condition] [RETURNING …]" },
  DELETE: { doc: "Takes rows out of a table.", syntax: "DELETE FROM name [USING …] [WHERE condition] [RETURNING …]" },
  "CREATE SOURCE": {
    doc: "Names a stream: its columns, its watermark, where it comes from.",
    syntax: `CREATE [OR REPLACE] SOURCE [IF NOT EXISTS] name [(columns)] ${options}`,
  },
  "CREATE TABLE": {
    doc: "Makes a table whose rows come by INSERT and COPY.",
    syntax: "CREATE TABLE [IF NOT EXISTS] name { (columns, constraints) | AS query }",
  },
  "CREATE SINK": {
    doc: "Names where rows of jobs go to.",
    syntax: `CREATE SINK [IF NOT EXISTS] name [(columns)] [FROM relation] ${options}`,
  },
  "CREATE FUNCTION": {
    doc: "Makes a scalar function.",
    syntax: "CREATE [OR REPLACE] FUNCTION name(parameter type, …) RETURNS type LANGUAGE { sql | javascript } [STRICT] AS body",
  },
  "CREATE VIEW": { doc: "Names a query.", syntax: "CREATE [OR REPLACE] VIEW [IF NOT EXISTS] name [(columns)] AS query" },
  "CREATE MATERIALIZED VIEW": {
    doc: "Runs a query as a job whose result is kept up to date in a table.",
    syntax: `CREATE [OR REPLACE] MATERIALIZED VIEW [IF NOT EXISTS] name [(columns)] [${options}] AS query`,
  },
  "CREATE STREAMING JOB": {
    doc: "Runs a query as a job, into a table of its name or into sinks.",
    syntax: `CREATE [OR REPLACE] STREAMING JOB [IF NOT EXISTS] name [${options}] AS { query [EMIT …] | INSERT INTO sink query | BEGIN INSERT …; … END }`,
  },
  "DROP SOURCE": drops("SOURCE"),
  "DROP TABLE": drops("TABLE"),
  "DROP SINK": drops("SINK"),
  "DROP FUNCTION": drops("FUNCTION"),
  "DROP VIEW": drops("VIEW"),
  "DROP MATERIALIZED VIEW": drops("MATERIALIZED VIEW"),
  "DROP STREAMING JOB": drops("STREAMING JOB"),
  "ALTER STREAMING JOB": {
    doc: "Pauses, resumes or renames a job, sets its options, or gives it another query.",
    syntax: `ALTER STREAMING JOB name { PAUSE | RESUME | RENAME TO other | SET (option = value, …) | [${options}] AS query [DRY RUN] }`,
  },
  "ALTER MATERIALIZED VIEW": {
    doc: "The same for a materialized view.",
    syntax: `ALTER MATERIALIZED VIEW name { PAUSE | RESUME | RENAME TO other | SET (option = value, …) | [${options}] AS query [DRY RUN] }`,
  },
  "CANCEL STREAMING JOB": { doc: "Ends a job; its result stays readable.", syntax: "CANCEL STREAMING JOB name" },
  "STOP STREAMING JOB": {
    doc: "Stops a job with its state, or ends it with all its windows fired.",
    syntax: "STOP STREAMING JOB name [WITH DRAIN] [WITH SAVEPOINT savepoint [TO 'path']]",
  },
  "CHECKPOINT STREAMING JOB": { doc: "Takes a checkpoint now.", syntax: "CHECKPOINT STREAMING JOB name" },
  "CREATE SAVEPOINT": {
    doc: "Writes a job's state and result into a file.",
    syntax: "CREATE SAVEPOINT name FOR STREAMING JOB job [TO 'path']",
  },
  "DROP SAVEPOINT": { doc: "Deletes a savepoint with its file.", syntax: "DROP SAVEPOINT name" },
  SHOW: {
    doc: "Lists what there is, shows a definition or a setting.",
    syntax: "SHOW { JOBS | SOURCES | … | CREATE [kind] name | STATE FOR job | variable }",
  },
  DESCRIBE: { doc: "Columns of a relation.", syntax: "DESCRIBE name" },
  DESC: { doc: "Short for DESCRIBE.", syntax: "DESC name" },
  EXPLAIN: {
    doc: "Shows a plan, or how far event time is in a job.",
    syntax: "EXPLAIN { [(LOGICAL, STREAM, JOB)] statement | WATERMARK job }",
  },
  SET: { doc: "Sets a variable of the session.", syntax: "SET [SESSION | LOCAL] variable { = | TO } value" },
  RESET: { doc: "Sets a variable back to its default.", syntax: "RESET { variable | ALL }" },
  BEGIN: { doc: "Begins a transaction.", syntax: "BEGIN [TRANSACTION | WORK]" },
  "START TRANSACTION": { doc: "Begins a transaction.", syntax: "START TRANSACTION" },
  COMMIT: { doc: "Ends a transaction: its changes are there for all, jobs too.", syntax: "COMMIT" },
  END: { doc: "Another word for COMMIT.", syntax: "END" },
  ROLLBACK: { doc: "Ends a transaction as if it had not been.", syntax: "ROLLBACK" },
  ABORT: { doc: "Another word for ROLLBACK.", syntax: "ABORT" },
  PREPARE: { doc: "Keeps a statement with parameters in the session.", syntax: "PREPARE name AS statement" },
  EXECUTE: { doc: "Runs a prepared statement.", syntax: "EXECUTE name [(value, …)]" },
  DEALLOCATE: { doc: "Forgets a prepared statement.", syntax: "DEALLOCATE { name | ALL }" },
  DISCARD: { doc: "Forgets the session's settings and prepared statements.", syntax: "DISCARD ALL" },
  TRUNCATE: { doc: "Takes all rows out of tables.", syntax: "TRUNCATE [TABLE] name, …" },
  COPY: {
    doc: "Reads rows from the client or a file, or writes them there.",
    syntax: "COPY { name [(columns)] | (query) } { FROM | TO } { STDIN | STDOUT | 'file' } [format]",
  },
  "ALTER TABLE": {
    doc: "Adds, drops, renames or widens columns; renames the table.",
    syntax: "ALTER TABLE name { ADD COLUMN … | DROP COLUMN … | RENAME … TO … | ALTER COLUMN column TYPE type }",
  },
  "ALTER SOURCE": { doc: "Renames a source.", syntax: "ALTER SOURCE name RENAME TO other" },
  "ALTER SINK": { doc: "Renames a sink.", syntax: "ALTER SINK name RENAME TO other" },
  "ALTER VIEW": { doc: "Renames a view.", syntax: "ALTER VIEW name RENAME TO other" },
  FLUSH: { doc: "Waits until all that was committed before is in every result.", syntax: "FLUSH" },
};

function drops(kind: string): StatementDoc {
  return { doc: "With CASCADE, what needs it is dropped too.", syntax: `DROP ${kind} [IF EXISTS] name, … [CASCADE | RESTRICT]` };
}
