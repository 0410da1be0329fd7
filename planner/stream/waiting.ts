import type { OperatorSpec } from "../../runtime/contract/job-graph.ts";
import { type OperatorPlan, streamInputs, type StreamPlan } from "./nodes.ts";

/** Operators beside windows that hold rows back until the watermark has passed them: it is not plain from the query that they do. */
function waits(spec: OperatorSpec): boolean {
  if (spec.op === "intervalJoin") return spec.join !== "inner" && spec.join !== "semi";
  return spec.op === "eventTimeOver" || spec.op === "asofJoin";
}

/** Tells the user why a result may stay empty for a while, and where to look; null where rows come at once. */
export function waitNotice(plans: readonly StreamPlan[], job: string): string | null {
  const names = [...new Set(plans.flatMap(waitingOperators).map(({ name }) => name))];
  if (names.length === 0) return null;
  const see = `EXPLAIN WATERMARK ${job} shows how far it is and what holds it back`;
  return `results wait for the watermark: ${names.join(", ")} ${names.length === 1 ? "answers" : "answer"} rows when it has passed them; ${see}`;
}

function waitingOperators(plan: StreamPlan): readonly OperatorPlan[] {
  const below = streamInputs(plan).flatMap(waitingOperators);
  return plan.kind === "operator" && waits(plan.spec) ? [plan, ...below] : below;
}
