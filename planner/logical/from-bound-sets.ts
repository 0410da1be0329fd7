import { assert } from "../../runtime/contract/errors.ts";
import type { BoundPlan } from "../bound/nodes.ts";
import { type BoundOf, type Conversion, exactly, namesOf } from "./conversion.ts";
import { type LogicalPlan, setOperation } from "./nodes.ts";
import { type Converted, plain } from "./slots.ts";

type SetPlan = BoundOf<"except" | "intersect">;

export const isSetOperation = (plan: BoundPlan): plan is SetPlan => plan.kind === "except" || plan.kind === "intersect";

/** Without ALL each row comes once: the DISTINCT that DuckDB puts above has nothing left to do. */
export function convertSetOperation(plan: SetPlan, conversion: Conversion): Converted {
  assert(isSetOperation(plan), "the plan is a set operation");
  const [left, right] = plan.inputs.map((input): LogicalPlan => exactly(conversion.convert(input, conversion), namesOf(input.columns)));
  assert(left !== undefined && right !== undefined, "a set operation has two inputs");
  return plain(setOperation(plan.kind, plan.all, left, right));
}
