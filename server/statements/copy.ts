import { createReadStream } from "node:fs";
import type { TableObject } from "../../planner/catalog.ts";
import type { StatementOf } from "../../planner/front/statement.ts";
import { allowedPath } from "../../runtime/connectors/filesystem/allowed-path.ts";
import { messageOf, SqlError, TaskFailure } from "../../runtime/contract/errors.ts";
import type { Outcome, Session } from "../session/execution.ts";
import { constraintError } from "../tables/constraint-error.ts";
import { CopyIn } from "../tables/copy-in.ts";
import { insertCopied } from "../tables/insert-copied.ts";
import { changingTable } from "../tables/transaction.ts";
import { command, type Handler, type StatementContext } from "./context.ts";
import { createRows } from "./table-ddl.ts";

type Copy = StatementOf<"copy">;

/** COPY … FROM: the data is gathered first, then inserted like the rows of one INSERT. */
export const copy: Handler<"copy"> = {
  async execute(statement, context, session): Promise<Outcome> {
    const table = context.catalog.require(statement.target, ["table"]) as TableObject;
    const columns = columnsOf(statement, table);
    const copyIn = await CopyIn.start(session, { table, columns, format: statement.format });
    const finish = async (): Promise<string> => {
      await copyIn.end();
      await insert(table, columns, context, session);
      return `COPY ${copyIn.rows}`;
    };
    if (statement.from.kind === "stdin") {
      return { kind: "copyIn", columns: columns.length, receive: (bytes) => copyIn.receive(bytes), finish, notices: [] };
    }
    await readFile(statement.from, copyIn, context, session);
    return command(await finish());
  },
};

function columnsOf({ columns, target }: Copy, table: TableObject): readonly string[] {
  const unknown = columns?.find((name) => !table.columns.some((column) => column.name === name));
  if (unknown !== undefined) {
    const message = `column "${unknown}" of relation "${table.name}" does not exist`;
    throw new SqlError({ sqlState: "42703", message, at: target.at });
  }
  return columns ?? table.columns.map(({ name }) => name);
}

async function insert(table: TableObject, columns: readonly string[], context: StatementContext, session: Session): Promise<void> {
  const rows = await createRows(table, context);
  await changingTable(session, table, context, (keeps) =>
    insertCopied({ connection: session.connection, table, columns, keeps }, rows),
  ).catch(constraintError(table));
}

/** The server's file, within the directories that file connectors may use. */
async function readFile(
  { path, at }: { readonly path: string; readonly at: number },
  copyIn: CopyIn,
  context: StatementContext,
  session: Session,
) {
  const run = { canceled: false };
  const stop = (): void => {
    run.canceled = true;
  };
  session.onCancel.add(stop);
  try {
    for await (const chunk of createReadStream(allowedPath(path, context.places))) {
      if (run.canceled) throw new SqlError({ sqlState: "57014", message: "canceling statement due to user request" });
      await copyIn.receive(chunk as Buffer);
    }
  } catch (error) {
    if (error instanceof SqlError) throw error;
    const sqlState = error instanceof TaskFailure ? error.sqlState : "58030";
    throw new SqlError({ sqlState, message: messageOf(error), at, cause: error });
  } finally {
    session.onCancel.delete(stop);
  }
}
