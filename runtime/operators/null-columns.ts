import type { Column } from "../contract/batch.ts";
import { nullsOf } from "../contract/nulls.ts";
import { columnOf } from "../contract/rows.ts";
import type { Schema } from "../contract/types.ts";

/** Columns of NULLs for the rows of an outer join that found no partner. Made once per size, which doubles. */
export class NullColumns {
  readonly #schema: Schema;
  #columns: readonly Column[] = [];
  #rows = 0;

  constructor(schema: Schema) {
    this.#schema = schema;
  }

  /** Of at least so many rows; not to be written to. */
  take(rows: number): readonly Column[] {
    if (rows > this.#rows) {
      this.#rows = Math.max(64, 2 ** Math.ceil(Math.log2(rows)));
      this.#columns = this.#schema.columns.map(({ type }) => nullsOf(columnOf(type, []), this.#rows));
    }
    return this.#columns;
  }
}
