import type { Batch, Column } from "../contract/batch.ts";
import { columnsOf, type Expression, mapColumns } from "../contract/expressions.ts";
import { type Field, integer, type Schema } from "../contract/types.ts";
import { BatchBuilder } from "../exchange/batch-builder.ts";
import { type CompiledCalc, compileCalc } from "../expr/calc.ts";

/** The columns of one input that the condition reads. */
interface Side {
  readonly columns: readonly number[];
  readonly rows: BatchBuilder;
}

/**
 * A join's residual condition over pairs of rows. Only the columns that it reads are gathered, for most pairs may fail:
 * those that remain are moved to the front of the pair lists.
 */
export class PairFilter {
  readonly #calc: CompiledCalc;
  readonly #sides: readonly Side[];
  #numbers = new Int32Array(0);

  /** `condition` is over the columns of both inputs, one behind the other. */
  constructor(condition: Expression, inputs: readonly Schema[]) {
    const all = inputs.flatMap((schema) => schema.columns);
    const leftWidth = inputs[0]?.columns.length ?? 0;
    const read = [...columnsOf(condition)].sort((a, b) => a - b);
    const fields = read.map((column) => all[column] as Field);
    const number = { kind: "column", index: read.length, type: integer } as const;
    this.#calc = compileCalc(
      mapColumns(condition, (column) => ({ ...column, index: read.indexOf(column.index) })),
      [number],
      { columns: [...fields, { name: "pair", type: integer }] },
    );
    this.#sides = [read.filter((c) => c < leftWidth), read.filter((c) => c >= leftWidth).map((c) => c - leftWidth)].map(
      (columns, side) => ({
        columns,
        rows: new BatchBuilder({ columns: columns.map((c) => (inputs[side] as Schema).columns[c] as Field) }),
      }),
    );
  }

  /** Returns how many of the first `count` pairs hold; they are the first of both lists afterwards. */
  keep(left: Batch, leftRows: Int32Array, right: Batch, rightRows: Int32Array, count: number, now_us: bigint): number {
    const columns = [...this.#gather(0, left, leftRows, count), ...this.#gather(1, right, rightRows, count), this.#pairs(count)];
    const held = this.#calc.run({ rows: count, columns, weights: null }, now_us);
    if (held.rows === 0) return 0; // and then it has no columns
    const numbers = (held.columns[0] as Extract<Column, { phys: "i32" }>).values;
    for (let i = 0; i < held.rows; i++) {
      const pair = numbers[i] as number;
      leftRows[i] = leftRows[pair] as number;
      rightRows[i] = rightRows[pair] as number;
    }
    return held.rows;
  }

  #gather(side: 0 | 1, batch: Batch, rows: Int32Array, count: number): readonly Column[] {
    const { columns, rows: builder } = this.#sides[side] as Side;
    builder.clear();
    const narrow = { rows: batch.rows, columns: columns.map((c) => batch.columns[c] as Column), weights: null };
    builder.append(narrow, { selection: rows, from: 0, to: count });
    return builder.build().columns;
  }

  #pairs(count: number): Column {
    if (this.#numbers.length < count) this.#numbers = Int32Array.from({ length: Math.max(count, 4_096) }, (_, i) => i);
    return { phys: "i32", values: this.#numbers, validity: null };
  }
}
