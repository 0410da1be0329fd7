import { refreshSystemTables } from "../serving/system-tables.ts";
import { describeWithParameters, queryWithParameters, rethrowAt } from "../session/parameters.ts";
import type { Handler } from "./context.ts";

/** An ad-hoc query: DuckDB answers it over the result tables of the last completed checkpoint. */
export const query: Handler<"query"> = {
  async describe(statement, context, session, declared) {
    const { sql, relations, position } = await context.planner.planQuery(statement.query, context.catalog);
    await refreshSystemTables(relations, context);
    const { schema, parameters } = await describeWithParameters(session.connection, sql, declared).catch(rethrowAt(position));
    return { columns: schema, parameters };
  },
  async execute(statement, context, session, parameters) {
    const { sql, relations, position } = await context.planner.planQuery(statement.query, context.catalog);
    await refreshSystemTables(relations, context);
    const result = await queryWithParameters(session.connection, sql, parameters).catch(rethrowAt(position));
    return { kind: "rows", result, tag: (rows) => `SELECT ${rows}`, notices: [] };
  },
};
