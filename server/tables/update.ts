import { otherTable } from "../../planner/adhoc/plan-modify.ts";
import { assert } from "../../runtime/contract/errors.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import { type Change, type Changed, keep, returnRows, run, runAround } from "./change.ts";
import { changedRows, newRows, numbered, stored } from "./names.ts";

/** UPDATE: the rows are found and computed first, then changed by their row ids. */
export async function applyUpdate(change: Change): Promise<Changed> {
  const rows = await findChanged(change);
  await updateFound(change);
  if (change.plan.returning !== null) await showRows(change, "n");
  return { rows, returned: await returnRows(change) };
}

export async function applyDelete(change: Change): Promise<Changed> {
  const { table } = change;
  const rows = await findChanged(change);
  if (rows > 0) await run(change, `DELETE FROM ${stored(table.name)} WHERE rowid IN (SELECT rid FROM ${changedRows})`);
  await keep(change, `SELECT ${["-1", ...numbered(table, "o")].join(", ")} FROM ${changedRows}`);
  if (change.plan.returning !== null) await showRows(change, "o");
  return { rows, returned: await returnRows(change) };
}

/** Puts the rows to be changed aside; returns how many. */
export async function findChanged(change: Change): Promise<number> {
  const { table, plan } = change;
  assert(plan.changed !== null, "an update has rows to change");
  const others = plan.others.map((_, i) => `f${i}`);
  const names = ["rid", ...numbered(table, "o"), ...(plan.assigned.length > 0 ? numbered(table, "n") : []), ...others];
  const { changed } = plan;
  const before = `CREATE OR REPLACE TEMP TABLE " mr changed" AS SELECT * FROM (`;
  return change.repeat(changed, () => runAround(change, before, changed, `) AS s(${names.join(", ")})`));
}

/** In place, so that keys which stay are not taken for new ones. */
export async function updateFound(change: Change): Promise<void> {
  const { table, plan } = change;
  const set = plan.assigned.map((c) => `${quoteName(table.columns[c]?.name ?? "")} = s.n${c}`);
  await run(change, `UPDATE ${stored(table.name)} AS t SET ${set.join(", ")} FROM ${changedRows} AS s WHERE t.rowid = s.rid`);
  const before = ["-1", ...numbered(table, "o")].join(", ");
  const after = ["1", ...numbered(table, "n")].join(", ");
  await keep(change, `SELECT ${before} FROM ${changedRows} UNION ALL SELECT ${after} FROM ${changedRows}`);
}

/** Gives RETURNING the rows as they were (`o`) or are (`n`). */
async function showRows(change: Change, as: "o" | "n"): Promise<void> {
  const columns = change.table.columns.map(({ name }, i) => `${as}${i} AS ${quoteName(name)}`);
  await run(change, `CREATE OR REPLACE TEMP TABLE " mr rows" AS SELECT ${columns.join(", ")} FROM ${changedRows}`);
  for (const [i] of change.plan.others.entries()) {
    await run(change, `CREATE OR REPLACE TEMP TABLE ${quoteName(otherTable(i))} AS SELECT unnest(f${i}) FROM ${changedRows}`);
  }
}

/** Adds the rows as they are now to those that RETURNING sees. */
export const addToReturned = (change: Change): Promise<number> =>
  run(change, `INSERT INTO ${newRows} SELECT ${numbered(change.table, "n").join(", ")} FROM ${changedRows}`);
