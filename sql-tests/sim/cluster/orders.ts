import type { Engine } from "../../../runtime/contract/control.ts";
import type { Store } from "../../../runtime/contract/store.ts";
import type { Action } from "../actions.ts";

export const ordersTable = "orders";

export const createOrders = (store: Store): Promise<void> =>
  store.transact((transaction) =>
    transaction.run(`CREATE TABLE IF NOT EXISTS public.${ordersTable} (id BIGINT, category BIGINT, amount BIGINT)`),
  );

/** What a statement changes, and the same as weighted rows of the table before it. */
function statementOf({ kind, n }: Extract<Action, { do: "write" }>): { readonly sql: string; readonly changes: string } {
  const where = `id % 5 = ${n % 5}`;
  const table = `public.${ordersTable}`;
  switch (kind) {
    case "insert": {
      const rows = `SELECT ${n} * 100 + i AS id, i % 3 AS category, i + ${n} AS amount FROM range(${1 + (n % 20)}) t(i)`;
      return { sql: `INSERT INTO ${table} ${rows}`, changes: `SELECT 1 AS weight, * FROM (${rows})` };
    }
    case "update":
      return {
        sql: `UPDATE ${table} SET category = (category + 1) % 3, amount = amount + ${n} WHERE ${where}`,
        changes:
          `SELECT -1 AS weight, id, category, amount FROM ${table} WHERE ${where} UNION ALL ` +
          `SELECT 1, id, (category + 1) % 3, amount + ${n} FROM ${table} WHERE ${where}`,
      };
    case "delete":
      return {
        sql: `DELETE FROM ${table} WHERE ${where}`,
        changes: `SELECT -1 AS weight, id, category, amount FROM ${table} WHERE ${where}`,
      };
  }
}

/** As server/tables does it: the change and its log in one transaction, made known once that has committed. */
export async function writeOrders(store: Store, { changeLogs }: Engine, action: Extract<Action, { do: "write" }>): Promise<void> {
  const { sql, changes } = statementOf(action);
  const connection = await store.connect();
  await changeLogs.exclusively([ordersTable], async () => {
    await connection.run("BEGIN");
    const isRead = changeLogs.readersOf(ordersTable).length > 0;
    const publish = isRead ? await changeLogs.append(connection, ordersTable, changes) : () => undefined;
    await connection.run(sql);
    await connection.run("COMMIT");
    publish();
  });
  connection.close();
}
