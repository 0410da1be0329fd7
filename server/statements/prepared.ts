import type { Statement } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import { limits } from "../../runtime/contract/limits.ts";
import type { Parameter, Session } from "../session/execution.ts";
import { command, type Handler, type StatementContext } from "./context.ts";

/** SQL-level PREPARE: the statement is kept as it was read. */
export const prepare: Handler<"prepare"> = {
  async execute(statement, _context, session) {
    if (session.prepared.has(statement.name)) {
      throw new SqlError({ sqlState: "42P05", message: `prepared statement "${statement.name}" already exists`, at: statement.at });
    }
    if (session.prepared.size >= limits.preparedStatements_perSession_max) {
      throw new SqlError({ sqlState: "54000", message: "too many prepared statements in this session", hint: "DEALLOCATE some of them." });
    }
    session.prepared.set(statement.name, statement.statement);
    return command("PREPARE");
  },
};

export const execute: Handler<"execute"> = {
  describe: async (statement, context, session) => ({
    parameters: [],
    columns: (await context.executor.describe(find(session, statement.name, statement.at), session)).columns,
  }),
  async execute(statement, context, session) {
    const target = find(session, statement.name, statement.at);
    const values = await Promise.all(statement.arguments.map((argument) => evaluate(argument, context, session)));
    return context.executor.execute(target, session, values);
  },
};

export const deallocate: Handler<"deallocate"> = {
  async execute(statement, _context, session) {
    if (statement.name === null) session.prepared.clear();
    else {
      find(session, statement.name, statement.at);
      session.prepared.delete(statement.name);
    }
    return command(statement.name === null ? "DEALLOCATE ALL" : "DEALLOCATE");
  },
};

export const discard: Handler<"discard"> = {
  async execute(_statement, _context, session) {
    session.prepared.clear();
    session.variables.clear();
    return command("DISCARD ALL");
  },
};

function find(session: Session, name: string, at: number): Statement {
  const statement = session.prepared.get(name);
  if (statement === undefined) throw new SqlError({ sqlState: "26000", message: `prepared statement "${name}" does not exist`, at });
  return statement;
}

async function evaluate(
  argument: { readonly text: string; readonly at: number },
  context: StatementContext,
  session: Session,
): Promise<Parameter> {
  const sql = await context.planner.planExpression(argument, context.catalog.frozen());
  const result = await session.connection.query(`SELECT CAST((${sql}) AS VARCHAR)`);
  const [row] = await result.rows();
  return { type: null, value: row?.[0] ?? null };
}
