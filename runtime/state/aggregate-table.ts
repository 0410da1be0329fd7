/**
 * Groups with aggregates: a GroupTable whose rows hold the accumulators of an AggregateSet. Used by every aggregate operator.
 *
 *   const layout = new AggregateLayout(keyTypes, calls);          // one per operator instance
 *   const table = new AggregateTable(layout);                     // one, or one per window slice
 *   staged(() => {                                                // everything staged below is given up at the end
 *     const columns = new StagedColumns(batch.columns, batch.rows, batch.weights);
 *     const rows = table.group(keyColumns, batch.rows);           // staged addresses of each row's group; new groups are made
 *     layout.aggregates.add(rows, columns);
 *     const touched = kernels().staging.bytes(batch.rows * 4);    // a changelog: the groups of this batch, each once
 *     const n = touchedRows(rows, batch.rows, ++stamp, touched);
 *     output(layout.keys.decode(touched, n), layout.aggregates.finish(touched, n));
 *   });
 *
 * Laws:
 * - A row's address is its identity until it is erased or its table freed; arrays of addresses may mix tables of one layout.
 * - Columns that come back (`decode`, `finish`, `store`) lie in arrays that the next call of the same method reuses.
 * - For a checkpoint: `freeze` (through FrozenGroups) gives the groups changed since the last time; write `decode` + `store` of them.
 *   A group that ends must be deleted from the store if it was ever stored: `storedRows` says which were. After a restore, call `setStored`.
 * - Frozen groups are written before they change: whoever changes rows that it did not mark before says so by `meet`.
 * - Rows end by `erase` or `free`, which give up what the aggregates hold for them.
 */
import type { Column } from "../contract/batch.ts";
import type { AggregateCall } from "../contract/job-graph.ts";
import type { SqlType } from "../contract/types.ts";
import { kernels, type Pointer } from "../kernels/kernels.ts";
import { AggregateSet } from "./aggregate-set.ts";
import { GroupTable, type LookupMode, staged } from "./group-table.ts";
import { KeyLayout, rowHeader_bytes } from "./key-layout.ts";

const upsert: LookupMode = { insert: true, mark: true };

/** Keys and aggregates of one operator: the layout that all its tables share. `extra_bytes` behind the accumulators are the caller's. */
export class AggregateLayout {
  readonly keys: KeyLayout;
  readonly aggregates: AggregateSet;
  /** Where the caller's own bytes lie in a row. */
  readonly extraOffset: number;
  readonly row_bytes: number;

  constructor(keyTypes: readonly SqlType[], calls: readonly AggregateCall[], extra_bytes = 0) {
    this.keys = new KeyLayout(keyTypes);
    const offset = rowHeader_bytes + 8 * this.keys.keyWords;
    this.aggregates = new AggregateSet(calls, offset);
    this.extraOffset = offset + this.aggregates.bytes;
    this.row_bytes = this.extraOffset + extra_bytes;
  }

  /** Adds every group of a table to another one. */
  mergeInto(into: AggregateTable, from: AggregateTable, mode: LookupMode = upsert): void {
    staged(() => {
      const { rows, count } = from.allRows();
      const targets = kernels().staging.bytes(count * 4);
      into.lookupRows(rows, count, mode, targets);
      this.mergeRows(targets, rows, count);
    });
  }

  /** Adds the aggregates of the row from[i] to those of into[i]; a caller with bytes of its own adds those too. */
  mergeRows(into: Pointer, from: Pointer, count: number): void {
    this.aggregates.mergeRows(into, from, count);
  }

  /** Takes every group of a table that was added before out of another one again; returns the groups' rows there, staged by the caller's mark. */
  unmergeFrom(into: AggregateTable, from: AggregateTable): RowList {
    const { rows, count } = from.allRows();
    const targets = kernels().staging.bytes(count * 4);
    into.lookupRows(rows, count, { insert: false, mark: false }, targets);
    this.unmergeRows(targets, rows, count);
    return { rows: targets, count };
  }

  /** Takes the aggregates of the row from[i] out of those of into[i]; a caller with bytes of its own does so too. */
  unmergeRows(into: Pointer, from: Pointer, count: number): void {
    this.aggregates.unmergeRows(into, from, count);
  }

  /** Frees what tables share; the tables first. */
  free(): void {
    this.aggregates.free();
    this.keys.free();
  }
}

/** Row addresses, staged. */
export interface RowList {
  readonly rows: Pointer;
  readonly count: number;
}

export class AggregateTable extends GroupTable {
  readonly layout: AggregateLayout;

  constructor(layout: AggregateLayout, expected = 0) {
    super(layout.keys, layout.row_bytes - rowHeader_bytes - 8 * layout.keys.keyWords, expected);
    this.layout = layout;
  }

  /** The groups of the first `rows` rows of key columns, as staged addresses; new groups are made, all are marked as changed. */
  group(keyColumns: readonly Column[], rows: number): Pointer {
    return this.find(keyColumns, rows, upsert);
  }

  override erase(rows: Pointer, count: number): void {
    this.meet(rows, count);
    this.layout.aggregates.release(rows, count);
    super.erase(rows, count);
  }

  override free(): void {
    this.meetAll();
    if (this.layout.aggregates.holdsMore)
      staged(() => {
        const { rows, count } = this.allRows();
        this.layout.aggregates.release(rows, count);
      });
    super.free();
  }
}
