import type { AutoscaleOptions, JobInfo, VertexInfo } from "../../runtime/contract/control.ts";
import { messageOf } from "../../runtime/contract/errors.ts";
import type { StatementContext } from "../statements/context.ts";
import { type JobStatement, planJob } from "../statements/create-job.ts";
import { rescale } from "../statements/job-control.ts";
import { parseOne } from "../statements/parse-one.ts";
import { decideScale, type LoadSample } from "./decide.ts";

const sample_ms = 250;
const samplesPerInterval = 8;

/** What is remembered of a job while its parallelism stays. */
interface Watched {
  readonly parallelism: number;
  readonly since_ms: number;
  samples: readonly LoadSample[];
}

/** Samples the load of the jobs that have bounds, and rescales those that need it, one at a time. The returned call ends it. */
export function startAutoscaler(context: StatementContext, log: (line: string) => void): () => void {
  const watched = new Map<string, Watched>();
  let busy = false;
  const look = async (): Promise<void> => {
    for (const job of context.engine.jobs()) {
      if (job.autoscale === null || job.state !== "RUNNING") watched.delete(job.name);
      else await consider(job, job.autoscale, watched, context, log);
    }
  };
  return context.world.timers.every(sample_ms, () => {
    if (busy) return;
    busy = true;
    void look()
      .catch((error: unknown) => log(`error: autoscaling failed: ${messageOf(error)}`))
      .finally(() => (busy = false));
  });
}

async function consider(
  job: JobInfo,
  options: AutoscaleOptions,
  watched: Map<string, Watched>,
  context: StatementContext,
  log: (line: string) => void,
): Promise<void> {
  const now_ms = context.world.clock.monotonic_ms();
  const before = watched.get(job.name);
  const own = before?.parallelism === job.parallelism ? before : { parallelism: job.parallelism, since_ms: now_ms, samples: [] };
  watched.set(job.name, own);
  const last_ms = own.samples.at(-1)?.at_ms ?? 0;
  if (now_ms - last_ms >= Math.max(sample_ms, options.interval_ms / samplesPerInterval))
    own.samples = [...own.samples, { at_ms: now_ms, ...loadOf(job.vertices) }].slice(-4 * samplesPerInterval);
  const decision = decideScale({ now_ms, options, ...own, slots: slotsOf(context) });
  if (decision.do === "stay") return;
  log(`info: job "${job.name}": parallelism ${job.parallelism} becomes ${decision.parallelism}, as of ${decision.reason}`);
  watched.delete(job.name);
  await scaleTo(job.name, decision.parallelism, context).catch((error: unknown) =>
    log(`error: job "${job.name}" could not be rescaled: ${messageOf(error)}`),
  );
}

const slotsOf = ({ engine }: StatementContext): number => engine.taskManagers().reduce((sum, { slots }) => sum + slots.length, 0);

type Subtask = VertexInfo["subtasks"][number];

/** Vertices share the slots' threads: what all of them do there is as much of a limit as what one of them does. */
function loadOf(vertices: readonly VertexInfo[]): Omit<LoadSample, "at_ms"> {
  const mean = (shares: readonly number[]): number => shares.reduce((sum, share) => sum + share, 0) / Math.max(1, shares.length);
  const highest = (share: (s: Subtask) => number): number => Math.max(0, ...vertices.map(({ subtasks }) => mean(subtasks.map(share))));
  const bySlot = new Map<number, number>();
  for (const { slot, busy_ratio } of vertices.flatMap(({ subtasks }) => subtasks))
    if (slot !== null) bySlot.set(slot, Math.min(1, (bySlot.get(slot) ?? 0) + busy_ratio));
  return {
    busy: Math.max(
      highest((s) => s.busy_ratio),
      mean([...bySlot.values()]),
    ),
    backpressured: highest((s) => s.backpressured_ratio),
  };
}

async function scaleTo(name: string, parallelism: number, context: StatementContext): Promise<void> {
  const object = context.catalog.get(name);
  if (object?.kind !== "streamingJob" && object?.kind !== "materializedView") return;
  const overrides = { ...(await context.catalogStore.overrides(name)), parallelism: `${parallelism}` };
  const planned = await planJob(parseOne(object.definition) as JobStatement, overrides, context);
  await rescale(name, planned, overrides, "automatic", context);
}
