import type { Batch } from "../../../runtime/contract/batch.ts";
import { hashRows, keyGroupOf } from "../../../runtime/contract/hash.ts";
import type { KeyGroupRange, StateDelta, StateTableSpec } from "../../../runtime/contract/operator.ts";
import { batchOf, rowsOf } from "../../../runtime/contract/rows.ts";
import type { Schema } from "../../../runtime/contract/types.ts";
import type { Value } from "../../../runtime/contract/value.ts";

/** The state deltas of one subtask's operator, its batches copied into values: they are borrowed. */
export interface CollectedDelta {
  readonly uid: string;
  readonly table: StateTableSpec;
  readonly puts: readonly (readonly Value[])[];
  readonly deletes: readonly string[];
}

const keySchema = (table: StateTableSpec): Schema => ({ columns: table.columns.slice(0, table.keyColumns) });

const text = (_: string, value: unknown): unknown =>
  typeof value === "bigint"
    ? `${value}n`
    : value instanceof Uint8Array
      ? [...value]
      : Object.is(value, -0) || (typeof value === "number" && !Number.isFinite(value))
        ? `${Object.is(value, -0) ? "-0" : value}f`
        : value;

export const keyText = (values: readonly Value[]): string => JSON.stringify(values, text);

/** Copies a delta piece by piece, and holds it to the contract: no key twice, none in both lists, and only keys of the subtask's own key groups, if it has any. */
export class DeltaCollector {
  readonly #puts: (readonly Value[])[] = [];
  readonly #deletes: readonly string[];

  readonly #uid: string;
  readonly #table: StateTableSpec;
  readonly #keyGroups: KeyGroupRange | null;
  readonly #maxParallelism: number;

  constructor(uid: string, table: StateTableSpec, delta: StateDelta, keyGroups: KeyGroupRange | null, maxParallelism: number) {
    this.#uid = uid;
    this.#table = table;
    this.#keyGroups = keyGroups;
    this.#maxParallelism = maxParallelism;
    this.#deletes = delta.deletes === null ? [] : rowsOf(keySchema(table), delta.deletes).map(keyText);
    if (delta.puts !== null) this.add(delta.puts);
    delta.rest?.giveTo((puts) => this.add(puts));
  }

  add(puts: Batch): void {
    this.#puts.push(...rowsOf(this.#table, puts));
    if (this.#keyGroups !== null) requireOwn(this.#uid, this.#table, puts, this.#keyGroups, this.#maxParallelism);
  }

  value(): CollectedDelta {
    const uid = this.#uid;
    const table = this.#table;
    const keys = this.#puts.map((row) => keyText(row.slice(0, table.keyColumns)));
    const seen = new Set(keys);
    if (seen.size !== keys.length) throw new Error(`invariant: state table ${table.name} of ${uid}: one snapshot puts a key twice`);
    const both = this.#deletes.find((key) => seen.has(key));
    if (both !== undefined) throw new Error(`invariant: state table ${table.name} of ${uid}: key ${both} is both put and deleted`);
    return { uid, table, puts: this.#puts, deletes: this.#deletes };
  }
}

function requireOwn(uid: string, table: StateTableSpec, puts: Batch, own: KeyGroupRange, maxParallelism: number): void {
  if (table.redistribution.kind !== "keyed") return;
  for (const group of groupsOf(table.redistribution.distribution, puts, maxParallelism)) {
    if (group >= own.first && group <= own.last) continue;
    throw new Error(
      `invariant: state table ${table.name} of ${uid}: a row of key group ${group} in a subtask of ${own.first}..${own.last}`,
    );
  }
}

function groupsOf(distribution: readonly number[], batch: Batch, maxParallelism: number): readonly number[] {
  const hashes = new Int32Array(batch.rows);
  hashRows(batch, distribution, hashes);
  return Array.from(hashes, (hash) => keyGroupOf(hash, maxParallelism));
}

interface StoredTable {
  readonly spec: StateTableSpec;
  readonly rows: Map<string, readonly Value[]>;
}

/** What a checkpoint store holds: the rows of the state tables as of the last completed checkpoint. */
export class StateStore {
  readonly #tables = new Map<string, Map<string, StoredTable>>();

  commit(deltas: readonly CollectedDelta[]): void {
    for (const { uid, table, puts, deletes } of deltas) {
      const tables = this.#tables.get(uid) ?? new Map<string, StoredTable>();
      this.#tables.set(uid, tables);
      const stored = tables.get(table.name) ?? { spec: table, rows: new Map<string, readonly Value[]>() };
      tables.set(table.name, stored);
      for (const key of deletes) stored.rows.delete(key);
      for (const row of puts) stored.rows.set(keyText(row.slice(0, table.keyColumns)), row);
    }
  }

  /** The rows that a subtask with these key groups gets back; null for none. */
  restored(uid: string, table: StateTableSpec, own: KeyGroupRange, maxParallelism: number): Batch | null {
    const rows = [...(this.#tables.get(uid)?.get(table.name)?.rows.values() ?? [])];
    if (rows.length === 0) return null;
    const all = batchOf(table, rows);
    if (table.redistribution.kind === "union") return all;
    const groups = groupsOf(table.redistribution.distribution, all, maxParallelism);
    const mine = rows.filter((_, i) => (groups[i] as number) >= own.first && (groups[i] as number) <= own.last);
    return mine.length === 0 ? null : batchOf(table, mine);
  }

  /** State tables with rows that no operator of the job has: a plan at another parallelism must find all of them. */
  unknown(known: ReadonlySet<string>): readonly string[] {
    return [...this.#tables].flatMap(([uid, tables]) =>
      [...tables.values()]
        .filter(({ spec, rows }) => rows.size > 0 && !known.has(`${uid}/${spec.name}`))
        .map(({ spec }) => `${uid}/${spec.name}`),
    );
  }
}
