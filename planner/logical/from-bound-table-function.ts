import type { Expression } from "../../runtime/contract/expressions.ts";
import { bigint, sameType } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import type { BoundTableFunction } from "../bound/nodes.ts";
import type { Conversion } from "./conversion.ts";
import { requireFew } from "./from-bound-values.ts";
import { unnest, values } from "./nodes.ts";
import { refuse } from "./refuse.ts";
import { seriesOf } from "./series.ts";
import { column, type Converted, type Slot } from "./slots.ts";

const flattening: ReadonlySet<string> = new Set(["unnest", "range", "generate_series"]);

/** Of constants, `range`, `generate_series` and `unnest` are a bounded input; over columns they flatten a list per row. */
export function convertTableFunction(plan: BoundTableFunction, conversion: Conversion): Converted {
  if (!flattening.has(plan.name)) return refuse("tableFunction", conversion.locate, plan.name);
  const [input] = plan.inputs;
  if (input !== undefined) return flatten(plan, conversion.convert(input, conversion), conversion, false);
  const at = conversion.locate(plan.name);
  const content = plan.name === "unnest" ? { kind: "rows" as const, rows: elementsOf(plan) } : seriesOf(plan, at);
  if (content.kind === "rows") requireFew(content.rows.length, at);
  const read = values(content, { columns: plan.columns });
  return { plan: read, slots: plan.outputs.map((o, i) => (o === 0 ? column(read, i) : null)), attached: [] };
}

const elementsOf = (plan: BoundTableFunction): readonly (readonly Value[])[] =>
  ((plan.arguments[0]?.value ?? []) as readonly Value[]).map((value) => [value]);

/**
 * A lateral call: its arguments are the first columns of its input, its own columns are the element and, WITH ORDINALITY, the
 * element's position. `outer` keeps rows without elements.
 */
export function flatten(plan: BoundTableFunction, input: Converted, conversion: Conversion, outer: boolean): Converted {
  const list = listOf(plan, input.slots);
  if (list === null) return refuse("tableFunction", conversion.locate, plan.name);
  const ordinality = plan.outputs.includes(1);
  const own = plan.columns[plan.outputs.indexOf(0)];
  const flat = unnest(input.plan, [list], [own?.name ?? plan.name, "ordinality"], { outer, ordinality });
  const width = input.plan.schema.columns.length;
  const slots: (Slot | null)[] = plan.outputs.map((o) => (o < 0 ? null : column(flat, width + o)));
  return { plan: flat, slots: [...slots, ...plan.passed.map((i) => input.slots[i] ?? null)], attached: input.attached };
}

/** What is flattened: unnest's argument; or what the scalar function of the same name makes of the bounds. */
function listOf(plan: BoundTableFunction, slots: Converted["slots"]): Expression | null {
  const bounds = slots.slice(0, plan.argumentCount).flatMap((slot) => (slot === null || slot.kind === "window" ? [] : [slot]));
  const [first] = bounds;
  if (first === undefined) return null;
  if (plan.name === "unnest") return first.type.id === "list" ? first : null;
  const integers = new Set(["tinyint", "smallint", "integer", "bigint"]);
  if (!bounds.every((b) => integers.has(b.type.id))) return null;
  const whole = bounds.map((b): Expression => (sameType(b.type, bigint) ? b : { kind: "cast", argument: b, type: bigint, tryCast: false }));
  return { kind: "call", name: plan.name, arguments: whole, type: { id: "list", element: bigint } };
}
