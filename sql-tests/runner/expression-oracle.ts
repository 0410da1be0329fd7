/**
 * Holds compiled expressions against DuckDB: the same SQL text, bound by DuckDB, evaluated by both over the same rows.
 *
 *   const oracle = await ExpressionOracle.open(schema, rows);
 *   await oracle.check("a + b");       // throws with the first row that differs; a failure of one must be a failure of both
 */
import { expect } from "vitest";
import { TaskFailure } from "../../runtime/contract/errors.ts";
import type { Expression } from "../../runtime/contract/expressions.ts";
import { batchOf, rowsOf } from "../../runtime/contract/rows.ts";
import { formatText } from "../../runtime/contract/text.ts";
import { formatType, type Schema, type SqlType } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { type LocalDuckdb, openLocal } from "../../runtime/duckdb/local.ts";
import { type CompiledCalc, compileCalc } from "../../runtime/expr/calc.ts";
import { canCompile } from "../../runtime/functions/registry.ts";
import { parsePlan, readProjection } from "./bound-expressions.ts";

/** Optimisers that reason from the rows of the table, as in the planner's own instance. */
const disabled = "statistics_propagation,compressed_materialization,empty_result_pullup,in_clause,common_subexpressions,filter_pushdown";
const quote = (text: string): string => `'${text.replaceAll("'", "''")}'`;

export class ExpressionOracle {
  readonly schema: Schema;
  readonly rows: readonly (readonly Value[])[];
  readonly #duckdb: LocalDuckdb;

  private constructor(schema: Schema, rows: readonly (readonly Value[])[], duckdb: LocalDuckdb) {
    this.schema = schema;
    this.rows = rows;
    this.#duckdb = duckdb;
  }

  static async open(schema: Schema, rows: readonly (readonly Value[])[]): Promise<ExpressionOracle> {
    const duckdb = await openLocal();
    await duckdb.evaluate("SELECT 1", schema, batchOf(schema, rows));
    await duckdb.run(`SET disabled_optimizers = ${quote(disabled)}`);
    return new ExpressionOracle(schema, rows, duckdb);
  }

  /** SQL text as the typed tree that the planner hands over. */
  async bind(sql: string): Promise<Expression> {
    const statement = `SELECT (${sql}) AS e FROM input`;
    const query = `SELECT json_serialize_plan(${quote(statement)}::VARCHAR, optimize := true, skip_default := true)`;
    const [row] = await (await this.#duckdb.stream(query)).rows();
    const plan = parsePlan(String(row?.[0])) as { readonly error?: boolean; readonly error_message?: string };
    if (plan.error === true) throw new Error(`${sql}: ${plan.error_message}`);
    return readProjection(plan)[0] as Expression;
  }

  async compiles(sql: string): Promise<boolean> {
    return canCompile(await this.bind(sql));
  }

  /** Compares all rows; `sql` must have a kernel. */
  async check(sql: string): Promise<void> {
    const bound = await this.bind(sql);
    if (!canCompile(bound))
      throw new Error(`${sql} has no kernel: ${JSON.stringify(bound, (_, v: unknown) => (typeof v === "bigint" ? `${v}n` : v))}`);
    await this.#compare(sql, bound, this.rows);
  }

  async #compare(sql: string, bound: Expression, rows: readonly (readonly Value[])[]): Promise<void> {
    const calc = compileCalc(null, [bound], this.schema);
    const expected = await this.#evaluate(`(${sql})`, rows);
    const actual = this.#run(calc, bound, rows);
    if (expected.error !== null || actual.error !== null) {
      if ((expected.error === null) !== (actual.error === null)) {
        await this.#blame(sql, bound, calc, rows);
        throw new Error(`${sql}: DuckDB ${expected.error ?? "gave values"}; the kernel ${actual.error ?? "gave values"}`);
      }
      await this.#compareTries(sql, bound, calc, rows);
      return;
    }
    expect(formatType(expected.type), `the type of ${sql}`).toBe(formatType(bound.type));
    rows.forEach((row, i) => this.#same(sql, row, expected.values[i] as Value, actual.values[i] as Value, bound.type));
  }

  /** Row by row where some row fails: the others must still agree. */
  async #compareTries(sql: string, bound: Expression, calc: CompiledCalc, rows: readonly (readonly Value[])[]): Promise<void> {
    const expected = await this.#evaluate(`TRY(${sql})`, rows);
    if (expected.error !== null) return;
    rows.forEach((row, i) => {
      const actual = this.#run(calc, bound, [row]);
      this.#same(`TRY(${sql})`, row, expected.values[i] as Value, actual.error === null ? (actual.values[0] as Value) : null, bound.type);
    });
  }

  /** Names the first row that only one of the two refuses. */
  async #blame(sql: string, bound: Expression, calc: CompiledCalc, rows: readonly (readonly Value[])[]): Promise<void> {
    for (const row of rows) {
      const expected = await this.#evaluate(`(${sql})`, [row]);
      const actual = this.#run(calc, bound, [row]);
      if ((expected.error === null) !== (actual.error === null)) {
        const show = (r: typeof expected | typeof actual): string => r.error ?? this.#show(bound.type, r.values[0] as Value);
        throw new Error(`${sql} of ${this.#showRow(row)}: DuckDB ${show(expected)}; the kernel ${show(actual)}`);
      }
    }
  }

  #same(sql: string, row: readonly Value[], expected: Value, actual: Value, type: SqlType): void {
    const [e, a] = [this.#show(type, expected), this.#show(type, actual)];
    if (e !== a) throw new Error(`${sql} of ${this.#showRow(row)}: DuckDB ${e}; the kernel ${a}`);
  }

  #show(type: SqlType, value: Value): string {
    if (value === null) return "NULL";
    if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
    return type.id === "varchar" ? JSON.stringify(value) : typeof value === "bigint" ? String(value) : formatText(type, value);
  }

  #showRow(row: readonly Value[]): string {
    return `(${this.schema.columns.map((c, i) => `${c.name}=${this.#show(c.type, row[i] as Value)}`).join(", ")})`;
  }

  async #evaluate(
    expression: string,
    rows: readonly (readonly Value[])[],
  ): Promise<{ values: Value[]; type: SqlType; error: string | null }> {
    const sql = `SELECT ${expression} AS e FROM input ORDER BY input_row`;
    try {
      const result = await this.#duckdb.evaluate(sql, this.schema, batchOf(this.schema, rows));
      const values = result.batches.flatMap((batch) => rowsOf(result.schema, batch).map((row) => row[0] as Value));
      return { values, type: (result.schema.columns[0] as { type: SqlType }).type, error: null };
    } catch (error) {
      return { values: [], type: { id: "integer" }, error: (error as Error).message };
    }
  }

  #run(calc: CompiledCalc, bound: Expression, rows: readonly (readonly Value[])[]): { values: Value[]; error: string | null } {
    const schema = { columns: [{ name: "e", type: bound.type }] };
    try {
      const result = calc.run(batchOf(this.schema, rows), 0n);
      return { values: rowsOf(schema, result).map((row) => row[0] as Value), error: null };
    } catch (error) {
      if (!(error instanceof TaskFailure)) throw error;
      return { values: [], error: error.message };
    }
  }

  close(): void {
    this.#duckdb.close();
  }
}

/** A reproducible stream of numbers in [0, 1) (mulberry32). */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Rows that draw each column from its list of values: corner cases meet each other. */
export function randomRows(columns: readonly (readonly Value[])[], count: number, seed: number): Value[][] {
  const random = randomOf(seed);
  return Array.from({ length: count }, () => columns.map((values) => values[Math.floor(random() * values.length)] as Value));
}
