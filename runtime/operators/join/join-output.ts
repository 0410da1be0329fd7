import type { Batch, Column } from "../../contract/batch.ts";
import type { Output } from "../../contract/operator.ts";
import type { Schema } from "../../contract/types.ts";
import { BatchBuilder } from "../../exchange/batch-builder.ts";
import { IntList } from "../../state/int-list.ts";
import { NullColumns } from "../null-columns.ts";
import type { RowTable } from "../../state/row-table.ts";

/** In place of a row number: the columns of that side are NULL. */
export const nullRow = -1;

const rows_max = 4_096;
/** So many pairs wait for the rows that are taken back, which are sent before them; then what is there is sent. */
const waiting_max = 1 << 20;

/** How the rows of an output look. `mark`: in place of the right row stands 0 (false), 1 (true) or 2 (NULL). */
export type OutputShape = "both" | "left" | "mark";

interface HasRows {
  readonly table: RowTable;
}

type Sides = readonly [HasRows, HasRows];

/**
 * The answer to one batch, as row numbers of both sides with weights. Rows that are taken back go out first, so that a reader with
 * a unique key never sees two rows of one key.
 */
export class JoinOutput {
  readonly #sides: Sides;
  readonly #shape: OutputShape;
  readonly #weighted: boolean;
  readonly #output: Output;
  readonly #builders: readonly [BatchBuilder, BatchBuilder];
  readonly #nulls: readonly [NullColumns, NullColumns];
  readonly #left = new IntList();
  readonly #right = new IntList();
  readonly #weights = new IntList();
  /** Bit k is set when a row of kind k waits: see `kindOf`. */
  #waiting = 0;
  readonly #selected = [new Int32Array(rows_max), new Int32Array(rows_max)] as const;
  readonly #selectedWeights = new Int32Array(rows_max);

  constructor(sides: Sides, schemas: readonly Schema[], shape: OutputShape, weighted: boolean, output: Output) {
    this.#sides = sides;
    this.#shape = shape;
    this.#weighted = weighted;
    this.#output = output;
    const [left, right] = schemas as readonly [Schema, Schema];
    this.#builders = [new BatchBuilder(left), new BatchBuilder(right)];
    this.#nulls = [new NullColumns(left), new NullColumns(right)];
  }

  add(left: number, right: number, weight: number): void {
    if (weight === 0) return;
    this.#left.push(left);
    this.#right.push(right);
    this.#weights.push(weight);
    this.#waiting |= 1 << kindOf(left, right, weight);
    if (this.#weights.length >= waiting_max) this.flush();
  }

  /** Sends what was added. */
  flush(): void {
    if (this.#weights.length === 0) return;
    for (let kind = 0; kind < 8; kind++) if ((this.#waiting & (1 << kind)) !== 0) this.#send(kind);
    this.#waiting = 0;
    this.#left.clear();
    this.#right.clear();
    this.#weights.clear();
  }

  #send(kind: number): void {
    const hasLeft = (kind & 2) !== 0;
    const hasRight = (kind & 1) !== 0;
    const [lefts, rights, weights] = [this.#left.values, this.#right.values, this.#weights.values];
    const [left, right] = this.#selected;
    let n = 0;
    for (let i = 0; i < this.#weights.length; i++) {
      const weight = weights[i] as number;
      if (kindOf(lefts[i] as number, rights[i] as number, weight) !== kind) continue;
      left[n] = lefts[i] as number;
      right[n] = rights[i] as number;
      this.#selectedWeights[n] = weight;
      if (++n < rows_max) continue;
      this.#emit(n, hasLeft, hasRight);
      n = 0;
    }
    if (n > 0) this.#emit(n, hasLeft, hasRight);
  }

  #emit(rows: number, hasLeft: boolean, hasRight: boolean): void {
    const weights = this.#weighted ? this.#selectedWeights : null;
    const batch: Batch = { rows, columns: [...this.#gather(0, rows, hasLeft), ...this.#rightColumns(rows, hasRight)], weights };
    this.#output.batch(batch);
  }

  #rightColumns(rows: number, hasRight: boolean): readonly Column[] {
    if (this.#shape === "left") return [];
    return this.#shape === "both" ? this.#gather(1, rows, hasRight) : [markColumn(this.#selected[1], rows)];
  }

  #gather(side: 0 | 1, rows: number, isThere: boolean): readonly Column[] {
    if (!isThere) return this.#nulls[side].take(rows);
    const builder = this.#builders[side];
    builder.clear();
    builder.append(this.#sides[side].table.rows(), { selection: this.#selected[side], from: 0, to: rows });
    return builder.build().columns;
  }
}

/** Rows that are taken back first; then by which sides they have. */
const kindOf = (left: number, right: number, weight: number): number => (weight < 0 ? 0 : 4) | (left >= 0 ? 2 : 0) | (right >= 0 ? 1 : 0);

function markColumn(marks: Int32Array, rows: number): Column {
  const values = new Uint8Array(rows);
  const validity = new Uint8Array(rows).fill(1);
  for (let i = 0; i < rows; i++) {
    if (marks[i] === 2) validity[i] = 0;
    else values[i] = marks[i] as number;
  }
  return { phys: "u8", values, validity };
}
