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

/** Whether a window aggregate within does what EMIT EVERY asks for. Elsewhere nothing waits: rows are handed on as they come. */
export const showsEarly = (plan: StreamPlan): boolean =>
  (plan.kind === "operator" && plan.spec.op === "windowGroupAggregate") || streamInputs(plan).some(showsEarly);
