import type { PlannedJob } from "../../planner/api.ts";
import type { JobObject } from "../../planner/catalog.ts";
import type { JobBody, Name, Options, StatementOf } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import type { Outcome } from "../session/execution.ts";
import { savepointFile } from "./savepoint.ts";
import { command, type Handler, notice, type StatementContext } from "./context.ts";

export const createStreamingJob: Handler<"createStreamingJob"> = {
  execute: (statement, context) => create(statement, "CREATE STREAMING JOB", context),
};

export const createMaterializedView: Handler<"createMaterializedView"> = {
  execute: (statement, context) => create(statement, "CREATE MATERIALIZED VIEW", context),
};

export type JobStatement = StatementOf<"createStreamingJob"> | StatementOf<"createMaterializedView">;

async function create(statement: JobStatement, tag: string, context: StatementContext): Promise<Outcome> {
  const { name } = statement.name;
  if (!context.catalog.isFree(statement.name, statement.ifNotExists)) {
    return command(tag, [notice(`relation "${name}" already exists, skipping`)]);
  }
  const planned = await planJob(statement, {}, context);
  const taken = planned.resultTables.find((table) => table.name !== name && context.catalog.get(table.name) !== null);
  if (taken !== undefined) {
    throw new SqlError({ sqlState: "42P07", message: `relation "${taken.name}" already exists`, at: statement.name.at });
  }
  const { savepoint } = planned;
  const from =
    savepoint === null ? null : await savepointFile(savepoint, statement.options.get("from_savepoint")?.at ?? statement.name.at, context);
  const job = jobOf(statement, planned);
  // The definition is durable before the job runs: a job that runs without a definition could not be found again.
  await context.catalogStore.add({ name, kind: job.kind, definition: job.definition, overrides: {} });
  context.catalog.put(job);
  try {
    await context.engine.submit({ name, ...planned, savepoint: from });
  } catch (error) {
    context.catalog.remove(name);
    await context.engine.drop(name).catch(() => undefined); // the submission's own error is the one to report
    await context.catalogStore.remove(name);
    throw error;
  }
  return command(tag, planned.notices.map(notice));
}

/** Plans a job statement; `overrides` are options that ALTER … SET changed since. */
export function planJob(
  statement: JobStatement,
  overrides: Readonly<Record<string, string>>,
  context: StatementContext,
): Promise<PlannedJob> {
  return context.planner.planJob({
    name: statement.name.name,
    body: bodyOf(statement),
    options: withOverrides(statement.options, overrides, statement.name),
    catalog: context.catalog,
  });
}

function bodyOf(statement: JobStatement): JobBody {
  if (statement.kind === "createStreamingJob") return statement.body;
  if (statement.columns !== null) {
    throw new SqlError({
      sqlState: "0A000",
      message: "a materialized view takes its column names from its query",
      hint: "Name them there: SELECT … AS name.",
      at: statement.name.at,
    });
  }
  return { kind: "select", query: statement.query, emit: statement.emit };
}

function withOverrides(options: Options, overrides: Readonly<Record<string, string>>, name: Name): Options {
  const merged = new Map(options);
  for (const [key, value] of Object.entries(overrides)) merged.set(key, { value, at: name.at });
  return merged;
}

export function jobOf(statement: JobStatement, planned: PlannedJob): JobObject {
  return {
    kind: statement.kind === "createStreamingJob" ? "streamingJob" : "materializedView",
    name: statement.name.name,
    definition: statement.text,
    result: planned.resultTables.find((table) => table.name === statement.name.name) ?? null,
    dependencies: planned.dependencies,
    sideTables: planned.resultTables.filter((table) => table.name !== statement.name.name),
  };
}
