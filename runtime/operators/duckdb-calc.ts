import type { Batch, Column, I32Column } from "../contract/batch.ts";
import { assert, messageOf, SqlError, TaskFailure } from "../contract/errors.ts";
import { columnsOf, type Expression } from "../contract/expressions.ts";
import type { DuckdbCalcSpec } from "../contract/job-graph.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../contract/operator.ts";
import { formatType, integer, type Schema } from "../contract/types.ts";
import type { LocalDuckdb } from "../duckdb/local.ts";
import { expressionToSql, type SqlContext } from "../expr/to-sql.ts";

const columnName = (index: number): string => `c${index}`;
const weightColumn = "weight";

/** Only the columns that the expressions read go to DuckDB, and a weight of each row. */
class DuckdbCalc implements Operator {
  readonly #spec: DuckdbCalcSpec;
  readonly #context: OperatorContext;
  readonly #output: Output;
  readonly #read: readonly number[];
  readonly #schema: Schema;
  #duckdb: LocalDuckdb | null = null;
  #weightOne = new Int32Array(0);

  constructor(spec: DuckdbCalcSpec, context: OperatorContext, output: Output) {
    this.#spec = spec;
    this.#context = context;
    this.#output = output;
    this.#read = columnsReadBy(spec);
    const input = context.inputs[0]?.columns ?? [];
    const columns = this.#read.map((index) => {
      const column = input[index];
      assert(column !== undefined, "an expression reads columns of its input");
      return { name: columnName(index), type: column.type };
    });
    this.#schema = { columns: [...columns, { name: weightColumn, type: integer }] };
  }

  /** DuckDB is loaded here and not before: whoever only reads this operator's definition needs no driver. */
  async open(): Promise<void> {
    const { openLocal } = await import("../duckdb/local.ts");
    this.#duckdb = await openLocal();
  }

  async batch(batch: Batch): Promise<void> {
    assert(this.#duckdb !== null, "an operator is opened before its first row");
    const columns = [...this.#read.map((index) => batch.columns[index] as Column), this.#weights(batch)];
    const sql = this.#sql(BigInt(Math.floor(this.#context.world.clock.now_ms())) * 1_000n);
    const result = await this.#duckdb.evaluate(sql, this.#schema, { rows: batch.rows, columns, weights: null }).catch(fail);
    for (const part of result.batches) {
      if (part.rows === 0) continue;
      const values = part.columns.slice(0, -1);
      const weights = batch.weights === null ? null : (part.columns.at(-1) as I32Column).values;
      this.#output.batch({ rows: part.rows, columns: values, weights });
    }
  }

  watermark(watermark: bigint): void {
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  async close(): Promise<void> {
    await this.#duckdb?.close();
    this.#duckdb = null;
  }

  /** The rows come back in the order in which they went. */
  #sql(now_us: bigint): string {
    const context: SqlContext = { columnName, now_us };
    const projections = this.#spec.projections.map((e, p) => `CAST(${expressionToSql(e, context)} AS ${formatType(e.type)}) AS p${p}`);
    const where = this.#spec.filter === null ? "" : ` WHERE ${expressionToSql(this.#spec.filter, context)}`;
    return `SELECT ${[...projections, weightColumn].join(", ")} FROM input${where} ORDER BY input_row`;
  }

  #weights(batch: Batch): Column {
    if (batch.weights !== null) return { phys: "i32", values: batch.weights, validity: null };
    if (this.#weightOne.length < batch.rows) this.#weightOne = new Int32Array(batch.rows).fill(1);
    return { phys: "i32", values: this.#weightOne, validity: null };
  }
}

function columnsReadBy(spec: DuckdbCalcSpec): readonly number[] {
  const columns = new Set<number>();
  const read = (e: Expression): void => void columnsOf(e, columns);
  spec.projections.forEach(read);
  if (spec.filter !== null) read(spec.filter);
  return [...columns].sort((a, b) => a - b);
}

/** What DuckDB says about a row is the user's fault; that it cannot be asked is ours. */
function fail(error: unknown): never {
  if (error instanceof SqlError) throw new TaskFailure("user", "fail", error.message, { sqlState: error.sqlState, cause: error });
  throw new TaskFailure("internal", "retry", messageOf(error), { cause: error });
}

export const duckdbCalc: OperatorDefinition<DuckdbCalcSpec> = {
  op: "duckdbCalc",
  doc: "Filters and projects through the slot's own DuckDB, for expressions without a kernel.",
  stateTables: () => [],
  create: (spec, context, output) => new DuckdbCalc(spec, context, output),
};
