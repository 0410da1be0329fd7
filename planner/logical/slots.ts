import { assert, SqlError } from "../../runtime/contract/errors.ts";
import { type Expression, mapOperands, operandsOf } from "../../runtime/contract/expressions.ts";
import type { AnyWindowSpec } from "../../runtime/contract/job-graph.ts";
import { type LogicalPlan, type WindowColumnName, window, windowColumnNames } from "./nodes.ts";
import { windowSpecOf, windowText } from "./window-spec.ts";

/*
 * The bridge from DuckDB's columns to ours. DuckDB knows a window as a struct made by a marker function; here it is three
 * plain columns. So each column of a bound node has a slot: the expression over our plan, or the place of a window's columns.
 */
export type Slot = Expression | WindowSlot;

export interface WindowSlot {
  readonly kind: "window";
  /** Column numbers in our plan, in the order of `windowColumnNames`. */
  readonly columns: readonly number[];
}

export interface Converted {
  readonly plan: LogicalPlan;
  /** One per column of the bound node; null for rowid, which nothing may read. */
  readonly slots: readonly (Slot | null)[];
  /** TUMBLE windows that the plan carries already: the same call again is the same columns. */
  readonly attached: readonly Attached[];
}

export interface Attached {
  readonly timeColumn: number;
  readonly window: AnyWindowSpec;
  readonly slot: WindowSlot;
}

export const column = (plan: LogicalPlan, index: number): Expression => {
  const field = plan.schema.columns[index];
  assert(field !== undefined, "a column is one of the plan's");
  return { kind: "column", index, type: field.type };
};

/** A plan whose columns are the bound node's own. */
export const plain = (plan: LogicalPlan): Converted => ({
  plan,
  slots: plan.schema.columns.map((_, i) => column(plan, i)),
  attached: [],
});

/** Attaches the windows that `expressions` (over the bound columns) call for and `input` does not carry yet. */
export function attachWindows(input: Converted, expressions: readonly Expression[]): Converted {
  let converted = input;
  for (const marker of expressions.flatMap((e) => markersIn(e))) {
    if (findAttached(marker, converted) === undefined) converted = attach(marker, converted);
  }
  return converted;
}

type Call = Extract<Expression, { kind: "call" }>;

type TumbleMarker = Call & { readonly name: "mr_tumble" };

const isMarker = (e: Expression): e is TumbleMarker => e.kind === "call" && e.name === "mr_tumble";

const markersIn = (e: Expression): readonly Call[] => (isMarker(e) ? [e] : operandsOf(e).flatMap((operand) => markersIn(operand)));

/** Puts a window node on top; its three columns come after the others, so that all slots stay as they are. */
export function attach(marker: Call, input: Converted): Converted {
  const { timeColumn, window: spec } = readMarker(marker, input);
  const plan = window(input.plan, timeColumn, spec);
  const slot = lastColumns(plan);
  return { plan, slots: input.slots, attached: [...input.attached, { timeColumn, window: spec, slot }] };
}

export const lastColumns = (plan: LogicalPlan): WindowSlot => {
  const width = plan.schema.columns.length - windowColumnNames.length;
  return { kind: "window", columns: windowColumnNames.map((_, i) => width + i) };
};

export function readMarker(marker: Call, input: Converted): { readonly timeColumn: number; readonly window: AnyWindowSpec } {
  const [time, ...sizes] = marker.arguments;
  assert(time !== undefined, "a marker has a time column");
  const timeColumn = timeColumnOf(translate(time, input), marker.name);
  return { timeColumn, window: windowSpecOf(marker.name, sizes, column(input.plan, timeColumn).type) };
}

export function timeColumnOf(time: Expression, marker: string): number {
  if (time.kind === "column") return time.index;
  throw new SqlError({
    sqlState: "42804",
    message: `the time column of ${marker.replace("mr_", "").toUpperCase()} must be a column, not an expression`,
    hint: "Declare a computed column in the source, with a WATERMARK, and window by it.",
  });
}

function findAttached(marker: Call, input: Converted): WindowSlot | undefined {
  const wanted = readMarker(marker, input);
  const key = windowText(wanted.window);
  return input.attached.find((a) => a.timeColumn === wanted.timeColumn && windowText(a.window) === key)?.slot;
}

/** What a bound expression is in our plan; a whole window for a marker call or a window struct. */
export function translateSlot(e: Expression, input: Converted): Slot {
  if (isMarker(e)) {
    const slot = findAttached(e, input);
    assert(slot !== undefined, "windows are attached before expressions are translated");
    return slot;
  }
  if (e.kind === "column") {
    const slot = input.slots[e.index];
    assert(slot !== undefined, "a reference stays within its columns");
    if (slot === null) throw new SqlError({ sqlState: "0A000", message: "rowid is not supported in a streaming job" });
    return slot;
  }
  if (e.kind === "call" && e.name === "struct_extract") {
    const [argument, name] = e.arguments;
    const of = argument === undefined || (argument.kind !== "column" && !isMarker(argument)) ? null : translateSlot(argument, input);
    if (of?.kind === "window") return windowColumn(of, name, input.plan);
  }
  return withoutNever(mapOperands(e, (operand) => translate(operand, input)));
}

/** CASE without the branches that a comparison of two numbers rules out: the check that a subquery of one row has no second. */
function withoutNever(e: Expression): Expression {
  if (e.kind !== "case") return e;
  const whens = e.whens.filter(({ when }) => !isNever(when));
  return whens.length === 0 ? e.otherwise : { ...e, whens };
}

function isNever(e: Expression): boolean {
  if (e.kind !== "compare" || e.operator !== ">" || e.left.kind !== "literal" || e.right.kind !== "literal") return false;
  return typeof e.left.value === "bigint" && typeof e.right.value === "bigint" && e.left.value <= e.right.value;
}

function windowColumn(slot: WindowSlot, name: Expression | undefined, plan: LogicalPlan): Expression {
  const at = name?.kind === "literal" ? windowColumnNames.indexOf(name.value as WindowColumnName) : -1;
  const index = slot.columns[at];
  assert(index !== undefined, "a window's struct has three fields");
  return column(plan, index);
}

/** As `translateSlot`, where only a scalar makes sense. */
export function translate(e: Expression, input: Converted): Expression {
  const slot = translateSlot(e, input);
  assert(slot.kind !== "window", "a window is not a scalar");
  return slot;
}

/** Names that a window macro gives to its struct say nothing: the column has its own. */
export function slotName(slot: Slot, name: string, input: LogicalPlan): string {
  const isInner = name === "__w" || name === "struct_extract";
  return isInner && slot.kind === "column" ? (input.schema.columns[slot.index]?.name ?? name) : name;
}
