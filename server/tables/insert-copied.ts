import type { TableObject } from "../../planner/catalog.ts";
import type { StoreConnection } from "../../runtime/contract/store.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import { copiedRows } from "./copy-in.ts";
import { createKeptChanges, keptChanges, newRows, stored } from "./names.ts";

interface Copied {
  readonly connection: StoreConnection;
  readonly table: TableObject;
  readonly columns: readonly string[];
  readonly keeps: boolean;
}

/** Inserts what COPY has read; `createRows` as for INSERT. */
export async function insertCopied({ connection, table, columns, keeps }: Copied, createRows: string): Promise<void> {
  const list = columns.map(quoteName).join(", ");
  const copied = `(${list}) SELECT * FROM ${copiedRows}`;
  if (!keeps) await connection.run(`INSERT INTO ${stored(table.name)} ${copied}`);
  else {
    await connection.run(createRows);
    await connection.run(`INSERT INTO ${newRows} ${copied}`);
    await connection.run(`INSERT INTO ${stored(table.name)} SELECT * FROM ${newRows}`);
    await connection.run(createKeptChanges(table));
    await connection.run(`INSERT INTO ${keptChanges(table.name)} SELECT 1, * FROM ${newRows}`);
  }
  await connection.run(`DROP TABLE ${copiedRows}`);
}
