import type { Batch, Column } from "../contract/batch.ts";
import type { SqlType } from "../contract/types.ts";
import { kernels } from "../kernels/kernels.ts";
import { GroupTable, staged } from "./group-table.ts";
import { KeyLayout } from "./key-layout.ts";

/** Keys of stored rows that ended since the last snapshot, for its deletes. */
export class GoneKeys {
  readonly #layout: KeyLayout;
  #keys: GroupTable | null = null;

  constructor(types: readonly SqlType[]) {
    this.#layout = new KeyLayout(types);
  }

  add(columns: readonly Column[], rows: number): void {
    if (rows === 0) return;
    this.#keys ??= new GroupTable(this.#layout, 0);
    const keys = this.#keys;
    staged(() => keys.find(columns, rows, { insert: true, mark: false }));
  }

  /** All of them, less those that are put again, of which `puts` gives at least the keys: a key stands in one of the two. Call within `staged`. */
  take(puts: () => Batch | null): Batch | null {
    const keys = this.#keys;
    if (keys === null) return null;
    this.#keys = null;
    const again = puts();
    if (again !== null) this.#drop(keys, again);
    const { rows, count } = keys.allRows();
    const columns = keys.keyColumns(rows, count);
    keys.free();
    return count === 0 ? null : { rows: count, columns, weights: null };
  }

  free(): void {
    this.#keys?.free();
    this.#layout.free();
  }

  #drop(keys: GroupTable, puts: Batch): void {
    const found = keys.find(puts.columns.slice(0, this.#layout.types.length), puts.rows, { insert: false, mark: false });
    const again = [
      ...new Set(
        kernels()
          .heap()
          .u32.subarray(found >>> 2, (found >>> 2) + puts.rows),
      ),
    ].filter((row) => row !== 0);
    const rows = kernels().staging.bytes(again.length * 4);
    kernels()
      .heap()
      .u32.set(again, rows >>> 2);
    keys.erase(rows, again.length);
  }
}
