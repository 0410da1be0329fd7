import type { Batch, Column, F64Column } from "../contract/batch.ts";
import { hashRows } from "../contract/hash.ts";
import { elementOf } from "../contract/rows.ts";
import type { Schema, SqlType } from "../contract/types.ts";

/** Number of rows, and the sum of their 32-bit hashes: independent of the order that rows are read in. */
export interface ContentHash {
  readonly rows: number;
  readonly hash: bigint;
}

/**
 * Gathers the content hash of rows, from frames when they are written and from DuckDB's batches when they are read again
 * (design D8b). Equal rows have equal hashes in both, for hashRows goes by value: it does not see the arrays' layout.
 */
export class ContentHasher {
  readonly #schema: Schema;
  readonly #columns: readonly number[];
  #rows = 0;
  #hash = 0n;
  #hashes = new Int32Array(0);

  constructor(schema: Schema) {
    this.#schema = schema;
    this.#columns = [...schema.columns.keys()];
  }

  add(batch: Batch): void {
    const hashes = this.rowHashes(batch);
    let sum = 0;
    for (let i = 0; i < batch.rows; i++) sum += (hashes[i] as number) >>> 0;
    this.#rows += batch.rows;
    this.#hash += BigInt(sum);
  }

  /** One hash per row, over the columns of the schema, which are the batch's first; valid until the next call. */
  rowHashes(batch: Batch): Int32Array {
    if (this.#hashes.length < batch.rows) this.#hashes = new Int32Array(Math.max(batch.rows, 4_096));
    const columns = this.#schema.columns.map((field, c) => asStored(field.type, batch.columns[c] as Column, batch.rows));
    hashRows({ rows: batch.rows, columns, weights: null }, this.#columns, this.#hashes);
    return this.#hashes;
  }

  value(): ContentHash {
    return { rows: this.#rows, hash: this.#hash };
  }
}

/** Values of REAL as the store keeps them, in single precision: so that what is hashed is what will be read again. */
function asStored(type: SqlType, column: Column, rows: number): Column {
  switch (type.id) {
    case "real":
      return { ...(column as F64Column), values: Float64Array.from((column as F64Column).values.subarray(0, rows), Math.fround) };
    case "list":
    case "map":
      return column.phys === "list" ? { ...column, child: asStored(elementOf(type), column.child, column.childRows) } : column;
    case "struct":
      return column.phys === "struct"
        ? { ...column, fields: column.fields.map((field, k) => asStored((type.fields[k] as { type: SqlType }).type, field, rows)) }
        : column;
    default:
      return column;
  }
}
