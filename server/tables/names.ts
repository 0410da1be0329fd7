import { rowsTable } from "../../planner/adhoc/plan-modify.ts";
import type { TableObject } from "../../planner/catalog.ts";
import { formatType } from "../../runtime/contract/types.ts";
import { quoteName } from "../../runtime/contract/quote.ts";

/*
 * Temporary tables of a session, in which the rows of a change are gathered. No name of a user has a space in front.
 */
const temporary = (name: string): string => `temp.${quoteName(name)}`;

/** The rows to be inserted, later those to be returned: the table's columns. */
export const newRows = temporary(rowsTable);
/** The rows to be changed: rid, o0 … as they are, n0 … as they will be. */
export const changedRows = temporary(" mr changed");
/** What the transaction has changed so far in a table that jobs read: weight, c0 … */
export const keptChanges = (table: string): string => temporary(` mr changes ${table}`);

export const stored = (table: string): string => `public.${quoteName(table)}`;

/** `n0, n1, …` for the table's columns. */
export const numbered = ({ columns }: TableObject, prefix: string): readonly string[] => columns.map((_, i) => `${prefix}${i}`);

export const createKeptChanges = (table: TableObject): string => {
  const columns = table.columns.map(({ type }, i) => `c${i} ${formatType(type)}`);
  return `CREATE TEMP TABLE IF NOT EXISTS ${quoteName(` mr changes ${table.name}`)} (${["weight INTEGER", ...columns].join(", ")})`;
};
