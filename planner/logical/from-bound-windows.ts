import { assert } from "../../runtime/contract/errors.ts";
import type { Expression } from "../../runtime/contract/expressions.ts";
import type { BoundWindowCall } from "../bound/nodes.ts";
import type { BoundOf, Conversion } from "./conversion.ts";
import { convertOver } from "./from-bound-over.ts";
import { located } from "./locate.ts";
import { project, session, unnest, window } from "./nodes.ts";
import { attachWindows, column, type Converted, lastColumns, readMarker, timeColumnOf, translate } from "./slots.ts";
import { gapOf } from "./window-spec.ts";

/** HOP and CUMULATE arrive as `unnest(mr_hop(…))`: a list of the windows that hold the row. Other lists give a row per element. */
export function convertUnnest(plan: BoundOf<"unnest">, conversion: Conversion): Converted {
  const input = conversion.convert(plan.input, conversion);
  const marker = windowMarkerOf(plan);
  if (marker === null) return flattenLists(plan, input, false);
  return located(conversion.locate, [marker.name.replace("mr_", "")], () => {
    const read = readMarker(marker, input);
    const windowed = window(input.plan, read.timeColumn, read.window);
    return { plan: windowed, slots: [...input.slots, lastColumns(windowed)], attached: input.attached };
  });
}

function listsOf(plan: BoundOf<"unnest">): readonly Expression[] {
  return plan.expressions.map((e) => {
    assert(e.kind === "call" && e.arguments[0] !== undefined, "what is unnested is an argument");
    return e.arguments[0];
  });
}

export function windowMarkerOf(plan: BoundOf<"unnest">): Extract<Expression, { kind: "call" }> | null {
  const [marker, ...others] = listsOf(plan);
  return others.length === 0 && marker?.kind === "call" && /^mr_(hop|cumulate)$/.test(marker.name) ? marker : null;
}

/** A row per element of the lists; `outer` keeps rows without any. */
export function flattenLists(plan: BoundOf<"unnest">, below: Converted, outer: boolean): Converted {
  const lists = listsOf(plan);
  const input = attachWindows(below, lists);
  const names = plan.columns.slice(plan.input.columns.length).map((c) => c.name);
  const flat = unnest(
    input.plan,
    lists.map((list) => translate(list, input)),
    names,
    { outer, ordinality: false },
  );
  const width = input.plan.schema.columns.length;
  return { plan: flat, slots: [...input.slots, ...lists.map((_, i) => column(flat, width + i))], attached: input.attached };
}

/** SESSION arrives as `first_value(mr_session(…)) OVER (PARTITION BY keys)`. */
export function convertWindow(plan: BoundOf<"window">, conversion: Conversion): Converted {
  const [call] = plan.calls;
  const marker = call?.arguments[0];
  if (call === undefined || plan.calls.length !== 1 || marker?.kind !== "call" || marker.name !== "mr_session") {
    return convertOver(plan, conversion);
  }
  const input = conversion.convert(plan.input, conversion);
  return located(conversion.locate, ["session"], () => {
    const [time, gap] = marker.arguments;
    assert(time !== undefined, "a session has a time column");
    const keyed = withKeys(input, partitionsOf(call));
    const plan = session(keyed.converted.plan, timeColumnOf(translate(time, input), marker.name), gapOf(gap), keyed.keys);
    return { plan, slots: [...input.slots, lastColumns(plan)], attached: input.attached };
  });
}

/** PARTITION BY (a, b) is one row value; constants partition nothing. */
const partitionsOf = (call: BoundWindowCall): readonly Expression[] =>
  call.partitions
    .flatMap((p) => (p.kind === "call" && /^(row|struct_pack)$/.test(p.name) ? p.arguments : [p]))
    .filter((p) => p.kind !== "literal");

/** Partition keys as columns: those that are expressions are computed behind the others. */
function withKeys(
  input: Converted,
  partitions: readonly Expression[],
): { readonly converted: Converted; readonly keys: readonly number[] } {
  const width = input.plan.schema.columns.length;
  const computed: Expression[] = [];
  const keys = partitions.map((p) => {
    const key = translate(p, input);
    return key.kind === "column" ? key.index : width + computed.push(key) - 1;
  });
  if (computed.length === 0) return { converted: input, keys };
  const columns = input.plan.schema.columns.map((_, i) => column(input.plan, i));
  const names = [...input.plan.schema.columns.map((c) => c.name), ...computed.map((_, i) => `session_key${i + 1}`)];
  return { converted: { ...input, plan: project(input.plan, [...columns, ...computed], names) }, keys };
}
