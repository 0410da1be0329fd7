import { SqlError } from "../../runtime/contract/errors.ts";
import type { JobState } from "../../runtime/contract/control.ts";
import { command, type Handler, type StatementContext } from "./context.ts";

/** Rows that a job has yet to take are looked for again after this long. */
const poll_ms = 10;
/** A checkpoint may fail while its job is restarting. */
const failures_max = 3;

/**
 * FLUSH: waits until all that was committed before it is in the results of all jobs. Each job is waited for once the jobs that it
 * reads from have come so far. A job that has ended has no more to show.
 */
export const flush: Handler<"flush"> = {
  async execute(_statement, context, session) {
    let stop: () => void = () => undefined;
    const canceled = new Promise<never>((_, reject) => {
      stop = () => reject(new SqlError({ sqlState: "57014", message: "canceling statement due to user request" }));
    });
    const run = { canceled: false };
    session.onCancel.add(stop);
    try {
      await Promise.race([flushAll(context, run), canceled]);
    } finally {
      run.canceled = true;
      session.onCancel.delete(stop);
    }
    return command("FLUSH");
  },
};

interface Run {
  canceled: boolean;
}

async function flushAll(context: StatementContext, run: Run): Promise<void> {
  const { catalog, engine } = context;
  const jobs = catalog.all().filter(({ kind }) => kind === "streamingJob" || kind === "materializedView");
  for (const { name } of jobs) requireRunning(name, context);
  const flushed = new Map<string, Promise<void>>();
  const flushedOnce = (name: string): Promise<void> => {
    const known = flushed.get(name);
    if (known !== undefined) return known;
    const upstream = engine.changeLogs.inputsOf(name).flatMap((table) => ownerOf(table, context));
    const done = Promise.all(upstream.map(flushedOnce)).then(() => flushJob(name, context, run));
    flushed.set(name, done);
    return done;
  };
  await Promise.all(jobs.map(({ name }) => flushedOnce(name)));
}

/** The job whose result, late or bad rows the table holds. */
function ownerOf(table: string, { catalog }: StatementContext): readonly string[] {
  const isOf = (object: ReturnType<typeof catalog.all>[number]): boolean =>
    (object.kind === "streamingJob" || object.kind === "materializedView") &&
    (object.name === table || object.sideTables.some(({ name }) => name === table));
  return catalog.all().flatMap((object) => (isOf(object) ? [object.name] : []));
}

/** The rows that the job's input tables have now go through it, and a checkpoint makes them visible. */
async function flushJob(name: string, context: StatementContext, run: Run): Promise<void> {
  const { engine, world } = context;
  const { changeLogs } = engine;
  const heads = changeLogs.inputsOf(name).map((table) => ({ table, head: changeLogs.head(table) }));
  const has = (what: "taken" | "committed"): boolean =>
    heads.every(({ table, head }) => (changeLogs.progressOf(name, table)[what] ?? Number.NEGATIVE_INFINITY) >= head);
  let checkpointed = false;
  let failures = 0;
  while (!run.canceled && requireRunning(name, context) && !(checkpointed && has("committed"))) {
    if (has("taken") && engine.job(name)?.state === "RUNNING") {
      try {
        await engine.checkpoint(name);
        checkpointed = true;
        continue;
      } catch (error) {
        if (++failures > failures_max) throw error;
      }
    }
    await new Promise<void>((resolve) => world.timers.after(poll_ms, resolve));
  }
}

const over: readonly (JobState | undefined)[] = ["FINISHED", "CANCELED", undefined];
const stopped: readonly (JobState | undefined)[] = ["PAUSED", "FAILING", "FAILED", "CANCELLING", "SUSPENDED"];

/** False for a job that has ended. Throws SqlError 55000 for one that stands still. */
function requireRunning(name: string, { engine }: StatementContext): boolean {
  const state = engine.job(name)?.state;
  if (over.includes(state)) return false;
  if (!stopped.includes(state)) return true;
  const why = engine.job(name)?.fault?.message;
  throw new SqlError({
    sqlState: "55000",
    message: `FLUSH cannot wait for job "${name}": it is ${state}`,
    detail: state === "FAILED" ? why : undefined,
    hint: "Resume it, cancel it or drop it.",
  });
}
