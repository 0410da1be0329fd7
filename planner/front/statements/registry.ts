import { createMaterializedView, createView } from "./create-view.ts";
import { createFunction } from "./create-function.ts";
import { createSink } from "./create-sink.ts";
import { createSource } from "./create-source.ts";
import { createStreamingJob } from "./create-streaming-job.ts";
import { createTable } from "./create-table.ts";
import { drop, dropFunction } from "./drop.ts";
import { explain } from "./explain.ts";
import { form, type StatementForm, textForm } from "./form.ts";
import { alterJob, cancelJob, checkpointJob, createSavepoint, dropSavepoint, stopJob } from "./jobs.ts";
import { modify, withQuery } from "./modify.ts";
import { deallocate, discard, execute, prepare } from "./prepared.ts";
import { query } from "./query.ts";
import { reset, set } from "./settings.ts";
import { describe, show } from "./show.ts";
import { begin, commit, rollback, startTransaction } from "./transaction.ts";
import { alterByRename, alterTable } from "./alter.ts";
import { copy } from "./copy.ts";
import { truncate } from "./truncate.ts";
import { unsupportedForms } from "./unsupported.ts";

/** Every statement by its leading keywords. CREATE forms also answer to CREATE OR REPLACE. */
export const statementForms: readonly StatementForm[] = [
  textForm("SELECT", query),
  textForm("VALUES", query),
  textForm("TABLE", query),
  textForm("FROM", query),
  textForm("WITH", withQuery),
  textForm("INSERT", modify("insert")),
  textForm("UPDATE", modify("update")),
  textForm("DELETE", modify("delete")),
  form("CREATE SOURCE", createSource),
  form("CREATE TABLE", createTable),
  form("CREATE SINK", createSink),
  form("CREATE FUNCTION", createFunction),
  form("CREATE VIEW", createView),
  form("CREATE MATERIALIZED VIEW", createMaterializedView),
  form("CREATE STREAMING JOB", createStreamingJob),
  form("DROP SOURCE", drop("source")),
  form("DROP TABLE", drop("table")),
  form("DROP SINK", drop("sink")),
  form("DROP FUNCTION", dropFunction),
  form("DROP VIEW", drop("view")),
  form("DROP MATERIALIZED VIEW", drop("materializedView")),
  form("DROP STREAMING JOB", drop("streamingJob")),
  form("ALTER STREAMING JOB", alterJob("streamingJob")),
  form("ALTER MATERIALIZED VIEW", alterJob("materializedView")),
  form("CANCEL STREAMING JOB", cancelJob),
  form("STOP STREAMING JOB", stopJob),
  form("CHECKPOINT STREAMING JOB", checkpointJob),
  form("CREATE SAVEPOINT", createSavepoint),
  form("DROP SAVEPOINT", dropSavepoint),
  form("SHOW", show),
  form("DESCRIBE", describe),
  form("DESC", describe),
  form("EXPLAIN", explain),
  form("SET", set),
  form("RESET", reset),
  form("BEGIN", begin),
  form("START TRANSACTION", startTransaction),
  form("COMMIT", commit),
  form("END", commit),
  form("ROLLBACK", rollback),
  form("ABORT", rollback),
  form("PREPARE", prepare),
  form("EXECUTE", execute),
  form("DEALLOCATE", deallocate),
  form("DISCARD", discard),
  form("TRUNCATE", truncate),
  form("COPY", copy),
  form("ALTER TABLE", alterTable),
  form("ALTER SOURCE", alterByRename("source", "Use CREATE OR REPLACE SOURCE.")),
  form("ALTER SINK", alterByRename("sink")),
  form("ALTER VIEW", alterByRename("view", "Use CREATE OR REPLACE VIEW.")),
  form("FLUSH", () => ({ kind: "flush" })),
  ...unsupportedForms,
];
