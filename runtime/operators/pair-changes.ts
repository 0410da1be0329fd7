import type { Batch, Column } from "../contract/batch.ts";
import { valueAt } from "../contract/rows.ts";
import type { Schema } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";

/** A row as it was and as it is, as row numbers of a batch. */
export interface Change {
  readonly before: number | null;
  readonly after: number | null;
}

/**
 * The netted changes of a batch, a delete and an insert of one key paired to an update. Without a key none are paired. Inserts of
 * one key that follow each other, of an append-only stream, stay as they are.
 */
export function pairChanges(schema: Schema, batch: Batch, key: readonly number[] | null): readonly Change[] {
  const deleted = new Map<string, number>();
  const changes: Change[] = [];
  const keyOf = (row: number): string => textOf((key ?? []).map((c) => valueOf(schema, batch, c, row)));
  for (let row = 0; row < batch.rows; row++) {
    const weight = batch.weights?.[row] ?? 1;
    if (weight < 0 && key !== null) deleted.set(keyOf(row), row);
    else if (weight < 0) for (let copy = weight; copy < 0; copy++) changes.push({ before: row, after: null });
    else {
      const before = key === null ? null : (deleted.get(keyOf(row)) ?? null);
      if (before !== null) deleted.delete(keyOf(row));
      changes.push({ before, after: row });
      for (let copy = 1; copy < weight; copy++) changes.push({ before: null, after: row });
    }
  }
  return [...[...deleted.values()].map((before): Change => ({ before, after: null })), ...changes];
}

const valueOf = (schema: Schema, batch: Batch, c: number, row: number): Value =>
  valueAt(schema.columns[c]?.type ?? { id: "varchar" }, batch.columns[c] as Column, row);

const textOf = (values: readonly Value[]): string =>
  JSON.stringify(values, (_, value: unknown) => (typeof value === "bigint" ? `${value}n` : value));
