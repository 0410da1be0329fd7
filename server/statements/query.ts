import { refreshPgCatalog } from "../pgcatalog/store.ts";
import { answerQuery } from "../serving/answer-query.ts";
import { planWithState } from "../serving/state-function.ts";
import { refreshSystemTables } from "../serving/system-tables.ts";
import { describeWithParameters, rethrowAt } from "../session/parameters.ts";
import type { Handler } from "./context.ts";

/** An ad-hoc query: DuckDB answers it over the result tables of the last completed checkpoint. */
export const query: Handler<"query"> = {
  async describe(statement, context, session, declared) {
    const { sql, relations, position } = await planWithState(statement.query, context, session);
    await refreshSystemTables(relations, context);
    await refreshPgCatalog(relations, context);
    const { schema, parameters } = await describeWithParameters(session.connection, sql, declared).catch(rethrowAt(position));
    return { columns: schema, parameters };
  },
  async execute(statement, context, session, parameters) {
    const result = await answerQuery(statement.query, context, session, parameters);
    return { kind: "rows", result, tag: (rows) => `SELECT ${rows}`, notices: [] };
  },
};
