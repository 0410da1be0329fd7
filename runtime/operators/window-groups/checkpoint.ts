import type { Batch, Column } from "../../contract/batch.ts";
import type { WindowGroupAggregateSpec } from "../../contract/job-graph.ts";
import type { StateDelta } from "../../contract/operator.ts";
import type { Schema } from "../../contract/types.ts";
import { BatchBuilder } from "../../exchange/batch-builder.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { FrozenGroups } from "../../state/frozen-groups.ts";
import { gathered, type GroupTable, staged, stagedRows } from "../../state/group-table.ts";
import type { OpenWindows, WindowGroups } from "./groups.ts";
import { groupFields, groupsTable } from "./layout.ts";

/** Deltas of the table `groups`, and its rows read back. */
export class GroupsCheckpoint {
  readonly #groups: WindowGroups;
  readonly #table: string;
  readonly #keyCount: number;
  /** Keys of stored groups that ended since the last snapshot. A group that ended does not come back: its window is over, or it is empty. */
  #deleted: BatchBuilder;
  readonly #keys: Schema;

  constructor(spec: WindowGroupAggregateSpec, input: Schema, groups: WindowGroups) {
    this.#groups = groups;
    this.#table = groupsTable(spec, input).name;
    const keys = groupFields(spec, input);
    this.#keyCount = keys.length;
    this.#keys = { columns: keys };
    this.#deleted = new BatchBuilder(this.#keys);
  }

  /** Call before the table is freed. */
  closing({ table }: OpenWindows): void {
    staged(() => {
      const { rows, count } = table.allRows();
      this.#delete(table, rows, count);
    });
  }

  /** `pending`: groups that are to be shown, and so stay, even empty. The columns are borrowed: the task encodes them before anything else runs here. */
  snapshot(pending: ReadonlySet<number>): StateDelta | null {
    return staged(() => {
      this.#eraseEmpty(pending);
      const rest = this.#changed();
      const deletes = this.#deleted.rows === 0 ? null : this.#deleted.build();
      this.#deleted = new BatchBuilder(this.#keys);
      return rest === null && deletes === null ? null : { table: this.#table, puts: null, deletes, rest };
    });
  }

  restore(rows: Batch): void {
    staged(() => {
      const keys = rows.columns.slice(0, this.#keyCount);
      const ends = (keys.at(-1) as Extract<Column, { phys: "i64" }>).values;
      const found = this.#groups.lookup(keys, ends, rows.rows, false);
      this.#groups.merge(found.rows, rows.rows, rows.columns.slice(this.#keyCount, -1), rows.columns.at(-1) as Column);
    });
  }

  #eraseEmpty(pending: ReadonlySet<number>): void {
    for (const [{ table }, addresses] of this.#groups.takeEmpty(pending)) {
      const rows = stagedRows(addresses);
      this.#delete(table, rows, addresses.length);
      table.erase(rows, addresses.length);
    }
  }

  #delete(table: GroupTable, rows: Pointer, count: number): void {
    const stored = kernels().staging.bytes(count * 4);
    const storedCount = table.storedRows(rows, count, stored);
    if (storedCount === 0) return;
    const keys: Batch = { rows: storedCount, columns: this.#groups.layout.keys.decode(stored, storedCount), weights: null };
    this.#deleted.append(keys, { selection: null, from: 0, to: storedCount });
  }

  #changed(): FrozenGroups<null> | null {
    const tables = this.#groups.ordered.map(({ table }) => ({ table, tag: null }));
    return FrozenGroups.of(tables, (rows, count) => this.#rowsOf(rows, count));
  }

  #rowsOf(rows: Pointer, count: number): Batch {
    const { layout } = this.#groups;
    const held = gathered(rows, count, layout.extraOffset);
    const columns: Column[] = [...layout.keys.decode(rows, count), ...layout.aggregates.store(rows, count)];
    return { rows: count, columns: [...columns, { phys: "i64", values: held, validity: null }], weights: null };
  }
}
