import type { TableObject } from "../../planner/catalog.ts";
import type { Session } from "../session/execution.ts";
import { createKeptChanges, keptChanges, stored } from "../tables/names.ts";
import { changingTable } from "../tables/transaction.ts";
import { command, type Handler, type StatementContext } from "./context.ts";
import { insertOnly } from "./modify.ts";
import { begin, commit, rollback } from "./transaction.ts";

/** TRUNCATE: all tables or none, jobs that read them see their rows go. */
export const truncate: Handler<"truncate"> = {
  async execute(statement, context, session) {
    const tables = statement.tables.map((name) => {
      const table = context.catalog.require(name, ["table"]) as TableObject;
      if (table.watermark !== null) throw insertOnly(table, "TRUNCATE", name.at);
      return table;
    });
    const alone = session.transaction === "idle" && tables.length > 1;
    if (!alone) await empty(tables, context, session);
    else {
      await begin.execute({ kind: "begin", at: 0, text: "" }, context, session, []);
      try {
        await empty(tables, context, session);
      } catch (error) {
        session.transaction = "failed";
        await rollback.execute({ kind: "rollback", at: 0, text: "" }, context, session, []);
        throw error;
      }
      await commit.execute({ kind: "commit", at: 0, text: "" }, context, session, []);
    }
    return command("TRUNCATE TABLE");
  },
};

async function empty(tables: readonly TableObject[], context: StatementContext, session: Session): Promise<void> {
  for (const table of tables) {
    await changingTable(session, table, context, async (keeps) => {
      if (keeps) {
        await session.connection.run(createKeptChanges(table));
        await session.connection.run(`INSERT INTO ${keptChanges(table.name)} SELECT -1, * FROM ${stored(table.name)}`);
      }
      await session.connection.run(`DELETE FROM ${stored(table.name)}`);
    });
  }
}
