import { describeWithParameters, queryWithParameters, rethrowAt } from "../session/parameters.ts";
import { command, type Handler } from "./context.ts";

/** INSERT, UPDATE, DELETE on a table, inside the session's transaction if it has one. */
export const modify: Handler<"modify"> = {
  async describe(statement, context, session, declared) {
    context.catalog.require(statement.target, ["table"]);
    const { sql, position } = await context.planner.planModify(statement, context.catalog);
    const { schema, parameters } = await describeWithParameters(session.connection, sql, declared).catch(rethrowAt(position));
    return { columns: statement.returning ? schema : null, parameters };
  },
  async execute(statement, context, session, parameters) {
    context.catalog.require(statement.target, ["table"]);
    const { sql, position } = await context.planner.planModify(statement, context.catalog);
    const result = await queryWithParameters(session.connection, sql, parameters).catch(rethrowAt(position));
    const tag = (rows: number): string => (statement.verb === "insert" ? `INSERT 0 ${rows}` : `${statement.verb.toUpperCase()} ${rows}`);
    if (statement.returning) return { kind: "rows", result, tag, notices: [] };
    const rows = await result.rows();
    return command(tag(Number(rows[0]?.[0] ?? result.changed)));
  },
};
