import type { Parameter } from "../session/execution.ts";
import { bound } from "./query.ts";
import { command, type Handler } from "./context.ts";

/** INSERT, UPDATE, DELETE on a table, inside the session's transaction if it has one. */
export const modify: Handler<"modify"> = {
  async describe(statement, context, session) {
    context.catalog.require(statement.target, ["table"]);
    const { sql } = await context.planner.planModify(statement, context.catalog);
    const { schema, parameters } = await session.connection.describe(sql);
    return { columns: statement.returning ? schema : null, parameters };
  },
  async execute(statement, context, session, parameters: readonly Parameter[]) {
    context.catalog.require(statement.target, ["table"]);
    const { sql } = await context.planner.planModify(statement, context.catalog);
    const result = await session.connection.query(sql, parameters.map(bound));
    const tag = (rows: number): string => (statement.verb === "insert" ? `INSERT 0 ${rows}` : `${statement.verb.toUpperCase()} ${rows}`);
    if (statement.returning) return { kind: "rows", result, tag, notices: [] };
    const rows = await result.rows();
    return command(tag(Number(rows[0]?.[0] ?? result.changed)));
  },
};
