import type { JavascriptFunction } from "./javascript.ts";

/** DuckDB as a binder (design D1): an in-memory instance of its own, with the catalog mirrored as empty tables. */
export interface PlanningDb {
  /** DDL of the mirror, macros. */
  run(sql: string): Promise<void>;
  /** Makes a function in JavaScript known to the binder, under its marker's name; it is never evaluated there. */
  declareFunction(definition: JavascriptFunction): void;
  /** The bound plan of a query, as json_serialize_plan writes it (raw text, not standard JSON: notes/duckdb-plan.md). Joins stay in the order of FROM unless asked. */
  plan(sql: string, options?: { readonly reorderJoins: boolean }): Promise<string>;
  /** Result column names and DuckDB type names of a query. Throws SqlError. */
  describe(sql: string): Promise<readonly { readonly name: string; readonly type: string }[]>;
  /** Rows of a small query as text; parameters are bound as VARCHAR. For the catalog of functions and json_serialize_sql. */
  texts(sql: string, parameters?: readonly string[]): Promise<readonly (readonly (string | null)[])[]>;
  close(): void;
}

/** Opens a fresh instance; planning opens a new one when a plan times out. */
export type OpenPlanningDb = () => Promise<PlanningDb>;
