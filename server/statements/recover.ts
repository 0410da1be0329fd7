import type { CatalogRow } from "../catalog/catalog-store.ts";
import { messageOf } from "../../runtime/contract/errors.ts";
import type { JobSubmission, SavepointOrigin } from "../../runtime/contract/control.ts";
import type { FunctionObject } from "../../planner/catalog.ts";
import type { StatementContext } from "./context.ts";
import { jobOf, planJob } from "./create-job.ts";
import { sinkOf, sourceOf } from "./create-source.ts";
import { tableOf } from "./create-table.ts";
import { viewOf } from "./create-view.ts";
import { parseOne } from "./parse-one.ts";
import { savepointFile } from "./savepoint.ts";

/**
 * Makes the catalog again from its kept definitions, in the order of their creation, and hands every job to the engine, which
 * lets each go on from its last checkpoint (or stay finished, paused, failed). An object that cannot be made any more is reported
 * and left in the store: the server comes up without it.
 */
export async function recover(rows: readonly CatalogRow[], context: StatementContext, log: (line: string) => void): Promise<void> {
  // Functions first: a view may have been replaced by one that calls a function made after it.
  const isFunction = (row: CatalogRow): boolean => row.kind === "function";
  for (const row of [...rows.filter(isFunction), ...rows.filter((r) => !isFunction(r))]) {
    try {
      const submission = await restore(row, context);
      if (submission !== null) await context.engine.submit(submission);
    } catch (error) {
      log(`cannot restore ${row.kind} "${row.name}": ${messageOf(error)}`);
      if (isJob(row) && !(await hasRun(row.name, context))) await forget(row.name, context, log);
    }
  }
}

const isJob = ({ kind }: CatalogRow): boolean => kind === "streamingJob" || kind === "materializedView";

async function hasRun(job: string, { store }: StatementContext): Promise<boolean> {
  const connection = await store.connect();
  try {
    return (await (await connection.query("SELECT 1 FROM millrace.job_runs WHERE job = ?", [job])).rows()).length > 0;
  } finally {
    connection.close();
  }
}

/** The server died while the job was created, and whoever stated it was never told that it is there. */
async function forget(job: string, { catalog, catalogStore }: StatementContext, log: (line: string) => void): Promise<void> {
  await catalogStore.remove(job);
  catalog.remove(job);
  log(`job "${job}" had not been created to its end and is forgotten`);
}

async function restore(row: CatalogRow, context: StatementContext): Promise<JobSubmission | null> {
  const statement = parseOne(row.definition);
  switch (statement.kind) {
    case "createSource":
      context.catalog.put(await sourceOf(statement, context));
      return null;
    case "createSink":
      context.catalog.put(await sinkOf(statement, context));
      return null;
    case "createTable":
      context.catalog.put(await tableOf(statement, context));
      return null;
    case "createFunction": {
      const created = await context.planner.bindFunction(statement, context.catalog.frozen());
      await declareAgain(created, context);
      context.catalog.putFunction(created);
      return null;
    }
    case "createView":
      context.catalog.put(await viewOf(statement, context));
      return null;
    case "createStreamingJob":
    case "createMaterializedView": {
      const planned = await planJob(statement, row.overrides, context);
      context.catalog.put(jobOf(statement, planned));
      return { name: row.name, ...planned, savepoint: await originOf(planned.savepoint, context) };
    }
    default:
      throw new Error(`invariant: a ${statement.kind} statement is no definition`);
  }
}

/** A job that has run does not need the file any more, which may be gone. */
const originOf = async (said: SavepointOrigin | null, context: StatementContext): Promise<SavepointOrigin | null> =>
  said === null ? null : savepointFile(said, 0, context).catch(() => said);

/** The store's macros stay; the functions in JavaScript that they call are this process's. */
async function declareAgain(created: FunctionObject, { functions, store }: StatementContext): Promise<void> {
  const macro = functions.declare(created);
  if (created.language === "javascript") await store.transact((transaction) => transaction.run(macro));
}
