import type { SqlText } from "../../planner/front/statement.ts";
import type { QueryResult, StoreConnection } from "../../runtime/contract/store.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import { refreshPgCatalog } from "../pgcatalog/store.ts";
import { runPasses } from "../functions/run-passes.ts";
import type { Parameter, Session } from "../session/execution.ts";
import { describeWithParameters, queryWithParameters, rethrowAt } from "../session/parameters.ts";
import type { StatementContext } from "../statements/context.ts";
import { planWithState } from "./state-function.ts";
import { refreshSystemTables } from "./system-tables.ts";

/** Temporary table of a session: a query's answer, once all that it calls is known. No name of a user has a space in front. */
const answerTable = 'temp." mr answer"';

/** Answers an ad-hoc query over the result tables of the last completed checkpoint. */
export async function answerQuery(
  query: SqlText,
  context: StatementContext,
  session: Session,
  parameters: readonly Parameter[],
): Promise<QueryResult> {
  const { sql, relations, functions, position } = await planWithState(query, context, session);
  await refreshSystemTables(relations, context);
  await refreshPgCatalog(relations, context);
  const { connection } = session;
  if (functions.length === 0) return queryWithParameters(connection, sql, parameters).catch(rethrowAt(position));
  const types = parameters.map(({ type }) => type);
  const { schema } = await describeWithParameters(connection, sql, types).catch(rethrowAt(position));
  const before = `CREATE OR REPLACE TEMP TABLE " mr answer" AS `;
  const attempt = async (): Promise<void> => {
    const made = await queryWithParameters(connection, `${before}${sql}`, parameters).catch(
      rethrowAt((at) => (at < before.length ? undefined : position(at - before.length))),
    );
    await made.rows();
  };
  await runPasses(functions, session, context.functions, attempt, session.transaction === "idle" ? "retry" : "fail");
  return renamed(schema, await connection.query(`FROM ${answerTable}`), connection);
}

/** The table's columns under the query's names, which a table cannot have twice; the table goes with its last row. */
function renamed({ columns }: Schema, result: QueryResult, connection: StoreConnection): QueryResult {
  const drop = (): Promise<void> => connection.run(`DROP TABLE IF EXISTS ${answerTable}`).catch(() => undefined);
  return {
    schema: { columns: result.schema.columns.map(({ type }, i) => ({ name: columns[i]?.name ?? "", type })) },
    changed: 0,
    async next() {
      const batch = await result.next();
      if (batch === null) await drop();
      return batch;
    },
    async rows() {
      const rows = await result.rows();
      await drop();
      return rows;
    },
    close: () => result.close(),
  };
}
