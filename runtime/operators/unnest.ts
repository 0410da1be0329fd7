import { nullsOf } from "../contract/nulls.ts";
import type { Batch, Column, I64Column, ListColumn } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import type { UnnestSpec } from "../contract/job-graph.ts";
import type { Operator, OperatorDefinition, Output } from "../contract/operator.ts";
import { gatherBatch, gatherColumn } from "../expr/gather.ts";

/** Rows that leave in one batch when each row becomes many. */
const outputRows_max = 16_384;

export const unnest: OperatorDefinition<UnnestSpec> = {
  op: "unnest",
  doc: "One row per element of lists side by side, with the row's other columns. Stateless.",
  stateTables: () => [],
  create: (spec, _context, output) => new Unnest(spec, output),
};

class Unnest implements Operator {
  readonly #spec: UnnestSpec;
  readonly #output: Output;
  /** Per output row: the input row, and its position in the lists. */
  readonly #rows = new Int32Array(outputRows_max);
  readonly #positions = new Int32Array(outputRows_max);
  #count = 0;

  constructor(spec: UnnestSpec, output: Output) {
    this.#spec = spec;
    this.#output = output;
  }

  batch(batch: Batch): void {
    const lists = this.#spec.lists.map((at): ListColumn => {
      const column = batch.columns[at];
      assert(column?.phys === "list", "what is unnested is a list");
      return column;
    });
    const least = this.#spec.outer ? 1 : 0;
    for (let row = 0; row < batch.rows; row++) {
      const length = Math.max(least, ...lists.map((list) => lengthAt(list, row)));
      for (let position = 0; position < length; position++) {
        if (this.#count === outputRows_max) this.#flush(batch, lists);
        this.#rows[this.#count] = row;
        this.#positions[this.#count++] = position;
      }
    }
    this.#flush(batch, lists);
  }

  watermark(watermark: bigint): void {
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  #flush(batch: Batch, lists: readonly ListColumn[]): void {
    const rows = this.#count;
    if (rows === 0) return;
    this.#count = 0;
    const expanded = gatherBatch(batch, this.#rows, rows);
    const columns: Column[] = [...expanded.columns, ...lists.map((list) => this.#elements(list, rows))];
    if (this.#spec.ordinality) columns.push(this.#ordinality(lists, rows));
    this.#output.batch({ ...expanded, columns });
  }

  /** The element of each output row; NULL beyond the list's end. */
  #elements(list: ListColumn, rows: number): Column {
    const selection = new Int32Array(rows);
    const present = new Uint8Array(rows);
    let absent = 0;
    for (let i = 0; i < rows; i++) {
      const row = this.#rows[i] as number;
      const position = this.#positions[i] as number;
      if (position < lengthAt(list, row)) {
        selection[i] = (list.start[row] as number) + position;
        present[i] = 1;
      } else absent++;
    }
    if (absent === rows && list.childRows === 0) return nullsOf(list.child, rows);
    const column = gatherColumn(list.child, selection, rows);
    return absent === 0 ? column : withNulls(column, present);
  }

  #ordinality(lists: readonly ListColumn[], rows: number): I64Column {
    const values = new BigInt64Array(rows);
    const validity = new Uint8Array(rows).fill(1);
    for (let i = 0; i < rows; i++) {
      values[i] = BigInt((this.#positions[i] as number) + 1);
      if (lists.every((list) => lengthAt(list, this.#rows[i] as number) === 0)) validity[i] = 0;
    }
    return { phys: "i64", values, validity: this.#spec.outer ? validity : null };
  }
}

const lengthAt = (list: ListColumn, row: number): number =>
  list.validity !== null && list.validity[row] === 0 ? 0 : (list.end[row] as number) - (list.start[row] as number);

function withNulls(column: Column, present: Uint8Array): Column {
  const { validity } = column;
  return { ...column, validity: validity === null ? present : present.map((p, i) => p & (validity[i] as number)) };
}
