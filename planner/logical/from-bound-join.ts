import { assert } from "../../runtime/contract/errors.ts";
import { type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import type { JoinType } from "../../runtime/contract/job-graph.ts";
import type { BoundJoin, JoinCondition as BoundCondition, JoinKind } from "../bound/nodes.ts";
import { keep } from "../bound/read.ts";
import { type Conversion, exactly } from "./conversion.ts";
import { splitPredicate } from "./join-conjuncts.ts";
import { join, type JoinCondition, type LogicalPlan } from "./nodes.ts";
import { refuseJoin } from "./refuse.ts";
import { column, type Converted } from "./slots.ts";

const types: Readonly<Partial<Record<JoinKind, JoinType>>> = {
  INNER: "inner",
  LEFT: "left",
  RIGHT: "right",
  FULL: "full",
  SEMI: "semi",
  ANTI: "anti",
};

/** Joins by their conditions; what kind of operator does it is the stream plan's to say. */
export function convertJoin(plan: BoundJoin, conversion: Conversion): Converted {
  const type = types[plan.join];
  if (type === undefined || plan.form === "asof" || plan.form === "delim") return refuseJoin(plan.join, plan.form, conversion.locate);
  const names = (of: BoundJoin["left"]): readonly string[] => of.columns.map((c) => c.name);
  const left = exactly(conversion.convert(plan.left, conversion), names(plan.left));
  const right = exactly(conversion.convert(plan.right, conversion), names(plan.right));
  const width = left.schema.columns.length;
  const outputs = outputsOf(plan, type, left, right);
  const predicate = plan.predicate === null ? null : mapColumns(plan.predicate, (c) => ({ ...c, index: outputs.seen[c.index] ?? -1 }));
  const split = splitPredicate(predicate, width);
  const joined = join(type, left, right, [...plan.conditions.map(condition), ...split.conditions], split.residual);
  return { plan: joined, slots: outputs.kept.map((i): Expression => column(joined, i)), attached: [] };
}

/** Column numbers in left ++ right: those that the join gives, and those that its predicate sees (for SEMI and ANTI all right ones too). */
function outputsOf(
  plan: BoundJoin,
  type: JoinType,
  left: LogicalPlan,
  right: LogicalPlan,
): { readonly kept: readonly number[]; readonly seen: readonly number[] } {
  const width = left.schema.columns.length;
  const ofLeft = keep(
    left.schema.columns.map((_, i) => i),
    plan.keepLeft,
  );
  const allRight = right.schema.columns.map((_, i) => width + i);
  if (type === "semi" || type === "anti") return { kept: ofLeft, seen: [...ofLeft, ...allRight] };
  const kept = [...ofLeft, ...keep(allRight, plan.keepRight)];
  return { kept, seen: kept };
}

function condition({ operator, left, right }: BoundCondition): JoinCondition {
  assert(left.type.id === right.type.id, "both sides of a join condition have one type");
  return { operator, left, right };
}
