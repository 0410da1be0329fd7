import type { Expr, From, Item, Select } from "./query.ts";
import type { Builder, Scope, ScopeColumn } from "./scope.ts";

/** Something to select from, with what it offers. */
export interface Relation {
  readonly from: From;
  readonly columns: readonly ScopeColumn[];
}

const blank = { distinct: false, where: null, groupBy: null, having: null, qualify: null, orderBy: [], limit: null, offset: 0 } as const;

export const select = (from: From, items: readonly Item[], rest: Partial<Select> = {}): Select => ({
  kind: "select",
  from,
  items,
  ...blank,
  ...rest,
});

export const item = (b: Builder, expr: Expr): Item => ({ expr, name: b.name() });

export const scopeOf = (b: Builder, { columns }: Pick<Relation, "columns">): Scope => ({ random: b.random, columns });
