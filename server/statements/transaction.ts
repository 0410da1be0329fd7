import { commitChanges } from "../tables/transaction.ts";
import { command, type Handler } from "./context.ts";
import type { Session } from "../session/execution.ts";

/**
 * BEGIN … COMMIT of a session's own connection: a snapshot for its reads, and its changes become visible together.
 * Statements that change the catalog or a job act at once, as they do in Flink and RisingWave.
 */
export const begin: Handler<"begin"> = {
  async execute(_statement, _context, session) {
    if (session.transaction !== "idle") {
      return command("BEGIN", [{ severity: "WARNING", message: "there is already a transaction in progress" }]);
    }
    await session.connection.run("BEGIN");
    session.transaction = "open";
    return command("BEGIN");
  },
};

export const commit: Handler<"commit"> = {
  async execute(_statement, { engine }, session) {
    if (session.transaction === "idle") return command("COMMIT", [noTransaction]);
    if (session.transaction === "failed") {
      await undo(session);
      return command("ROLLBACK");
    }
    session.transaction = "idle";
    await commitChanges(session, engine);
    return command("COMMIT");
  },
};

export const rollback: Handler<"rollback"> = {
  async execute(_statement, _context, session) {
    if (session.transaction === "idle") return command("ROLLBACK", [noTransaction]);
    await undo(session);
    return command("ROLLBACK");
  },
};

const noTransaction = { severity: "WARNING", message: "there is no transaction in progress" } as const;

async function undo(session: Session): Promise<void> {
  const failed = session.transaction === "failed";
  session.transaction = "idle";
  session.changedTables.clear();
  // After a run-time error DuckDB has rolled back by itself, and then refuses the ROLLBACK.
  if (failed) await session.connection.run("ROLLBACK").catch(() => undefined);
  else await session.connection.run("ROLLBACK");
}
