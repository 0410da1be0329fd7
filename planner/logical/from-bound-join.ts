import { assert } from "../../runtime/contract/errors.ts";
import { type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import type { JoinKind } from "../../runtime/contract/job-graph.ts";
import type { BoundJoin, BoundPlan, JoinCondition as BoundCondition, JoinKind as BoundJoinKind } from "../bound/nodes.ts";
import { keep } from "../bound/read.ts";
import { type BoundOf, type Conversion, exactly, namesOf } from "./conversion.ts";
import { existsJoin } from "./exists-join.ts";
import { convertAsof, convertVersionJoin, isVersionJoin, type SaidJoin } from "./from-bound-asof.ts";
import { convertLateral } from "./from-bound-lateral.ts";
import { flipped, splitPredicate } from "./join-conjuncts.ts";
import { aggregate, join, type JoinCondition, type LogicalPlan } from "./nodes.ts";
import { column, type Converted, type Slot } from "./slots.ts";

const kinds: Readonly<Record<Exclude<BoundJoinKind, "RIGHT_SEMI" | "RIGHT_ANTI">, JoinKind>> = {
  INNER: "inner",
  LEFT: "left",
  RIGHT: "right",
  FULL: "full",
  SEMI: "semi",
  ANTI: "anti",
  MARK: "mark",
  SINGLE: "single",
};

/** Joins by their conditions; what kind of operator does it is the stream plan's to say. */
export function convertJoin(plan: BoundJoin, conversion: Conversion): Converted {
  const exists = existsJoin(plan);
  if (exists !== null) return convertJoin(exists, conversion);
  const lateral = convertLateral(plan, conversion);
  if (lateral !== null) return lateral;
  if (plan.join === "RIGHT_SEMI" || plan.join === "RIGHT_ANTI") return convertJoin(withSidesSwapped(plan), conversion);
  const said = saidOf(plan, kinds[plan.join]);
  if (plan.form === "asof") return convertAsof(said, plan, conversion);
  if (isVersionJoin(said.conditions)) return convertVersionJoin(said, plan, conversion);
  const { kind, conditions, residual, kept } = said;
  const left = inputOf(plan.left, conversion);
  const right = inputOf(plan.right, plan.form === "delim" ? { ...conversion, delim: distinctOf(left.plan, plan.delim) } : conversion);
  const joined = join(kind, left.plan, right.plan, conditions, residual);
  const width = left.plan.schema.columns.length;
  const unreadable = new Set([...left.unreadable, ...(kind === "mark" ? [] : right.unreadable.map((i) => i + width))]);
  return { plan: joined, slots: kept.map((i): Slot | null => (unreadable.has(i) ? null : column(joined, i))), attached: [] };
}

function saidOf(plan: BoundJoin, kind: JoinKind): SaidJoin {
  const width = plan.left.columns.length;
  const { kept, seen } = outputsOf(plan, kind, width, plan.right.columns.length);
  const predicate = plan.predicate === null ? null : mapColumns(plan.predicate, (c) => ({ ...c, index: seen[c.index] ?? -1 }));
  const split = splitPredicate(predicate, width);
  return { kind, conditions: [...plan.conditions.map(condition), ...split.conditions], residual: split.residual, kept };
}

/** Every pair of rows. */
export function convertCross(plan: BoundOf<"cross">, conversion: Conversion): Converted {
  const { left, right, columns } = plan;
  const none = { conditions: [], predicate: null, keepLeft: null, keepRight: null, delim: [] };
  return convertJoin({ kind: "join", join: "INNER", form: "comparison", left, right, columns, ...none }, conversion);
}

const range = (from: number, count: number): readonly number[] => Array.from({ length: count }, (_, i) => from + i);

/** Column numbers in left ++ right: those that the join gives, and those that its predicate sees (for SEMI and ANTI all right ones too). */
function outputsOf(
  plan: BoundJoin,
  kind: JoinKind,
  width: number,
  rightWidth: number,
): { readonly kept: readonly number[]; readonly seen: readonly number[] } {
  const ofLeft = keep(range(0, width), plan.keepLeft);
  const allRight = range(width, rightWidth);
  if (kind === "semi" || kind === "anti") return { kept: ofLeft, seen: [...ofLeft, ...allRight] };
  if (kind === "mark") return { kept: [...ofLeft, width], seen: [] };
  const kept = [...ofLeft, ...keep(allRight, plan.keepRight)];
  return { kept, seen: kept };
}

interface Input {
  readonly plan: LogicalPlan;
  /** Columns in place of one that nothing may read (rowid). */
  readonly unreadable: readonly number[];
}

function inputOf(bound: BoundPlan, conversion: Conversion): Input {
  const converted = conversion.convert(bound, conversion);
  const slots = converted.slots.map(
    (slot, i): Slot => slot ?? { kind: "literal", value: null, type: bound.columns[i]?.type ?? { id: "bigint" } },
  );
  const unreadable = converted.slots.flatMap((slot, i) => (slot === null ? [i] : []));
  return { plan: exactly({ ...converted, slots }, namesOf(bound.columns)), unreadable };
}

/** What a correlated subquery sees of the rows outside: their correlated columns, each combination once. */
const distinctOf = (left: LogicalPlan, delim: readonly Expression[]): LogicalPlan =>
  aggregate(
    left,
    delim,
    delim.map((e, i) => (e.kind === "column" ? (left.schema.columns[e.index]?.name ?? `delim${i + 1}`) : `delim${i + 1}`)),
    [],
  );

function condition({ operator, left, right }: BoundCondition): JoinCondition {
  assert(left.type.id === right.type.id, "both sides of a join condition have one type");
  return { operator, left, right };
}

function withSidesSwapped(plan: BoundJoin): BoundJoin {
  assert(plan.predicate === null, "a join whose right rows are asked for has its conditions apart");
  return {
    ...plan,
    join: plan.join === "RIGHT_SEMI" ? "SEMI" : "ANTI",
    left: plan.right,
    right: plan.left,
    conditions: plan.conditions.map(({ operator, left, right }) => ({ operator: flipped[operator], left: right, right: left })),
    keepLeft: plan.keepRight,
    keepRight: plan.keepLeft,
  };
}
