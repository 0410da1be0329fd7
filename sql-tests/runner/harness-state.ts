import { sliceBatch } from "../../runtime/contract/slice-batch.ts";
import type { Batch } from "../../runtime/contract/batch.ts";
import { hashRows, keyGroupOf } from "../../runtime/contract/hash.ts";
import type { KeyGroupRange, StateDelta, StateTableSpec } from "../../runtime/contract/operator.ts";
import { batchOf, rowsOf } from "../../runtime/contract/rows.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { formatBatch } from "./harness-text.ts";

/** What a checkpoint store would hold: the rows of each state table, by their key's text. */
export type HarnessState = ReadonlyMap<string, ReadonlyMap<string, readonly Value[]>>;

const keySchema = (table: StateTableSpec): Schema => ({ columns: table.columns.slice(0, table.keyColumns) });
const keyText = (table: StateTableSpec, row: readonly Value[]): string =>
  formatBatch(keySchema(table), batchOf(keySchema(table), [row.slice(0, table.keyColumns)])).join("");

function tableOf(tables: readonly StateTableSpec[], name: string): StateTableSpec {
  const table = tables.find((t) => t.name === name);
  if (table === undefined) throw new Error(`the operator has no state table ${name}`);
  return table;
}

/** The deltas with all of their rests as puts, copied: batches are borrowed. */
export function wholeDeltas(tables: readonly StateTableSpec[], deltas: readonly StateDelta[]): readonly StateDelta[] {
  return deltas.map(({ table: name, puts, deletes, rest = null }) => {
    if (rest === null) return { table: name, puts, deletes };
    const table = tableOf(tables, name);
    const rows = puts === null ? [] : [...rowsOf(table, puts)];
    rest.giveTo((piece) => rows.push(...rowsOf(table, piece)));
    while (rest.write(3));
    return { table: name, puts: rows.length === 0 ? null : batchOf(table, rows), deletes };
  });
}

/** Applies deltas as the store does; a key that is both put and deleted breaks the contract. */
export function applyDeltas(state: HarnessState, tables: readonly StateTableSpec[], deltas: readonly StateDelta[]): HarnessState {
  const next = new Map([...state].map(([name, rows]) => [name, new Map(rows)]));
  for (const delta of deltas) {
    const table = tableOf(tables, delta.table);
    const rows = next.get(table.name) ?? new Map<string, readonly Value[]>();
    next.set(table.name, rows);
    const puts = delta.puts === null ? [] : rowsOf(table, delta.puts);
    const deleted = delta.deletes === null ? [] : rowsOf(keySchema(table), delta.deletes).map((key) => keyText(table, key));
    const put = new Set(puts.map((row) => keyText(table, row)));
    for (const key of deleted) {
      if (put.has(key)) throw new Error(`state table ${table.name}: key ${key} is both put and deleted in one snapshot`);
      rows.delete(key);
    }
    if (put.size !== puts.length) throw new Error(`state table ${table.name}: one snapshot puts a key twice`);
    for (const row of puts) rows.set(keyText(table, row), row);
  }
  return next;
}

/** Sorted, because the order of a hash table is nobody's business. */
export function formatDeltas(tables: readonly StateTableSpec[], deltas: readonly StateDelta[]): string[] {
  return deltas.flatMap((delta) => {
    const table = tableOf(tables, delta.table);
    const puts = delta.puts === null ? [] : formatBatch(table, delta.puts, `put ${table.name} `);
    const deletes = delta.deletes === null ? [] : formatBatch(keySchema(table), delta.deletes, `delete ${table.name} `);
    return [...puts.sort(), ...deletes.sort()].map((line) => line.replace(" + ", " "));
  });
}

/** The rows of one table that a subtask with these key groups gets back. */
export function restoredRows(state: HarnessState, table: StateTableSpec, keyGroups: KeyGroupRange, maxParallelism: number): Batch | null {
  const rows = [...(state.get(table.name) ?? new Map<string, readonly Value[]>()).values()];
  if (rows.length === 0) return null;
  const all = batchOf(table, rows);
  if (table.redistribution.kind === "union") return all;
  const hashes = new Int32Array(all.rows);
  hashRows(all, table.redistribution.distribution, hashes);
  const own = rows.filter((_, i) => {
    const group = keyGroupOf(hashes[i] as number, maxParallelism);
    return group >= keyGroups.first && group <= keyGroups.last;
  });
  return own.length === 0 ? null : batchOf(table, own);
}

/** As a job hands them over: a union table's in one batch, a keyed one's in several. */
export function restoredParts({ redistribution }: StateTableSpec, rows: Batch | null): readonly Batch[] {
  if (rows === null) return [];
  if (redistribution.kind === "union" || rows.rows < 2) return [rows];
  const middle = Math.ceil(rows.rows / 2);
  return [sliceBatch(rows, 0, middle), sliceBatch(rows, middle, rows.rows)];
}
