import type { AutoscaleOptions } from "../../runtime/contract/control.ts";

/** How loaded a job was at a moment: shares of time, 0 to 1, of its busiest vertex (mean over its subtasks). */
export interface LoadSample {
  readonly at_ms: number;
  readonly busy: number;
  /** Of the vertex that waits most for those behind it. */
  readonly backpressured: number;
}

export interface LoadFacts {
  readonly now_ms: number;
  readonly options: AutoscaleOptions;
  readonly parallelism: number;
  /** A subtask more than there are slots would take turns with another one. */
  readonly slots: number;
  /** Since it runs as it does, oldest first. */
  readonly samples: readonly LoadSample[];
  /** When it came to run as it does. */
  readonly since_ms: number;
}

export type ScaleDecision = { readonly do: "stay" } | { readonly do: "rescale"; readonly parallelism: number; readonly reason: string };

/** Above it there are too few subtasks; below `idle` too many; what is aimed at lies between, so that the answer to a change is not to change back. */
const thresholds = { busy: 0.85, idle: 0.35, aim: 0.6 } as const;
/** A change costs a stop: the job runs for so many intervals before the next one. */
const coolDown_intervals = 4;
const growth_max = 2;
/** What sums of shares are off by. */
const rounding = 1e-9;
/** Fewer say nothing of an interval. */
const samples_min = 3;

/**
 * The parallelism that a job's load asks for. It is raised when the busiest vertex was busy (or one waits for it) in every sample of an
 * interval, lowered when it was mostly idle in all of them, and brought within its bounds at once.
 */
export function decideScale(facts: LoadFacts): ScaleDecision {
  const { now_ms, options, parallelism, slots, since_ms } = facts;
  const max = Math.max(1, Math.min(options.max, slots));
  const min = Math.min(options.min, max);
  if (parallelism < min || parallelism > max) return to(parallelism < min ? min : max, "its bounds");
  if (now_ms - since_ms < coolDown_intervals * options.interval_ms) return { do: "stay" };
  const recent = facts.samples.filter(({ at_ms }) => at_ms > now_ms - options.interval_ms);
  if (recent.length < samples_min) return { do: "stay" };
  const busy = recent.reduce((sum, sample) => sum + sample.busy, 0) / recent.length;
  const wanted = Math.ceil((parallelism * busy) / thresholds.aim - rounding);
  const percent = `${Math.round(100 * busy)} % busy`;
  if (recent.every(isOverloaded)) {
    const wider = Math.min(max, Math.max(parallelism + 1, Math.min(wanted, parallelism * growth_max)));
    return wider > parallelism ? to(wider, `its busiest vertex was ${percent}`) : { do: "stay" };
  }
  if (recent.every(({ busy: share, backpressured }) => share < thresholds.idle && backpressured < thresholds.idle)) {
    const narrower = Math.max(min, Math.min(wanted, parallelism - 1));
    return narrower < parallelism ? to(narrower, `its busiest vertex was ${percent}`) : { do: "stay" };
  }
  return { do: "stay" };
}

/** Backpressure alone may come from outside: a slow sink does not get faster with more subtasks in front of it. */
const isOverloaded = ({ busy, backpressured }: LoadSample): boolean =>
  busy >= thresholds.busy || (busy >= thresholds.aim && backpressured >= thresholds.busy);

const to = (parallelism: number, reason: string): ScaleDecision => ({ do: "rescale", parallelism, reason });
