import type { RestartStrategy } from "../contract/control.ts";
import { assertNever, type RetryHint } from "../contract/errors.ts";

/** What a restart strategy remembers. Times are monotonic milliseconds. */
export interface RestartHistory {
  readonly restarts: number;
  readonly failures_ms: readonly number[];
  /** The last delay without jitter, and when the job was due to run again after it. */
  readonly backoff_ms: number | null;
  readonly resumed_ms: number;
}

export const noRestarts: RestartHistory = { restarts: 0, failures_ms: [], backoff_ms: null, resumed_ms: 0 };

export type RestartDecision =
  | { readonly do: "restart"; readonly delay_ms: number; readonly history: RestartHistory }
  | { readonly do: "fail"; readonly reason: string };

export interface RestartFacts {
  readonly now_ms: number;
  readonly retry: RetryHint;
  /** Uniform in [0, 1): spreads the restarts of many jobs. */
  readonly random: number;
  /** A slot has gone with the process that held it. */
  readonly slotLost: boolean;
}

/** Whether a failed job runs again and after how long. A fault that says `fail` is final, whatever the strategy. */
export function decideRestart(strategy: RestartStrategy, history: RestartHistory, facts: RestartFacts): RestartDecision {
  if (facts.retry === "fail") return { do: "fail", reason: "a restart would not help" };
  switch (strategy.kind) {
    case "none":
      return { do: "fail", reason: "the job has no restart strategy" };
    case "fixed-delay":
      return history.restarts >= strategy.attempts
        ? { do: "fail", reason: `it was restarted ${strategy.attempts} times` }
        : restart(history, facts, strategy.delay_ms);
    case "failure-rate":
      return byFailureRate(strategy, history, facts);
    case "exponential-delay":
      return byBackoff(strategy, history, facts);
    default:
      return assertNever(strategy);
  }
}

function restart(history: RestartHistory, facts: RestartFacts, delay_ms: number, backoff_ms: number | null = null): RestartDecision {
  const next: RestartHistory = {
    restarts: history.restarts + 1,
    failures_ms: history.failures_ms,
    backoff_ms,
    resumed_ms: facts.now_ms + delay_ms,
  };
  return { do: "restart", delay_ms, history: next };
}

type FailureRate = Extract<RestartStrategy, { kind: "failure-rate" }>;

function byFailureRate(strategy: FailureRate, history: RestartHistory, facts: RestartFacts): RestartDecision {
  const recent = [...history.failures_ms, facts.now_ms].filter((at) => at > facts.now_ms - strategy.interval_ms);
  if (recent.length > strategy.failures) {
    return { do: "fail", reason: `it failed more than ${strategy.failures} times in ${strategy.interval_ms} ms` };
  }
  return restart({ ...history, failures_ms: recent }, facts, strategy.delay_ms);
}

type ExponentialDelay = Extract<RestartStrategy, { kind: "exponential-delay" }>;

/** After a loss of slots the job is not suspected, if it ran for this long: it goes on as soon as there are others. */
const quiet_ms_min = 10_000;
const slotLostDelay_ms = 50;

/** The delay grows with each failure and starts over once the job has run for `reset_ms`. */
function byBackoff(strategy: ExponentialDelay, history: RestartHistory, facts: RestartFacts): RestartDecision {
  const ran_ms = facts.now_ms - history.resumed_ms;
  if (facts.slotLost && ran_ms >= quiet_ms_min)
    return restart(history, facts, Math.min(slotLostDelay_ms, strategy.initial_ms), history.backoff_ms);
  const stable = ran_ms >= strategy.reset_ms;
  const backoff_ms =
    history.backoff_ms === null || stable ? strategy.initial_ms : Math.min(strategy.max_ms, history.backoff_ms * strategy.multiplier);
  const jitter = 1 + strategy.jitter * (2 * facts.random - 1);
  return restart(history, facts, Math.round(backoff_ms * jitter), backoff_ms);
}
