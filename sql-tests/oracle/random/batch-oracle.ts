import { batchPrelude } from "../../../planner/front/prelude-sql.ts";
import { rewriteQuery } from "../../../planner/front/rewrite/rewrite-query.ts";
import type { Store, StoreConnection } from "../../../runtime/contract/store.ts";
import type { Schema } from "../../../runtime/contract/types.ts";
import type { Value } from "../../../runtime/contract/value.ts";
import { openStore } from "../../../runtime/duckdb/store.ts";
import type { Change } from "./case.ts";
import { functionMacros } from "./functions.ts";
import { batchDdlOf, cellSql, type RandomTable, tables } from "./tables.ts";

/** What a table of the batch lacks of what came and went. */
interface Due {
  /** It holds rows of another case. */
  isStale: boolean;
  readonly come: Map<number, Change>;
  readonly gone: Set<number>;
}

/** DuckDB over the rows that are there now: the answer that a maintained result must equal. */
export class BatchOracle {
  readonly #store: Store;
  readonly #connection: StoreConnection;
  readonly #due: ReadonlyMap<string, Due> = new Map(
    tables.map(({ name }) => [name, { isStale: true, come: new Map<number, Change>(), gone: new Set<number>() }]),
  );

  /** Most questions are asked again after the next step. */
  #asked = { sql: "", rewritten: "" };

  private constructor(store: Store, connection: StoreConnection) {
    this.#store = store;
    this.#connection = connection;
  }

  static async open(): Promise<BatchOracle> {
    const store = await openStore({ path: ":memory:", threads: 1, prelude: [...batchPrelude, ...functionMacros] });
    return new BatchOracle(store, await store.connect());
  }

  /** No rows anywhere. */
  reset(): void {
    for (const due of this.#due.values()) {
      due.isStale = true;
      due.come.clear();
      due.gone.clear();
    }
  }

  apply(changes: readonly Change[]): void {
    for (const change of changes) {
      const due = this.#due.get(change.table);
      if (due === undefined) throw new Error(`there is no random table ${change.table}`);
      if (change.weight === 1) due.come.set(change.n, change);
      else if (!due.come.delete(change.n)) due.gone.add(change.n);
    }
  }

  /** At a moment of the clock. Throws SqlError where the batch has no answer. */
  async answer(question: string, now_ms: number): Promise<{ readonly schema: Schema; readonly rows: readonly (readonly Value[])[] }> {
    const sql = question.replaceAll("now()", `CAST('${new Date(now_ms).toISOString()}' AS TIMESTAMPTZ)`);
    await this.#load(sql);
    if (this.#asked.sql !== sql) this.#asked = { sql, rewritten: rewriteQuery({ text: sql, at: 0 }).text };
    const result = await this.#connection.query(this.#asked.rewritten);
    return { schema: result.schema, rows: await result.rows() };
  }

  async close(): Promise<void> {
    this.#connection.close();
    await this.#store.close();
  }

  /** Brings the tables that the query names up to date. */
  async #load(sql: string): Promise<void> {
    const statements = tables.filter(({ name }) => new RegExp(`\\b${name}\\b`).test(sql)).flatMap((table) => this.#statementsFor(table));
    if (statements.length > 0) await this.#connection.run(statements.join("; "));
  }

  /** A table is made anew for each case: what was deleted from a table in memory is still passed over by every scan. */
  #statementsFor(table: RandomTable): readonly string[] {
    const due = this.#due.get(table.name) as Due;
    const statements: string[] = [];
    if (due.isStale) statements.push(batchDdlOf(table));
    else if (due.gone.size > 0) statements.push(`DELETE FROM public.${table.name} WHERE n_ IN (${[...due.gone].join(", ")})`);
    if (due.come.size > 0) {
      const rows = [...due.come.values()].map((change) => rowSql(table, change)).join(", ");
      statements.push(`INSERT INTO public.${table.name} VALUES ${rows}`);
    }
    due.isStale = false;
    due.come.clear();
    due.gone.clear();
    return statements;
  }
}

const rowSql = (table: RandomTable, { row, n }: Change): string =>
  `(${[...table.columns.map(({ type }, c) => cellSql(type, row[c] ?? null)), String(n)].join(", ")})`;
