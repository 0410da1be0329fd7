import type { Batch } from "../contract/batch.ts";
import type { Expression } from "../contract/expressions.ts";
import type { JoinType } from "../contract/job-graph.ts";
import type { OperatorContext, Output } from "../contract/operator.ts";
import type { Schema } from "../contract/types.ts";
import { BatchBuilder } from "../exchange/batch-builder.ts";
import { NullColumns } from "./null-columns.ts";
import { PairFilter } from "./pair-filter.ts";

/** The output of a join: pairs, rows of one side, rows padded with NULL. */
export class JoinedRows {
  readonly #join: JoinType;
  readonly #context: OperatorContext;
  readonly #output: Output;
  readonly #residual: PairFilter | null;
  readonly #builders: readonly BatchBuilder[];
  readonly #nulls: readonly NullColumns[];

  constructor(spec: { readonly join: JoinType; readonly residual: Expression | null }, context: OperatorContext, output: Output) {
    this.#join = spec.join;
    this.#context = context;
    this.#output = output;
    this.#residual = spec.residual === null ? null : new PairFilter(spec.residual, context.inputs);
    this.#builders = context.inputs.map((schema) => new BatchBuilder(schema));
    this.#nulls = context.inputs.map((schema: Schema) => new NullColumns(schema));
  }

  /** Moves the pairs that meet the residual condition to the front; how many. */
  keep(left: Batch, leftRows: Int32Array, right: Batch, rightRows: Int32Array, count: number): number {
    if (this.#residual === null) return count;
    const now_us = BigInt(Math.trunc(this.#context.world.clock.now_ms())) * 1_000n;
    return this.#residual.keep(left, leftRows, right, rightRows, count, now_us);
  }

  pairs(left: Batch, leftRows: Int32Array, right: Batch, rightRows: Int32Array, count: number): void {
    if (count === 0) return;
    const columns = [...this.#gather(0, left, leftRows, count), ...this.#gather(1, right, rightRows, count)];
    this.#output.batch({ rows: count, columns, weights: null });
  }

  /** Left rows alone. */
  left(batch: Batch, rows: Int32Array): void {
    if (rows.length > 0) this.#output.batch({ rows: rows.length, columns: this.#gather(0, batch, rows, rows.length), weights: null });
  }

  /** Rows of a side that have no partner: padded, or themselves the result of anti; nothing to semi and inner. */
  unmatched(side: 0 | 1, batch: Batch, rows: Int32Array): void {
    if (this.#join === "anti") this.left(batch, rows);
    if (this.#join === "anti" || this.#join === "semi" || this.#join === "inner") return;
    const own = this.#gather(side, batch, rows, rows.length);
    const nulls = (this.#nulls[1 - side] as NullColumns).take(rows.length);
    this.#output.batch({ rows: rows.length, columns: side === 0 ? [...own, ...nulls] : [...nulls, ...own], weights: null });
  }

  #gather(side: 0 | 1, batch: Batch, rows: Int32Array, count: number): Batch["columns"] {
    const builder = this.#builders[side] as BatchBuilder;
    builder.clear();
    builder.append(batch, { selection: rows, from: 0, to: count });
    return builder.build().columns;
  }
}
