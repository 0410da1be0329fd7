import { columnsOf, type Expression } from "../../runtime/contract/expressions.ts";
import { bigint } from "../../runtime/contract/types.ts";
import type { BoundJoin, BoundPlan } from "../bound/nodes.ts";
import { keep } from "../bound/read.ts";
import { type Conversion, filterBy } from "./conversion.ts";
import { flatten } from "./from-bound-table-function.ts";
import { flattenLists, windowMarkerOf } from "./from-bound-windows.ts";
import { type Converted, type Slot, translateSlot } from "./slots.ts";

/**
 * A lateral join whose other side makes rows out of one row of this side (unnest, series, expressions over them) is no join:
 * each row becomes its rows. null where the other side does more than that.
 */
export function convertLateral(plan: BoundJoin, conversion: Conversion): Converted | null {
  const outer = plan.join === "LEFT";
  if (plan.form !== "delim" || (plan.join !== "INNER" && !outer) || plan.predicate !== null || plan.delim.length === 0) return null;
  if (!isRowwise(plan.right, outer)) return null;
  const left = conversion.convert(unnumbered(plan), conversion);
  const base: Converted = { ...left, slots: plan.delim.map((e) => translateSlot(e, left)) };
  const right = rowwise(plan.right, base, conversion, outer);
  const isSame = plan.conditions.every(
    ({ operator, left: l, right: r }) => operator === "isNotDistinct" && sameSlot(translateSlot(l, left), translateSlot(r, right)),
  );
  const made = keep(right.slots, plan.keepRight);
  // Of a row without any, the outer join leaves NULLs: so do the columns of the flat map, but not what is computed from them.
  const width = left.plan.schema.columns.length;
  const isPlain = made.every((slot) => slot?.kind === "column" && slot.index >= width);
  if (!isSame || (outer && !isPlain)) return null;
  return { plan: right.plan, slots: [...keep(left.slots, plan.keepLeft), ...made], attached: left.attached };
}

/** Projections and filters over flattened lists of the row; an outer join has one list, and nothing drops its rows. */
function isRowwise(plan: BoundPlan, outer: boolean): boolean {
  switch (plan.kind) {
    case "delimGet":
      return true;
    case "project":
      return isRowwise(plan.input, outer);
    case "filter":
      return !outer && isRowwise(plan.input, outer);
    case "unnest":
      return windowMarkerOf(plan) === null && (outer ? isProjected(plan.input) : isRowwise(plan.input, outer));
    case "tableFunction": {
      const [input] = plan.inputs;
      return input !== undefined && (outer ? isProjected(input) : isRowwise(input, outer));
    }
    default:
      return false;
  }
}

const isProjected = (plan: BoundPlan): boolean => plan.kind === "delimGet" || (plan.kind === "project" && isProjected(plan.input));

/** The right side over the left one's plan, whose columns stay in front. */
function rowwise(plan: BoundPlan, base: Converted, conversion: Conversion, outer: boolean): Converted {
  switch (plan.kind) {
    case "project": {
      const input = rowwise(plan.input, base, conversion, outer);
      return { ...input, slots: plan.expressions.map((e) => translateSlot(e, input)) };
    }
    case "filter": {
      const filtered = filterBy(rowwise(plan.input, base, conversion, outer), plan.predicates);
      return { ...filtered, slots: keep(filtered.slots, plan.keep) };
    }
    case "unnest":
      return flattenLists(plan, rowwise(plan.input, base, conversion, outer), outer);
    case "tableFunction":
      return flatten(plan, rowwise(plan.inputs[0] as BoundPlan, base, conversion, outer), conversion, outer);
    default:
      return base;
  }
}

/** Rows with lists are told apart by a row number over everything, which only the join's conditions read: it is not computed. */
function unnumbered({ left, delim, keepLeft }: BoundJoin): BoundPlan {
  for (const e of delim) {
    if (e.kind !== "column" || keepLeft === null || keepLeft.includes(e.index)) continue;
    const without = withoutNumber(left, e.index);
    if (without !== null) return without;
  }
  return left;
}

/** The plan with a constant for its column `at`, if that is such a row number and nothing in the plan reads it. */
function withoutNumber(plan: BoundPlan, at: number): BoundPlan | null {
  if (plan.kind === "filter") {
    const inner = plan.keep === null ? at : (plan.keep[at] as number);
    const input = plan.predicates.some((p) => columnsOf(p).has(inner)) ? null : withoutNumber(plan.input, inner);
    return input === null ? null : { ...plan, input };
  }
  if (plan.kind !== "window" || plan.calls.length !== 1 || at !== plan.input.columns.length) return null;
  const [call] = plan.calls;
  if (call?.name !== "row_number" || call.partitions.length + call.orders.length > 0) return null;
  const passed = plan.input.columns.map(({ type }, index): Expression => ({ kind: "column", index, type }));
  const { columns, input } = plan;
  return { kind: "project", input, columns, expressions: [...passed, { kind: "literal", value: 0n, type: bigint }] };
}

const sameSlot = (a: Slot, b: Slot): boolean => textOf(a) === textOf(b);
const textOf = (slot: Slot): string => JSON.stringify(slot, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
