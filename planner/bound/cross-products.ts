import type { BoundPlan } from "./nodes.ts";
import { rowsOf } from "./one-row.ts";

/** Pairs of relations, of which both may have many rows, that no condition connects. */
export function crossProducts(plan: BoundPlan): number {
  const own = plan.kind === "cross" && rowsOf(plan.left) === "any" && rowsOf(plan.right) === "any" ? 1 : 0;
  return inputsOf(plan).reduce((sum, input) => sum + crossProducts(input), own);
}

function inputsOf(plan: BoundPlan): readonly BoundPlan[] {
  if (plan.kind === "cte") return [plan.definition, plan.input];
  if (plan.kind === "recursiveCte") return [plan.input, plan.step];
  if ("inputs" in plan) return plan.inputs;
  if ("left" in plan) return [plan.left, plan.right];
  return "input" in plan ? [plan.input] : [];
}
