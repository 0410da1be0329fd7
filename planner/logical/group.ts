import type { Expression } from "../../runtime/contract/expressions.ts";
import { bigint, type Field } from "../../runtime/contract/types.ts";
import { aggregate, type LogicalCall, windowColumnNames } from "./nodes.ts";
import { column, type Converted, type Slot, slotName } from "./slots.ts";

/** An aggregate without groups and calls still has its one row. */
const countRows: LogicalCall = {
  name: "count_star",
  arguments: [],
  distinct: false,
  filter: null,
  constants: [],
  orders: [],
  type: bigint,
};

/** A window as a group is its three columns. */
export function group(input: Converted, groups: readonly Slot[], names: readonly Field[], calls: readonly LogicalCall[]): Converted {
  const expressions: Expression[] = [];
  const groupNames: string[] = [];
  const places = groups.map((slot, i) => {
    const at = expressions.length;
    if (slot.kind !== "window") {
      expressions.push(slot);
      groupNames.push(slotName(slot, names[i]?.name ?? "group", input.plan));
      return [at];
    }
    expressions.push(...slot.columns.map((c) => column(input.plan, c)));
    groupNames.push(...windowColumnNames);
    return slot.columns.map((_, k) => at + k);
  });
  const counted = expressions.length + calls.length === 0 ? [countRows] : calls;
  const plan = aggregate(input.plan, expressions, groupNames, counted);
  const slots = places.map((at): Slot => (at.length === 1 ? column(plan, at[0] as number) : { kind: "window", columns: at }));
  return { plan, slots: [...slots, ...calls.map((_, i) => column(plan, expressions.length + i))], attached: [] };
}
