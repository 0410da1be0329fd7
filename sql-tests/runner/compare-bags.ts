import type { Schema } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";

/** A bag of rows that weighted rows change. */
export class Bag {
  readonly #counts = new Map<string, { readonly row: readonly Value[]; count: number }>();

  add(row: readonly Value[], weight: number): void {
    const key = exact(row);
    const entry = this.#counts.get(key) ?? { row, count: 0 };
    entry.count += weight;
    if (entry.count === 0) this.#counts.delete(key);
    else this.#counts.set(key, entry);
  }

  /** Every row as often as it is there. Rows that were taken away more often than they came are `missing`. */
  rows(): { readonly rows: readonly (readonly Value[])[]; readonly negative: readonly string[] } {
    const entries = [...this.#counts.values()];
    return {
      rows: entries.flatMap(({ row, count }) => Array.from({ length: Math.max(0, count) }, () => row)),
      negative: entries.filter(({ count }) => count < 0).map(({ row, count }) => `${exact(row)} ${count} times`),
    };
  }
}

/** What differs, a line each; empty when the bags are equal. Doubles may differ by what summing in another order does. */
export function differences(
  schema: Schema,
  actual: readonly (readonly Value[])[],
  expected: readonly (readonly Value[])[],
): readonly string[] {
  const extra = new Map<string, (readonly Value[])[]>();
  for (const row of actual) {
    const key = rounded(row);
    const alike = extra.get(key);
    if (alike === undefined) extra.set(key, [row]);
    else alike.push(row);
  }
  const missing: (readonly Value[])[] = [];
  for (const row of expected) if (extra.get(rounded(row))?.pop() === undefined) missing.push(row);
  const left = [...extra.values()].flat();
  const doubles = schema.columns.flatMap(({ type }, c) => (type.id === "double" || type.id === "real" ? [c] : []));
  const unmatched = doubles.length === 0 ? missing : missing.filter((row) => !takeNear(left, row, doubles));
  return [...left.map((row) => `extra   ${exact(row)}`), ...unmatched.map((row) => `missing ${exact(row)}`)];
}

/** Rounding splits neighbours at a boundary: such a pair is found by its distance. */
function takeNear(left: (readonly Value[])[], row: readonly Value[], doubles: readonly number[]): boolean {
  const at = left.findIndex((other) =>
    row.every((value, c) => (doubles.includes(c) ? near(other[c] ?? null, value) : same(other[c] ?? null, value))),
  );
  if (at >= 0) left.splice(at, 1);
  return at >= 0;
}

const tolerance = 1e-8;

function near(a: Value, b: Value): boolean {
  if (typeof a !== "number" || typeof b !== "number") return a === b;
  return Object.is(a, b) || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));
}

const same = (a: Value, b: Value): boolean => rounded([a]) === rounded([b]);

const textOf =
  (number: (value: number) => unknown) =>
  (_: string, value: unknown): unknown =>
    typeof value === "bigint" ? `${value}` : typeof value === "number" ? number(value) : value;

const exact = (row: readonly Value[]): string =>
  JSON.stringify(
    row,
    textOf((value) => (Number.isFinite(value) ? value : String(value))),
  );
const rounded = (row: readonly Value[]): string =>
  JSON.stringify(
    row,
    textOf((value) => (Number.isFinite(value) ? Number(value.toPrecision(9)) + 0 : String(value))),
  );
