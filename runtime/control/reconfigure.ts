import type { RescaleTrigger } from "../contract/control.ts";
import type { StoreTransaction } from "../contract/store.ts";
import { widthOf } from "./job-info.ts";
import type { JobMaster } from "./job-master.ts";
import { type JobPlan, type JobServices, parallelisms } from "./launch.ts";
import { settle } from "./settle.ts";

/** Runs a job on with another plan of the same query. What it cost is kept in the job's history when its parallelism has changed. */
export async function reconfigure(
  services: JobServices,
  master: JobMaster,
  plan: JobPlan,
  trigger: RescaleTrigger,
  also: (transaction: StoreTransaction) => Promise<void>,
): Promise<void> {
  const before = master.plan;
  const { world, store } = services;
  const { clock } = world;
  const [at_ms, start_ms] = [clock.now_ms(), clock.monotonic_ms()];
  const settled = await settle(services, master, plan);
  const stop_ms = settled ? clock.monotonic_ms() : await master.halt("the job is being reconfigured");
  const ended = master.state !== "SUSPENDED";
  try {
    await store.transact(also);
  } catch (error) {
    if (!ended) await master.resume(before);
    throw error;
  }
  if (ended) return;
  await master.resume(plan);
  const runs = await master.comesToRun();
  if (parallelisms(before) === parallelisms(plan)) return;
  master.history.rescaled({
    at_ms,
    trigger,
    from: widthOf(before.topology),
    to: widthOf(plan.topology),
    checkpoint_ms: stop_ms - start_ms,
    downtime_ms: runs ? clock.monotonic_ms() - stop_ms : null,
  });
}
