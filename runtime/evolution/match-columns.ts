import type { StateTableSpec } from "../contract/operator.ts";
import { formatType, type Schema, sameType, type SqlType } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { isWidening } from "../contract/widening.ts";

/** Where a column of the new table has its values from. */
export type ColumnOrigin =
  | { readonly kind: "stored"; readonly name: string; readonly cast: SqlType | null }
  | { readonly kind: "value"; readonly value: Value; readonly type: SqlType };

export interface ColumnMatch {
  readonly origins: readonly ColumnOrigin[];
  readonly added: readonly string[];
  readonly dropped: readonly string[];
  readonly widened: readonly string[];
}

export interface NeededColumns {
  /** Names in the table, in order, with their types. */
  readonly columns: Schema["columns"];
  /** As of StateTableSpec: what may be absent. */
  readonly defaults: StateTableSpec["defaults"];
  /** Columns whose values decide where a row belongs: they keep their type. */
  readonly fixed: ReadonlySet<number>;
}

/** By name. A column that is new begins with its default, one of a wider type is converted; what else differs is told in words. */
export function matchColumns(
  { columns, defaults, fixed }: NeededColumns,
  stored: Schema["columns"],
): ColumnMatch | { readonly misfit: string } {
  const origins: ColumnOrigin[] = [];
  const added: string[] = [];
  const widened: string[] = [];
  for (const [i, { name, type }] of columns.entries()) {
    const found = stored.find((column) => column.name === name);
    if (found === undefined) {
      const value = defaults?.[i];
      if (value === undefined) return { misfit: `nothing is known of ${name} for the rows before` };
      added.push(name);
      origins.push({ kind: "value", value, type });
      continue;
    }
    const isSame = sameType(found.type, type);
    if (!isSame && (fixed.has(i) || !isWidening(found.type, type))) {
      return { misfit: `${name} is ${formatType(found.type)}, which does not become ${formatType(type)}` };
    }
    if (!isSame) widened.push(`${name} ${formatType(found.type)} to ${formatType(type)}`);
    origins.push({ kind: "stored", name, cast: isSame ? null : type });
  }
  const dropped = stored.flatMap(({ name }) => (columns.some((column) => column.name === name) ? [] : [name]));
  return { origins, added, dropped, widened };
}

/** Neither columns nor their order differ: the table can stay as it is. */
export const isUnchanged = ({ origins, added, dropped, widened }: ColumnMatch, stored: Schema["columns"]): boolean =>
  added.length + dropped.length + widened.length === 0 &&
  origins.every((origin, i) => origin.kind === "stored" && origin.name === stored[i]?.name);

/** `added count_star; dropped sum_price`. */
export const changesText = ({ added, dropped, widened }: ColumnMatch): string =>
  [
    ["added", added],
    ["dropped", dropped],
    ["widened", widened],
  ]
    .flatMap(([what, names]) => (names?.length ? [`${String(what)} ${(names as readonly string[]).join(", ")}`] : []))
    .join("; ");
