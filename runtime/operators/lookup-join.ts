import type { Batch } from "../contract/batch.ts";
import type { LookupJoinSpec } from "../contract/job-graph.ts";
import {
  type Operator,
  type OperatorContext,
  type OperatorDefinition,
  type OperatorSnapshot,
  type Output,
  type Watermark,
} from "../contract/operator.ts";
import type { Schema } from "../contract/types.ts";
import { RowTable } from "../state/row-table.ts";
import { type RowTableOptions, rowTableSpec } from "../state/row-table-spec.ts";
import { JoinedRows } from "./joined-rows.ts";

const pairs_max = 4_096;
const right = 1;

const keysOf = (spec: LookupJoinSpec, side: number): readonly number[] => (side === right ? spec.rightKeys : spec.leftKeys);

const tableOf = (spec: LookupJoinSpec, side: number, schema: Schema): RowTableOptions => ({
  name: side === right ? "table" : "left",
  schema,
  keys: keysOf(spec, side),
  changelog: side === right,
});

export const lookupJoin: OperatorDefinition<LookupJoinSpec> = {
  op: "lookupJoin",
  doc: "Joins each row once with what a table holds when the row comes; keeps the table's rows.",
  stateTables: (spec, inputs) => inputs.map((schema, side) => rowTableSpec(tableOf(spec, side, schema), keysOf(spec, side))),
  create: (spec, context, output) => new LookupJoin(spec, context, output),
};

class LookupJoin implements Operator {
  readonly #spec: LookupJoinSpec;
  readonly #output: Output;
  /** Rows that came before the table's snapshot was read. */
  readonly #waiting: RowTable;
  readonly #table: RowTable;
  readonly #rows: JoinedRows;
  readonly #pairs = { left: new Int32Array(pairs_max), right: new Int32Array(pairs_max) };
  #groups = new Int32Array(pairs_max);
  #matched = new Uint8Array(pairs_max);
  #isReady = false;
  /** The last watermark, while rows wait that it must not overtake. */
  #held: Watermark | null = null;

  constructor(spec: LookupJoinSpec, context: OperatorContext, output: Output) {
    this.#spec = spec;
    this.#output = output;
    const [left, table] = context.inputs as readonly [Schema, Schema];
    this.#waiting = new RowTable(tableOf(spec, 0, left), context.subtaskIndex);
    this.#table = new RowTable(tableOf(spec, right, table), context.subtaskIndex);
    this.#rows = new JoinedRows(spec, context, output);
  }

  batch(batch: Batch, input: number): void {
    if (input === right) this.#table.add(batch);
    else if (this.#isReady) this.#join(batch, this.#numbers(batch.rows));
    else this.#waiting.add(batch);
  }

  watermark(watermark: Watermark): void {
    if (this.#isReady) this.#output.watermark(watermark);
    else this.#held = watermark;
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  /** The table is idle as soon as its snapshot was read. */
  inputIdle(input: number, idle: boolean): void {
    if (input === right && idle) this.#begin();
  }

  /** The table has ended too: what was not read of it by now never will be. */
  finish(): void {
    this.#begin();
  }

  snapshot(checkpointId: number): OperatorSnapshot {
    return { deltas: [this.#waiting.takeDelta(checkpointId), this.#table.takeDelta(checkpointId)] };
  }

  restore(table: string, rows: Batch): void {
    (table === "left" ? this.#waiting : this.#table).restore(rows);
  }

  #begin(): void {
    if (this.#isReady) return;
    this.#isReady = true;
    const rows = this.#waiting.liveRows();
    if (rows.length > 0) this.#join(this.#waiting.rows(), rows);
    for (const row of rows) this.#waiting.remove(row);
    if (this.#held !== null) this.#output.watermark(this.#held);
    this.#held = null;
  }

  #join(left: Batch, rows: Int32Array): void {
    this.#reserve(left.rows);
    this.#table.findGroups(left, this.#spec.leftKeys, this.#spec.nullSafe, this.#groups);
    this.#matched.fill(0, 0, left.rows);
    let count = 0;
    for (const row of rows) {
      for (let at = this.#table.firstOf(this.#groups[row] as number); at >= 0; at = this.#table.nextOf(at)) {
        for (let copy = this.#table.countOf(at); copy > 0; copy--) {
          this.#pairs.left[count] = row;
          this.#pairs.right[count] = at;
          if (++count === pairs_max) count = this.#emit(left, count);
        }
      }
    }
    if (count > 0) this.#emit(left, count);
    const alone = rows.filter((row) => this.#matched[row] === 0);
    if (alone.length > 0) this.#rows.unmatched(0, left, alone);
  }

  #emit(left: Batch, count: number): 0 {
    const table = this.#table.rows();
    const kept = this.#rows.keep(left, this.#pairs.left, table, this.#pairs.right, count);
    for (let k = 0; k < kept; k++) this.#matched[this.#pairs.left[k] as number] = 1;
    this.#rows.pairs(left, this.#pairs.left, table, this.#pairs.right, kept);
    return 0;
  }

  #reserve(rows: number): void {
    if (this.#groups.length >= rows) return;
    this.#groups = new Int32Array(rows);
    this.#matched = new Uint8Array(rows);
  }

  #numbers(rows: number): Int32Array {
    return Int32Array.from({ length: rows }, (_, i) => i);
  }
}
