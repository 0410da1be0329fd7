import { planRestore } from "../checkpoint/restore.ts";
import { messageOf, SqlError } from "../contract/errors.ts";
import type { JobMaster } from "./job-master.ts";
import { type JobPlan, type JobServices, parallelisms } from "./launch.ts";
import { isOver } from "./states.ts";

/**
 * Prepares a job whose tasks do not run for another parallelism. Rows that an unaligned checkpoint found in flight belong to the
 * subtasks of its time, each of which had gone its own way in event time: others cannot go on from them. So the job first runs as it
 * was, on the slots that it is to have then, and the aligned checkpoint that it is stopped with is where the others begin
 * (decisions/0019). True: it is halted; false: nothing had to be done, and it is left as it is.
 */
export async function settle({ store, log }: JobServices, master: JobMaster, plan: JobPlan): Promise<boolean> {
  const before = master.plan;
  if (master.state === "RUNNING" || parallelisms(before) === parallelisms(plan)) return false;
  const { checkpoint, inFlight } = await planRestore(store, before.layout, before.submission.checkpoints.retained);
  if (!inFlight.unaligned) return false;
  log(
    "info",
    `job "${master.name}": before its parallelism changes it runs on from checkpoint ${checkpoint}, which overtook rows, to an aligned checkpoint`,
  );
  await master.halt("the job is being given another parallelism");
  if (isOver(master.state)) return true;
  await master.resume({ ...before, runsOnSlotsOf: plan.topology });
  try {
    if (!(await master.comesToRun()))
      throw new SqlError({ sqlState: "55000", message: master.history.exceptions.at(-1)?.message ?? "its tasks did not start" });
    await master.halt("the job is being given another parallelism");
    return true;
  } catch (error) {
    master.replan(before);
    throw unsettled(master.name, error);
  }
}

const unsettled = (job: string, error: unknown): SqlError =>
  new SqlError({
    sqlState: "55000",
    message: `job "${job}" cannot be given another parallelism yet: its last checkpoint overtook rows, and it did not come to an aligned one`,
    detail: messageOf(error),
    hint: "It goes on at its old parallelism. Try again when it runs.",
  });
