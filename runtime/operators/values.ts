import { type Batch, batch_rows_target } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import type { ValuesSpec } from "../contract/job-graph.ts";
import type {
  OperatorContext,
  OperatorDefinition,
  OperatorSnapshot,
  Output,
  PollResult,
  SourceOperator,
  StateTableSpec,
  Watermark,
} from "../contract/operator.ts";
import { batchOf, rowsOf } from "../contract/rows.ts";
import { bigint, integer } from "../contract/types.ts";

const positionTable: StateTableSpec = {
  name: "position",
  version: 1,
  columns: [
    { name: "input", type: integer },
    { name: "rows", type: bigint },
  ],
  keyColumns: 1,
  redistribution: { kind: "union" },
};

export const values: OperatorDefinition<ValuesSpec> = {
  op: "values",
  doc: "A bounded input of literal rows or of a series; remembers how many it has emitted.",
  stateTables: () => [positionTable],
  create: (spec, context, output) => new Values(spec, context, output),
};

/** The first subtask emits the rows; the others have none, so that no row is there twice. */
class Values implements SourceOperator {
  readonly #spec: ValuesSpec;
  readonly #context: OperatorContext;
  readonly #output: Output;
  readonly #rows: number;
  #position = 0;
  #stored = 0;

  constructor(spec: ValuesSpec, context: OperatorContext, output: Output) {
    this.#spec = spec;
    this.#context = context;
    this.#output = output;
    const { content } = spec;
    const rows = content.kind === "rows" ? content.rows.length : content.count;
    this.#rows = context.subtaskIndex === 0 ? rows : 0;
  }

  restore(_table: string, batch: Batch): void {
    for (const [, rows] of rowsOf({ columns: positionTable.columns }, batch)) this.#position = Number(rows);
    this.#stored = this.#position;
  }

  poll(): PollResult {
    const left = this.#rows - this.#position;
    if (left <= 0) return "end";
    const count = Math.min(left, batch_rows_target);
    const batch = this.#batch(this.#position, count);
    this.#position += count;
    this.#context.metrics.add("numRecordsIn", count);
    this.#output.batch(batch);
    return "more";
  }

  batch(): void {
    assert(false, "a bounded input has no input of its own");
  }

  watermark(watermark: Watermark): void {
    this.#output.watermark(watermark);
  }

  snapshot(): OperatorSnapshot {
    if (this.#context.subtaskIndex !== 0 || this.#position === this.#stored) return { deltas: [] };
    this.#stored = this.#position;
    const puts = batchOf({ columns: positionTable.columns }, [[0, BigInt(this.#position)]]);
    return { deltas: [{ table: positionTable.name, puts, deletes: null }] };
  }

  #batch(from: number, count: number): Batch {
    const { content } = this.#spec;
    if (content.kind === "rows") return batchOf(this.#context.output, content.rows.slice(from, from + count));
    const series = new BigInt64Array(count);
    let value = content.start + BigInt(from) * content.step;
    for (let i = 0; i < count; i++, value += content.step) series[i] = value;
    return { rows: count, columns: [{ phys: "i64", values: series, validity: null }], weights: null };
  }
}
