import type { TableObject } from "../../planner/catalog.ts";
import { assert, SqlError } from "../../runtime/contract/errors.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import { type Change, type Changed, keep, returnRows, run, runAround } from "./change.ts";
import { newRows, stored } from "./names.ts";
import { addToReturned, findChanged, updateFound } from "./update.ts";

/** INSERT. `createRows` makes the temporary table that gives the rows the table's types and defaults. */
export async function applyInsert(change: Change, createRows: string): Promise<Changed> {
  const { plan, keeps } = change;
  const calls = (plan.insert?.rows?.functions.length ?? 0) > 0;
  if (plan.conflict === null && plan.returning === null && !keeps && !calls)
    return { rows: await insertInto(change, stored(change.table.name)), returned: null };
  await gather(change, createRows).catch(blameTable(change));
  const updated = plan.conflict === null ? 0 : await resolveConflicts(change);
  const rows = await run(change, `INSERT INTO ${stored(change.table.name)} SELECT * FROM ${newRows}`);
  await keep(change, `SELECT 1, * FROM ${newRows}`);
  if (updated > 0) await addToReturned(change);
  return { rows: rows + updated, returned: await returnRows(change) };
}

/** The new rows in the temporary table, from the beginning if it has to be done again. */
function gather(change: Change, createRows: string): Promise<unknown> {
  const attempt = async (): Promise<number> => {
    await run(change, createRows);
    return insertInto(change, newRows);
  };
  const rows = change.plan.insert?.rows ?? null;
  return rows === null ? attempt() : change.repeat(rows, attempt);
}

async function insertInto(change: Change, target: string): Promise<number> {
  const { insert } = change.plan;
  assert(insert !== null, "an INSERT has rows");
  const { rows } = insert;
  if (rows === null) return run(change, `INSERT INTO ${target}${columnList(insert.columns)} DEFAULT VALUES`);
  return forColumns(change.table, insert.columns, (columns) => runAround(change, `INSERT INTO ${target}${columnList(columns)} `, rows));
}

export const columnList = (columns: readonly string[] | null): string =>
  columns === null ? "" : ` (${columns.map(quoteName).join(", ")})`;

/** Without a list of columns an INSERT may give the first ones only: DuckDB says how many there were. */
export async function forColumns<T>(
  table: TableObject,
  columns: readonly string[] | null,
  insert: (columns: readonly string[] | null) => Promise<T>,
): Promise<T> {
  try {
    return await insert(columns);
  } catch (error) {
    const counts = error instanceof SqlError ? /has (\d+) columns but (\d+) values were supplied/.exec(error.message) : null;
    if (counts === null || columns !== null) throw error;
    const given = Number(counts[2]);
    if (given < Number(counts[1])) return insert(table.columns.slice(0, given).map(({ name }) => name));
    throw new SqlError({ sqlState: "42601", message: "INSERT has more expressions than target columns", cause: error });
  }
}

/** The temporary table is nothing that a user should read of. */
const blameTable =
  ({ table }: Change) =>
  (error: unknown): never => {
    if (!(error instanceof SqlError)) throw error;
    const { sqlState, message, detail, hint, at, cause } = error;
    throw new SqlError({ sqlState, message: message.replaceAll(" mr rows", table.name), detail, hint, at, cause });
  };

/** Takes the rows with keys that are there out of those to be inserted, and updates their rows if it is to be. Returns how many. */
async function resolveConflicts(change: Change): Promise<number> {
  const { plan, table } = change;
  const keys = keysOf(change);
  if (plan.changed === null) {
    for (const key of keys) {
      await run(change, removeExisting(table.name, key));
      await run(change, `DELETE FROM ${newRows} WHERE rowid IN (${repeated(key)})`);
    }
    return 0;
  }
  const [key = []] = keys;
  await refuseRepeated(change, key);
  const updated = await findChanged(change);
  if (updated > 0) await updateFound(change);
  await run(change, removeExisting(table.name, key));
  return updated;
}

/** The keys that the conflict is about. Throws SqlError 42P10 where the table does not hold the named columns to be unique. */
function keysOf({ plan, table }: Change): readonly (readonly string[])[] {
  const keys = [table.primaryKey, ...table.unique].filter((key) => key.length > 0);
  const wanted = plan.conflict?.columns ?? null;
  if (wanted === null) return keys;
  const key = keys.find((names) => names.length === wanted.length && names.every((name) => wanted.includes(name)));
  if (key !== undefined) return [key];
  throw new SqlError({
    sqlState: "42P10",
    message: "there is no unique or exclusion constraint matching the ON CONFLICT specification",
    at: plan.conflict?.at,
  });
}

const removeExisting = (table: string, key: readonly string[]): string => {
  const matches = key.map(quoteName).map((name) => `t.${name} = r.${name}`);
  return `DELETE FROM ${newRows} AS r WHERE EXISTS (SELECT 1 FROM ${stored(table)} AS t WHERE ${matches.join(" AND ")})`;
};

/** Row ids of new rows whose key an earlier one has. NULL is equal to nothing. */
function repeated(key: readonly string[]): string {
  const names = key.map(quoteName);
  const present = names.map((name) => `${name} IS NOT NULL`).join(" AND ");
  return `SELECT id FROM (SELECT rowid AS id, row_number() OVER (PARTITION BY ${names.join(", ")} ORDER BY rowid) AS n
    FROM ${newRows} WHERE ${present}) WHERE n > 1`;
}

async function refuseRepeated(change: Change, key: readonly string[]): Promise<void> {
  const rows = await (await change.connection.query(repeated(key))).rows();
  if (rows.length === 0) return;
  throw new SqlError({
    sqlState: "21000",
    message: "ON CONFLICT DO UPDATE command cannot affect row a second time",
    hint: "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.",
    at: change.plan.conflict?.at,
  });
}
