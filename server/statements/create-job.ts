import type { PlannedJob } from "../../planner/api.ts";
import type { CatalogObject, JobObject } from "../../planner/catalog.ts";
import type { JobBody, Name, Options, SqlText, Statement, StatementOf } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import { waitingText } from "../serving/system-tables.ts";
import type { Outcome } from "../session/execution.ts";
import { inUse } from "./dependents.ts";
import { dropAll } from "./drop.ts";
import { savepointFile } from "./savepoint.ts";
import { command, type Handler, notice, type StatementContext } from "./context.ts";

export const createStreamingJob: Handler<"createStreamingJob"> = {
  execute: (statement, context) => createJob(statement, "CREATE STREAMING JOB", context),
};

export const createMaterializedView: Handler<"createMaterializedView"> = {
  execute: (statement, context) => createJob(statement, "CREATE MATERIALIZED VIEW", context),
};

export type JobStatement = StatementOf<"createStreamingJob"> | StatementOf<"createMaterializedView">;

export const isJobStatement = (statement: Statement): statement is JobStatement =>
  statement.kind === "createStreamingJob" || statement.kind === "createMaterializedView";

/** Plans, keeps and starts a job; `tag` is the command's. */
export async function createJob(statement: JobStatement, tag: string, context: StatementContext): Promise<Outcome> {
  const { name } = statement.name;
  const replaced = replacedBy(statement, context);
  if (replaced === null && !context.catalog.isFree(statement.name, statement.ifNotExists)) {
    return command(tag, [notice(`relation "${name}" already exists, skipping`)]);
  }
  const before = context.catalog.frozen();
  const planned = await planJob(statement, {}, context);
  if (planned.dependencies.includes(name)) {
    throw new SqlError({ sqlState: "42P01", message: `"${name}" cannot read itself`, at: statement.name.at });
  }
  const taken = planned.resultTables.find((table) => table.name !== name && context.catalog.get(table.name) !== null);

  if (taken !== undefined) {
    throw new SqlError({ sqlState: "42P07", message: `relation "${taken.name}" already exists`, at: statement.name.at });
  }
  const { savepoint } = planned;
  const from =
    savepoint === null ? null : await savepointFile(savepoint, statement.options.get("from_savepoint")?.at ?? statement.name.at, context);
  const job = jobOf(statement, planned);
  // Only now, for the new one can be planned.
  const isThere = replacedBy(statement, context);
  if (isThere !== null) await dropAll([isThere], statement.name.at, context);
  context.catalog.requireUnchanged(before, planned.dependencies, statement.name.at);
  // From now on what it reads cannot be dropped without it.
  context.catalog.put(job);
  const restored: string[] = [];
  try {
    // The definition is durable before the job runs: a job that runs without a definition could not be found again.
    await context.catalogStore.add({ name, kind: job.kind, definition: job.definition, overrides: {} });
    restored.push(...(await context.engine.submit({ name, ...planned, savepoint: from })));
  } catch (error) {
    context.catalog.remove(name);
    await context.engine.drop(name).catch(() => undefined); // the submission's own error is the one to report
    await context.catalogStore.remove(name);
    throw error;
  }
  const shortage = context.engine.job(name)?.waitsFor ?? null;
  const waiting = shortage === null ? [] : [`job "${name}" ${waitingText(shortage)}`];
  return command(tag, [...planned.notices, ...restored, ...waiting].map(notice));
}

/** The job that OR REPLACE means. It begins anew: nothing may depend on what it was. */
function replacedBy(statement: JobStatement, { catalog }: StatementContext): CatalogObject | null {
  const object = statement.orReplace ? catalog.get(statement.name.name) : null;
  const kind = statement.kind === "createStreamingJob" ? "streamingJob" : "materializedView";
  if (object === null || object.kind !== kind) return null;
  const dependents = catalog.dependents(object.name);
  if (dependents.length === 0) return object;
  throw inUse("replace", object, dependents, statement.name.at, "Drop them first.");
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
    catalog: context.catalog.frozen(),
  });
}

function bodyOf(statement: JobStatement): JobBody {
  if (statement.kind === "createStreamingJob") return statement.body;
  const { query, emit, columns } = statement;
  return { kind: "select", query: columns === null ? query : named(query, columns), emit };
}

/** The query under other names of its columns; positions within it stay. */
function named({ text, at }: SqlText, columns: readonly string[]): SqlText {
  const before = "SELECT * FROM (";
  return { text: `${before}${text}) AS " mr view" (${columns.map(quoteName).join(", ")})`, at: at - before.length };
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
