import { planRestore } from "../checkpoint/restore.ts";
import { readInFlight } from "../checkpoint/restore-in-flight.ts";
import type { Alteration, JobState, MisfitPolicy, StateChange } from "../contract/control.ts";
import { connected } from "../contract/connected.ts";
import { messageOf, SqlError } from "../contract/errors.ts";
import type { StoreTransaction } from "../contract/store.ts";
import { sleep } from "../contract/wait.ts";
import {
  type Assessment,
  assess,
  change,
  type ChangeRequest,
  type JobShape,
  reportOf,
  requireFit,
  settle,
  takeBack,
} from "../evolution/alteration.ts";
import type { Publish } from "../tables/change-logs.ts";
import type { JobMaster } from "./job-master.ts";
import type { JobPlan, JobServices } from "./launch.ts";
import { isOver, isResting, notNow } from "./states.ts";

const shapeOf = ({ topology, layout, submission }: JobPlan): JobShape => ({
  graph: topology.graph,
  layout,
  results: submission.resultTables,
});

const assessPlans = ({ store }: JobServices, before: JobPlan, after: JobPlan): Promise<Assessment> =>
  connected(store, (connection) => assess(connection, shapeOf(before), shapeOf(after)));

/** What altering the job would do with its state, as the store has it now. */
export async function planAlteration(
  services: JobServices,
  before: JobPlan,
  after: JobPlan,
  misfit: MisfitPolicy,
): Promise<readonly StateChange[]> {
  return reportOf(await assessPlans(services, before, after), misfit);
}

/**
 * Stops the job with a checkpoint, changes its state in one transaction and runs it on with the other plan. The change holds once a
 * checkpoint has been taken that way; until then everything can be taken back.
 */
export async function alterJob(
  services: JobServices,
  master: JobMaster,
  after: JobPlan,
  alteration: Alteration,
): Promise<readonly StateChange[]> {
  const before = master.plan;
  const { name } = alteration.submission;
  requireFit(name, await planAlteration(services, before, after, alteration.misfit));
  // It may have come to its end while this waited for other statements, or for the store.
  if (isOver(master.state)) throw notNow(name, master.state, "cannot be altered");
  const runs = !isResting(master.state);
  if (!runs) await requireRowsInFlightFit(services, before, after);
  if (runs) await master.halt("the job is being altered");
  const state: JobState = master.state;
  if (runs && state !== "SUSPENDED") throw notNow(name, state, "cannot be altered");
  const request = await changed(services, before, after, alteration).catch(async (error: unknown) => {
    if (runs) await runOnAsBefore(master, before);
    throw error;
  });
  master.replan(after);
  const failure = runs ? await runOn(master, after) : null;
  if (failure !== null) {
    await master.halt("its alteration is being taken back", false);
    await persistently(services, name, () =>
      published(services, request, async (transaction) => {
        await alteration.revert(transaction);
        return takeBack(transaction, request);
      }),
    );
    await runOnAsBefore(master, before);
    throw failedError(name, failure);
  }
  await persistently(services, name, () => published(services, request, (transaction) => settle(transaction, request)));
  return reportOf(request.assessment, alteration.misfit);
}

const retry_ms_min = 50;
const retry_ms_max = 5_000;

/** A job that runs is stopped with an aligned checkpoint. The last one of a job that does not may have overtaken rows, on edges that the new plan does not have. */
async function requireRowsInFlightFit({ store }: JobServices, before: JobPlan, { layout }: JobPlan): Promise<void> {
  const { checkpoint, deltas, inFlight } = await planRestore(store, before.layout, before.submission.checkpoints.retained);
  if (checkpoint === null || !inFlight.unaligned) return;
  await connected(store, (connection) => readInFlight(connection, layout, checkpoint, deltas)).catch((error: unknown) => {
    throw new SqlError({
      sqlState: "55000",
      message: `job "${layout.job}" cannot be altered: ${messageOf(error)}`,
      hint: "RESUME the job first, and alter it when it runs.",
    });
  });
}

async function changed(services: JobServices, before: JobPlan, after: JobPlan, alteration: Alteration): Promise<ChangeRequest> {
  const assessment = await assessPlans(services, before, after);
  requireFit(alteration.submission.name, reportOf(assessment, alteration.misfit));
  const rebuild = alteration.misfit === "rebuild";
  const request = { tables: services.tables, before: shapeOf(before), after: shapeOf(after), assessment, rebuild };
  await published(services, request, async (transaction) => {
    await alteration.apply(transaction);
    return change(transaction, request);
  });
  return request;
}

async function published(
  services: JobServices,
  { before, after }: ChangeRequest,
  body: (transaction: StoreTransaction) => Promise<Publish>,
): Promise<void> {
  const inputs = [...new Set([...before.layout.inputs, ...after.layout.inputs].map(({ table }) => table))];
  const publish = await services.tables.exclusively(inputs, () => services.store.transact(body));
  publish();
}

/** What must be written for the job to be wholly the one or the other: a store that fails once may not fail again. */
async function persistently({ world, log }: JobServices, job: string, write: () => Promise<void>): Promise<void> {
  for (let wait_ms = retry_ms_min; ; wait_ms *= 2) {
    try {
      return await write();
    } catch (error) {
      if (wait_ms > retry_ms_max) throw error;
      log("warn", `job "${job}": the end of its alteration is written again in ${wait_ms} ms: ${messageOf(error)}`);
      await sleep(world, wait_ms);
    }
  }
}

/** Why the job did not come to a checkpoint with the plan; null when it did. */
async function runOn(master: JobMaster, plan: JobPlan): Promise<string | null> {
  try {
    await master.resume(plan);
    await master.attempt?.coordinator.request();
  } catch (error) {
    if (master.state !== "FINISHED") return master.history.exceptions.at(-1)?.message ?? messageOf(error);
  }
  return master.state === "RUNNING" || master.state === "FINISHED"
    ? null
    : (master.history.exceptions.at(-1)?.message ?? `it is ${master.state}`);
}

/** Unless the job has been canceled meanwhile: then that is what its user is told. */
async function runOnAsBefore(master: JobMaster, before: JobPlan): Promise<void> {
  master.replan(before);
  if (master.state !== "CANCELED") return master.resume(before);
  throw new SqlError({ sqlState: "55000", message: `job "${master.name}" was canceled while it was altered` });
}

const failedError = (name: string, why: string): SqlError =>
  new SqlError({
    sqlState: "58000",
    message: `job "${name}" could not run with the new query, and runs on as before: ${why}`,
  });
