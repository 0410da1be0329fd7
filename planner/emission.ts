import { durationOf_us } from "../runtime/contract/duration.ts";
import { SqlError } from "../runtime/contract/errors.ts";
import type { Emission } from "../runtime/contract/job-graph.ts";
import type { Emit, SqlText } from "./front/statement.ts";
import { streamInputs, type StreamPlan } from "./stream/nodes.ts";

const hint = "Write EMIT EVERY INTERVAL '5' SECOND.";

/** What a query's EMIT clause and the job's lateness make of its windows. Throws SqlError for an interval that is none. */
export function emissionOf(emit: Emit | null, allowedLateness_us: bigint): Emission {
  return { earlyEvery_ms: earlyOf(emit), allowedLateness_us };
}

function earlyOf(emit: Emit | null): number | null {
  switch (emit?.kind) {
    case undefined:
    case "onWindowClose":
      return null;
    case "onUpdate":
      return 0;
    case "every":
      return every_ms(emit.interval);
  }
}

function every_ms({ text, at }: SqlText): number {
  const every_us = durationOf_us(text);
  const every = every_us === null ? 0 : Math.round(every_us / 1_000);
  if (every > 0) return every;
  throw new SqlError({ sqlState: "22023", message: "EMIT EVERY needs a constant interval of at least a millisecond", hint, at });
}

/** Refuses EMIT EVERY where nothing waits: other operators hand each row on as it comes. */
export function requireWindows(emit: Emit | null, plan: StreamPlan): void {
  if (emit?.kind !== "every" || showsEarly(plan)) return;
  throw new SqlError({
    sqlState: "0A000",
    message: "EMIT EVERY without a window aggregate is not supported yet",
    hint: "Without a window results change with each batch of rows; checkpoint_interval says how often they become visible.",
    at: emit.interval.at,
  });
}

const showsEarly = (plan: StreamPlan): boolean =>
  (plan.kind === "operator" && plan.spec.op === "windowGroupAggregate") || streamInputs(plan).some(showsEarly);
