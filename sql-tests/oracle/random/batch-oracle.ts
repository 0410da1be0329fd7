import { batchPrelude } from "../../../planner/front/prelude-sql.ts";
import { rewriteQuery } from "../../../planner/front/rewrite/rewrite-query.ts";
import { batchOf } from "../../../runtime/contract/rows.ts";
import type { Store, StoreConnection } from "../../../runtime/contract/store.ts";
import type { Schema } from "../../../runtime/contract/types.ts";
import type { Value } from "../../../runtime/contract/value.ts";
import { openStore } from "../../../runtime/duckdb/store.ts";
import type { Change } from "./case.ts";
import { batchDdl, batchSchemaOf, tables, valuesOf } from "./tables.ts";

/** DuckDB over the rows that are there now: the answer that a maintained result must equal. */
export class BatchOracle {
  readonly #store: Store;
  readonly #connection: StoreConnection;
  #live = new Map<string, Change>();
  readonly #dirty = new Set<string>();

  private constructor(store: Store, connection: StoreConnection) {
    this.#store = store;
    this.#connection = connection;
  }

  static async open(): Promise<BatchOracle> {
    const store = await openStore({ path: ":memory:", threads: 1, prelude: [...batchPrelude, ...batchDdl()] });
    return new BatchOracle(store, await store.connect());
  }

  /** No rows anywhere. */
  reset(): void {
    for (const { table } of this.#live.values()) this.#dirty.add(table);
    this.#live = new Map();
  }

  apply(changes: readonly Change[]): void {
    for (const change of changes) {
      const key = `${change.table} ${change.n}`;
      if (change.weight === 1) this.#live.set(key, change);
      else this.#live.delete(key);
      this.#dirty.add(change.table);
    }
  }

  /** At a moment of the clock. Throws SqlError where the batch has no answer. */
  async answer(question: string, now_ms: number): Promise<{ readonly schema: Schema; readonly rows: readonly (readonly Value[])[] }> {
    const sql = question.replaceAll("now()", `CAST('${new Date(now_ms).toISOString()}' AS TIMESTAMPTZ)`);
    await this.#load(sql);
    const result = await this.#connection.query(rewriteQuery({ text: sql, at: 0 }).text);
    return { schema: result.schema, rows: await result.rows() };
  }

  async close(): Promise<void> {
    this.#connection.close();
    await this.#store.close();
  }

  /** Brings the tables that the query names up to date. */
  async #load(sql: string): Promise<void> {
    const due = tables.filter(({ name }) => this.#dirty.has(name) && new RegExp(`\\b${name}\\b`).test(sql));
    if (due.length === 0) return;
    await this.#store.transact(async (transaction) => {
      for (const table of due) {
        const rows = [...this.#live.values()].filter((change) => change.table === table.name).map(({ row }) => valuesOf(table, row));
        await transaction.run(`DELETE FROM public.${table.name}`);
        if (rows.length > 0) await transaction.append("public", table.name, batchSchemaOf(table), [batchOf(batchSchemaOf(table), rows)]);
      }
    });
    for (const { name } of due) this.#dirty.delete(name);
  }
}
