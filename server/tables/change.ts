import type { ModifyPlan } from "../../planner/adhoc/plan-modify.ts";
import type { PlannedSql } from "../../planner/adhoc/compose.ts";
import type { TableObject } from "../../planner/catalog.ts";
import type { Batch } from "../../runtime/contract/batch.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import type { QueryResult, StoreConnection } from "../../runtime/contract/store.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import type { Parameter } from "../session/execution.ts";
import { queryWithUsedParameters } from "../session/parameters.ts";
import { createKeptChanges, keptChanges } from "./names.ts";

/** One statement that changes a table, under way. */
export interface Change {
  readonly connection: StoreConnection;
  readonly table: TableObject;
  readonly plan: ModifyPlan;
  readonly parameters: readonly Parameter[];
  /** Whether what it changes is kept for jobs that read the table. */
  readonly keeps: boolean;
  /** Runs what may be run again until all that `planned` calls is known. */
  readonly repeat: <T>(planned: PlannedSql, attempt: () => Promise<T>) => Promise<T>;
}

/** How many rows a statement changed, and what it returns. */
export interface Changed {
  readonly rows: number;
  readonly returned: { readonly schema: Schema; readonly batches: readonly Batch[] } | null;
}

/** Runs a planned query with ours around it; positions in errors are those of the user's text. Returns how many rows it changed. */
export async function runAround({ connection, parameters }: Change, before: string, planned: PlannedSql, after = ""): Promise<number> {
  const sql = `${before}${planned.sql}${after}`;
  return countOf(await queryWithUsedParameters(connection, sql, parameters).catch(blame(planned, before.length)));
}

const blame =
  (planned: PlannedSql, offset: number) =>
  (error: unknown): never => {
    if (!(error instanceof SqlError) || error.at === undefined) throw error;
    throw error.movedTo(error.at < offset ? undefined : planned.position(error.at - offset));
  };

export const run = async ({ connection }: Change, sql: string): Promise<number> => countOf(await connection.query(sql));

async function countOf(result: QueryResult): Promise<number> {
  const [[count = 0n] = []] = await result.rows();
  return typeof count === "bigint" ? Number(count) : result.changed;
}

/** Adds rows (weight, then the table's columns) to what the transaction has changed. */
export async function keep(change: Change, changes: string): Promise<void> {
  if (!change.keeps) return;
  await change.connection.run(createKeptChanges(change.table));
  await change.connection.run(`INSERT INTO ${keptChanges(change.table.name)} ${changes}`);
}

/** The rows that RETURNING asks for, read before the transaction ends. */
export async function returnRows(change: Change): Promise<Changed["returned"]> {
  const { returning } = change.plan;
  if (returning === null) return null;
  return change.repeat(returning, async () => {
    const result = await queryWithUsedParameters(change.connection, returning.sql, change.parameters).catch(blame(returning, 0));
    const batches: Batch[] = [];
    for (let batch = await result.next(); batch !== null; batch = await result.next()) batches.push(batch);
    return { schema: result.schema, batches };
  });
}
