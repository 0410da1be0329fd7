import { assert } from "../../runtime/contract/errors.ts";
import { type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import type { BoundJoin, JoinCondition as BoundCondition } from "../bound/nodes.ts";
import { keep } from "../bound/read.ts";
import { type Conversion, exactly } from "./conversion.ts";
import { join, type JoinCondition } from "./nodes.ts";
import { refuseJoin } from "./refuse.ts";
import { column, type Converted } from "./slots.ts";

/** Inner joins only; whether it is one of windows is the stream plan's to say. */
export function convertJoin(plan: BoundJoin, conversion: Conversion): Converted {
  if (plan.join !== "INNER" || plan.form === "asof" || plan.form === "delim") refuseJoin(plan.join, plan.form, conversion.locate);
  const names = (of: BoundJoin["left"]): readonly string[] => of.columns.map((c) => c.name);
  const left = exactly(conversion.convert(plan.left, conversion), names(plan.left));
  const right = exactly(conversion.convert(plan.right, conversion), names(plan.right));
  const width = left.schema.columns.length;
  const outputs = [
    ...keep(
      left.schema.columns.map((_, i) => i),
      plan.keepLeft,
    ),
    ...keep(
      right.schema.columns.map((_, i) => width + i),
      plan.keepRight,
    ),
  ];
  const residual = plan.predicate === null ? null : mapColumns(plan.predicate, (c) => ({ ...c, index: outputs[c.index] ?? -1 }));
  const joined = join(left, right, plan.conditions.map(condition), residual);
  return { plan: joined, slots: outputs.map((i): Expression => column(joined, i)), attached: [] };
}

function condition({ operator, left, right }: BoundCondition): JoinCondition {
  assert(left.type.id === right.type.id, "both sides of a join condition have one type");
  return { operator, left, right };
}
