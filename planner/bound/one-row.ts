import type { BoundPlan } from "./nodes.ts";

/** How many rows a plan has whatever its inputs hold: an aggregate without groups has one, a filter on it may take that away. */
export function rowsOf(plan: BoundPlan): "one" | "atMostOne" | "any" {
  switch (plan.kind) {
    case "dummy":
      return "one";
    case "aggregate":
      return plan.groups.length === 0 ? "one" : "any";
    case "project":
    case "order":
      return rowsOf(plan.input);
    case "filter":
      return rowsOf(plan.input) === "any" ? "any" : "atMostOne";
    case "cross": {
      const sides = [rowsOf(plan.left), rowsOf(plan.right)];
      return sides.includes("any") ? "any" : sides.includes("atMostOne") ? "atMostOne" : "one";
    }
    default:
      return "any";
  }
}
