/**
 * Holds compiled expressions against DuckDB: the same SQL text, bound by DuckDB, evaluated by both over the same rows.
 *
 *   const oracle = await ExpressionOracle.open(schema, rows);
 *   expect(await oracle.differences("a + b", "a // b")).toEqual([]);   // a row that one refuses, the other must refuse too
 */
import { TaskFailure } from "../../runtime/contract/errors.ts";
import { columnsOf, type Expression } from "../../runtime/contract/expressions.ts";
import { batchOf, rowsOf } from "../../runtime/contract/rows.ts";
import { formatText } from "../../runtime/contract/text.ts";
import { formatType, type Schema, type SqlType, sameType } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { type LocalDuckdb, openLocal } from "../../runtime/duckdb/local.ts";
import { type CompiledCalc, compileCalc } from "../../runtime/expr/calc.ts";
import { printExpression } from "../../runtime/expr/print.ts";
import { canCompile } from "../../runtime/functions/registry.ts";
import { parsePlan, readProjection } from "./bound-expressions.ts";
import { randomOf } from "./random.ts";

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

  /** What each text gives otherwise than DuckDB: empty when all agree. */
  async differences(...texts: readonly string[]): Promise<string[]> {
    const found: string[] = [];
    for (const sql of texts) {
      const difference = await this.#difference(sql).catch((error: unknown) => `${sql}: ${(error as Error).message}`);
      if (difference !== null) found.push(difference);
    }
    return found;
  }

  async #difference(sql: string): Promise<string | null> {
    const bound = await this.bind(sql);
    if (!canCompile(bound))
      return `${sql} has no kernel: ${printExpression(
        bound,
        this.schema.columns.map((c) => c.name),
      )}`;
    const calc = compileCalc(null, [bound], this.schema);
    const expected = await this.#evaluate(`(${sql})`);
    const actual = this.#run(calc, bound, this.rows);
    if (expected.error === null && actual.error === null) {
      if (!sameType(expected.type, bound.type)) return `${sql} is a ${formatType(expected.type)}, not a ${formatType(bound.type)}`;
      return this.#firstDifference(sql, bound.type, expected.values, actual.values) ?? this.#plainDifference(sql, bound, expected.values);
    }
    if (expected.error === null || actual.error === null) return this.#blame(sql, bound, calc);
    const tries = await this.#evaluate(`TRY(${sql})`);
    if (tries.error !== null) return null;
    const values = this.rows.map((row) => this.#run(calc, bound, [row]).values[0] ?? null);
    return this.#firstDifference(`TRY(${sql})`, bound.type, tries.values, values);
  }

  /** Again over the rows that have no NULL in what the expression reads, behind a filter: another kernel. */
  #plainDifference(sql: string, bound: Expression, expected: readonly Value[]): string | null {
    const read = [...columnsOf(bound)];
    const plain = this.rows.flatMap((row, i) => (read.some((c) => row[c] === null) ? [] : [i]));
    const always: Expression = { kind: "literal", value: true, type: { id: "boolean" } };
    const calc = compileCalc(always, [bound], this.schema);
    const actual = this.#run(
      calc,
      bound,
      plain.map((i) => this.rows[i] as readonly Value[]),
    );
    const values: Value[] = [...expected];
    plain.forEach((i, k) => {
      values[i] = actual.values[k] as Value;
    });
    return this.#firstDifference(`${sql} without NULLs`, bound.type, expected, values);
  }

  #firstDifference(sql: string, type: SqlType, expected: readonly Value[], actual: readonly Value[]): string | null {
    for (const [i, row] of this.rows.entries()) {
      const [e, a] = [this.#show(type, expected[i] as Value), this.#show(type, actual[i] as Value)];
      if (e !== a) return `${sql} of ${this.#showRow(sql, row)}: DuckDB ${e}; the kernel ${a}`;
    }
    return null;
  }

  /** Names the first row that only one of the two refuses. */
  async #blame(sql: string, bound: Expression, calc: CompiledCalc): Promise<string> {
    for (const [i, row] of this.rows.entries()) {
      const expected = await this.#evaluate(`(${sql})`, `WHERE input_row = ${i}`);
      const actual = this.#run(calc, bound, [row]);
      if ((expected.error === null) !== (actual.error === null)) {
        const show = (r: typeof expected | typeof actual): string => r.error ?? this.#show(bound.type, r.values[0] as Value);
        return `${sql} of ${this.#showRow(sql, row)}: DuckDB ${show(expected)}; the kernel ${show(actual)}`;
      }
    }
    return `${sql}: only one of DuckDB and the kernel fails, over the whole batch`;
  }

  #show(type: SqlType, value: Value): string {
    if (value === null) return "NULL";
    if (typeof value === "number") return Object.is(value, -0) ? "-0" : String(value);
    return type.id === "varchar" ? JSON.stringify(value) : typeof value === "bigint" ? String(value) : formatText(type, value);
  }

  /** The columns that the text names. */
  #showRow(sql: string, row: readonly Value[]): string {
    const named = this.schema.columns.map((c, i) =>
      new RegExp(`\\b${c.name}\\b`).test(sql) ? `${c.name}=${this.#show(c.type, row[i] as Value)}` : "",
    );
    return `(${named.filter((text) => text !== "").join(", ")})`;
  }

  async #evaluate(expression: string, where = ""): Promise<{ values: Value[]; type: SqlType; error: string | null }> {
    try {
      const result = await this.#duckdb.stream(`SELECT ${expression} AS e FROM input ${where} ORDER BY input_row`);
      const values = (await result.rows()).map((row) => row[0] as Value);
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

  close(): Promise<void> {
    return this.#duckdb.close();
  }
}

/** Rows that draw each column from its list of values: corner cases meet each other. */
export function randomRows(columns: readonly (readonly Value[])[], count: number, seed: number): Value[][] {
  const random = randomOf(seed);
  return Array.from({ length: count }, () => columns.map((values) => values[Math.floor(random() * values.length)] as Value));
}
