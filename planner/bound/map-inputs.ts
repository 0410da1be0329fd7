import type { BoundPlan } from "./nodes.ts";

/** The same node over other inputs with the same columns. */
export function mapInputs(plan: BoundPlan, f: (input: BoundPlan) => BoundPlan): BoundPlan {
  if (plan.kind === "cte") return { ...plan, definition: f(plan.definition), input: f(plan.input) };
  if (plan.kind === "recursiveCte") return { ...plan, input: f(plan.input), step: f(plan.step) };
  if ("inputs" in plan) return { ...plan, inputs: plan.inputs.map(f) };
  if ("left" in plan) return { ...plan, left: f(plan.left), right: f(plan.right) };
  return "input" in plan ? { ...plan, input: f(plan.input) } : plan;
}
