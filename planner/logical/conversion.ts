import { assert } from "../../runtime/contract/errors.ts";
import type { Expression } from "../../runtime/contract/expressions.ts";
import { boolean, type Field } from "../../runtime/contract/types.ts";
import type { BoundKind, BoundPlan } from "../bound/nodes.ts";
import type { CatalogView, SourceObject } from "../catalog.ts";
import type { Locate } from "./locate.ts";
import { filter, type LogicalPlan, project } from "./nodes.ts";
import { attachWindows, type Converted, translate } from "./slots.ts";

export interface Conversion {
  readonly catalog: CatalogView;
  readonly locate: Locate;
  /** Definitions in scope, by id. The same object for every reader. */
  readonly ctes: ReadonlyMap<number, LogicalPlan>;
  /** The distinct rows that a delim join makes of its left input, for its right one. */
  readonly delim: LogicalPlan | null;
  /** Converts an input. */
  readonly convert: (plan: BoundPlan, conversion: Conversion) => Converted;
  /** Sources read so far. */
  readonly sources: Set<SourceObject>;
}

export type BoundOf<K extends BoundKind> = BoundPlan & { readonly kind: K };
export const namesOf = (columns: readonly Field[]): readonly string[] => columns.map((c) => c.name);

/** A plan whose columns are exactly the slots, under these names. */
export function exactly(input: Converted, names: readonly string[]): LogicalPlan {
  const expressions = input.slots.map((slot) => {
    assert(slot !== null && slot.kind !== "window", "only scalars leave a query");
    return slot;
  });
  const same = expressions.length === input.plan.schema.columns.length && expressions.every((e, i) => isColumn(e, i));
  const named = same && input.plan.schema.columns.every((c, i) => c.name === names[i]);
  return named ? input.plan : project(input.plan, expressions, names);
}

export const isColumn = (e: Expression, index: number): boolean => e.kind === "column" && e.index === index;

export const conjunction = (predicates: readonly Expression[]): Expression | null => {
  const [first] = predicates;
  if (first === undefined || predicates.length === 1) return first ?? null;
  return { kind: "and", arguments: predicates.flatMap((p) => (p.kind === "and" ? p.arguments : [p])), type: boolean };
};

/** Filters by predicates over the bound columns. */
export function filterBy(input: Converted, predicates: readonly Expression[]): Converted {
  const over = attachWindows(input, predicates);
  const predicate = conjunction(predicates.map((p) => translate(p, over)));
  return predicate === null ? over : { ...over, plan: filter(over.plan, predicate) };
}
