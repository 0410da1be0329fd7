import type { Batch, Column } from "../contract/batch.ts";
import type { DeltaRest } from "../contract/operator.ts";
import type { SqlType } from "../contract/types.ts";
import { BatchBuilder } from "../exchange/batch-builder.ts";
import { kernels, type Pointer } from "../kernels/kernels.ts";
import { FrozenGroups } from "./frozen-groups.ts";
import type { GroupTable } from "./group-table.ts";
import type { KeyLayout } from "./key-layout.ts";

const peek = { insert: false, mark: false };

/** What of a table of (group, values) rows a checkpoint is to be told: rows that changed, and rows that it holds and that are gone. */
export interface ValueDelta {
  /** All are in the rest: the group's keys, the values, how often they came. */
  readonly puts: null;
  /** The group's keys and the values. */
  readonly deletes: Batch | null;
  readonly rest: DeltaRest | null;
}

/** Keeps track of a table whose keys are a group's address and values, so that a checkpoint holds each value as a row of its own. */
export class StoredValues {
  readonly #values: GroupTable;
  readonly #groupKeys: KeyLayout;
  /** Offset of the multiplicity in a row. */
  readonly #times: number;
  /** Address of the group and values of rows that the last checkpoint holds and that are no more, or have come back since. */
  readonly #dropped: BatchBuilder;
  readonly #deletes: BatchBuilder;

  constructor(values: GroupTable, times: number, groupKeys: KeyLayout) {
    this.#values = values;
    this.#groupKeys = groupKeys;
    this.#times = times;
    const own = values.keys.types;
    this.#dropped = builderOf(own);
    this.#deletes = builderOf([...groupKeys.types, ...own.slice(1)]);
  }

  /** Rows that are about to be erased. */
  drop(rows: Pointer, count: number): void {
    const stored = kernels().staging.bytes(count * 4);
    const n = this.#values.storedRows(rows, count, stored);
    if (n > 0) append(this.#dropped, this.#values.keys.decode(stored, n), n);
  }

  /** The changes since the last time. The rest is to be written before the rows of groups that are no more are handed out again. */
  take(): ValueDelta {
    this.#deletes.clear();
    this.#takeDropped();
    const rest = FrozenGroups.of([{ table: this.#values, tag: null }], (rows, count) => this.#rowsOf(rows, count));
    return { puts: null, deletes: built(this.#deletes), rest };
  }

  #rowsOf(rows: Pointer, count: number): Batch {
    const columns = [...this.#keysAndValues(this.#values.keys.decode(rows, count), count), this.#timesOf(rows, count)];
    return { rows: count, columns, weights: null };
  }

  /** A value that came back is a change of its row, no deletion. */
  #takeDropped(): void {
    const { rows, columns } = this.#dropped.build();
    if (rows === 0) return;
    const found = this.#values.find(columns, rows, peek);
    const { u32 } = kernels().heap();
    const gone = Int32Array.from({ length: rows }, (_, i) => i).filter((i) => u32[(found >>> 2) + i] === 0);
    if (gone.length > 0) {
      const all: Batch = { rows, columns: this.#keysAndValues(columns, rows), weights: null };
      this.#deletes.append(all, { selection: gone, from: 0, to: gone.length });
    }
    this.#dropped.clear();
  }

  /** A group's address as its keys. */
  #keysAndValues([addresses, ...values]: readonly Column[], count: number): readonly Column[] {
    const { staging, heap } = kernels();
    const groups = staging.bytes(count * 4);
    const { u32 } = heap();
    const address = (addresses as Extract<Column, { phys: "i64" }>).values;
    for (let i = 0; i < count; i++) u32[(groups >>> 2) + i] = Number(address[i]);
    return [...this.#groupKeys.decode(groups, count), ...values];
  }

  #timesOf(rows: Pointer, count: number): Column {
    const { run, staging, heap } = kernels();
    const times = staging.bytes(count * 8);
    run.gather64(rows, count, this.#times, times);
    return { phys: "i64", values: heap().i64.slice(times >>> 3, (times >>> 3) + count), validity: null };
  }
}

const builderOf = (types: readonly SqlType[]): BatchBuilder =>
  new BatchBuilder({ columns: types.map((type, i) => ({ name: `c${i}`, type })) });

const append = (builder: BatchBuilder, columns: readonly Column[], rows: number): void =>
  builder.append({ rows, columns, weights: null }, { selection: null, from: 0, to: rows });

const built = (builder: BatchBuilder): Batch | null => (builder.rows === 0 ? null : builder.build());
