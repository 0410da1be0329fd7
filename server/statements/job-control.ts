import type { PlannedJob } from "../../planner/api.ts";
import type { Name, StatementOf } from "../../planner/front/statement.ts";
import type { RescaleTrigger } from "../../runtime/contract/control.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import type { Outcome } from "../session/execution.ts";
import { columns, command, count, type Handler, notice, rowsOutcome, staticColumns, type StatementContext } from "./context.ts";
import { planJob, type JobStatement } from "./create-job.ts";
import { takeSavepoint } from "./savepoint.ts";
import { alterQuery, changeColumns } from "./alter-query.ts";
import { parseOne } from "./parse-one.ts";

const jobKinds = ["streamingJob", "materializedView"] as const;

export const alterJob: Handler<"alterJob"> = {
  describe: async ({ action }) => ({ parameters: [], columns: action.do === "as" && action.dryRun ? changeColumns : null }),
  async execute(statement, context) {
    const job = context.catalog.require(statement.name, [statement.object]);
    const tag = statement.object === "streamingJob" ? "ALTER STREAMING JOB" : "ALTER MATERIALIZED VIEW";
    switch (statement.action.do) {
      case "pause":
        await context.engine.pause(job.name);
        return command(tag);
      case "resume":
        await resume(job, context);
        return command(tag);
      case "as":
        return alterQuery(job, statement.action, tag, context);
      case "set":
        return setOptions(statement, Object.fromEntries([...statement.action.options].map(([k, v]) => [k, v.value])), tag, context);
    }
  },
};

type JobState = NonNullable<ReturnType<StatementContext["engine"]["job"]>>["state"];

const resting: readonly (JobState | undefined)[] = ["PAUSED", "FAILED"];
const ended: readonly (JobState | undefined)[] = ["FINISHED", "CANCELED"];

/** With the options as they are now: they may have been set while the job was paused. */
async function resume(job: { readonly name: string; readonly definition: string }, context: StatementContext): Promise<void> {
  if (!resting.includes(context.engine.job(job.name)?.state)) return context.engine.resume(job.name);
  const planned = await planJob(parseOne(job.definition) as JobStatement, await context.catalogStore.overrides(job.name), context);
  await context.engine.resubmit({ name: job.name, ...planned });
}

/**
 * Plans with the new options first, so that a bad one changes nothing; then the job goes on from a last checkpoint.
 * A job that rests goes on resting, and has the options once it is resumed.
 */
async function setOptions(
  statement: StatementOf<"alterJob">,
  added: Readonly<Record<string, string>>,
  tag: string,
  context: StatementContext,
): Promise<Outcome> {
  const job = context.catalog.require(statement.name, jobKinds);
  const kept = await context.catalogStore.overrides(job.name);
  const overrides = { ...kept, ...added };
  const planned = await planJob(parseOne(job.definition) as JobStatement, overrides, context);
  const state = context.engine.job(job.name)?.state;
  if (ended.includes(state)) {
    throw new SqlError({ sqlState: "55000", message: `job "${job.name}" is ${state} and cannot be altered`, at: statement.name.at });
  }
  if (resting.includes(state)) await context.catalogStore.setOverrides(job.name, overrides);
  else await rescale(job.name, planned, overrides, "manual", context);
  return command(tag, planned.notices.map(notice));
}

/** The options and the plan made with them, for a job that runs. */
export const rescale = (
  name: string,
  planned: PlannedJob,
  overrides: Readonly<Record<string, string>>,
  trigger: RescaleTrigger,
  { engine, catalogStore }: StatementContext,
): Promise<void> =>
  engine.reconfigure({ name, ...planned, savepoint: null }, trigger, (transaction) =>
    catalogStore.setOverridesWithin(transaction, name, overrides),
  );

export const cancelJob: Handler<"cancelJob"> = {
  async execute(statement, context) {
    await context.engine.cancel(requireJob(statement.name, context));
    return command("CANCEL STREAMING JOB");
  },
};

export const stopJob: Handler<"stopJob"> = {
  async execute(statement, context) {
    const name = requireJob(statement.name, context);
    if (statement.drain) await context.engine.drain(name);
    else await context.engine.pause(name, "stopped");
    if (statement.savepoint !== null) await saveStopped(name, statement, context);
    return command("STOP STREAMING JOB");
  },
};

/** A job that was to stop with a savepoint, and has none, runs on; one that was drained has nothing to run on with. */
async function saveStopped(
  name: string,
  { drain, savepoint, name: job }: StatementOf<"stopJob">,
  context: StatementContext,
): Promise<void> {
  if (savepoint === null) return;
  try {
    await takeSavepoint(job, savepoint, context);
  } catch (error) {
    if (!drain) await context.engine.resume(name);
    throw error;
  }
}

const checkpointColumns = columns(count("checkpoint"));

export const checkpointJob: Handler<"checkpointJob"> = {
  describe: staticColumns(checkpointColumns),
  async execute(statement, context) {
    const id = await context.engine.checkpoint(requireJob(statement.name, context));
    return rowsOutcome(checkpointColumns, [[BigInt(id)]], () => "CHECKPOINT STREAMING JOB");
  },
};

const requireJob = (name: Name, context: StatementContext): string => context.catalog.require(name, jobKinds).name;
