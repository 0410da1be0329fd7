import { rowsTable } from "../../planner/adhoc/plan-modify.ts";
import type { TableObject } from "../../planner/catalog.ts";
import type { StatementOf } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import type { Schema, SqlType } from "../../runtime/contract/types.ts";
import { describeWithUsedParameters, rethrowAt } from "../session/parameters.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import { runPasses } from "../functions/run-passes.ts";
import { batchesResult } from "../tables/batches-result.ts";
import type { Change, Changed } from "../tables/change.ts";
import { constraintError } from "../tables/constraint-error.ts";
import { applyInsert, columnList, forColumns } from "../tables/insert.ts";
import { changingTable } from "../tables/transaction.ts";
import { applyDelete, applyUpdate } from "../tables/update.ts";
import { command, type Handler, type StatementContext } from "./context.ts";
import { createRows } from "./table-ddl.ts";

type Modify = StatementOf<"modify">;

/** INSERT, UPDATE, DELETE on a table, inside the session's transaction if it has one. */
export const modify: Handler<"modify"> = {
  async describe(statement, context, session, declared) {
    const table = tableOf(statement, context);
    const { insert, changed, described } = await context.planner.planModify(statement, table, context.catalog.frozen());
    const over = (sql: string): string => sql.replaceAll(quoteName(rowsTable), `public.${quoteName(table.name)}`);
    const parameters: (SqlType | null)[] = [];
    const see = async (sql: string, position: (at: number) => number | undefined): Promise<void> => {
      const described = await describeWithUsedParameters(session.connection, sql, declared).catch(rethrowAt(position));
      described.parameters.forEach((type, i) => (parameters[i] = parameters[i] ?? type));
    };
    const rows = insert?.rows ?? null;
    if (rows !== null) {
      await forColumns(table, insert?.columns ?? null, (columns) => {
        const head = `INSERT INTO public.${quoteName(table.name)}${columnList(columns)} `;
        return see(`${head}${rows.sql}`, (at) => rows.position(at - head.length));
      });
    }
    if (changed !== null) await see(over(changed.sql), changed.position);
    const known = parameters.map((type, i) => declared[i] ?? type);
    const columnsOf = async (sql: string): Promise<Schema> =>
      (await describeWithUsedParameters(session.connection, over(sql), known)).schema;
    return { columns: described === null ? null : await columnsOf(described.sql), parameters };
  },
  async execute(statement, context, session, parameters) {
    const table = tableOf(statement, context);
    refuseOnInsertOnly(statement, table);
    const plan = await context.planner.planModify(statement, table, context.catalog.frozen());
    const rows = statement.verb === "insert" ? await createRows(table, context) : "";
    const repeat: Change["repeat"] = ({ functions }, attempt) => runPasses(functions, session, context.functions, attempt, "fail");
    const changed = await changingTable(session, table, context, (keeps) =>
      apply(statement, { connection: session.connection, table, plan, parameters, keeps, repeat }, rows),
    ).catch(constraintError(table));
    const tag = statement.verb === "insert" ? `INSERT 0 ${changed.rows}` : `${statement.verb.toUpperCase()} ${changed.rows}`;
    if (changed.returned === null) return command(tag);
    const { schema, batches } = changed.returned;
    return { kind: "rows", result: batchesResult(schema, batches), tag: () => tag, notices: [] };
  },
};

function apply({ verb }: Modify, change: Change, rows: string): Promise<Changed> {
  switch (verb) {
    case "insert":
      return applyInsert(change, rows);
    case "update":
      return applyUpdate(change);
    case "delete":
      return applyDelete(change);
  }
}

const tableOf = ({ target }: Modify, { catalog }: StatementContext): TableObject => catalog.require(target, ["table"]) as TableObject;

/** A watermark says that what was read is final. */
function refuseOnInsertOnly({ verb, target, clauses }: Modify, table: TableObject): void {
  if (table.watermark === null || (verb === "insert" && clauses.conflict?.update == null)) return;
  throw insertOnly(table, verb === "insert" ? "ON CONFLICT DO UPDATE" : verb.toUpperCase(), clauses.conflict?.at ?? target.at);
}

export const insertOnly = (table: TableObject, what: string, at: number): SqlError =>
  new SqlError({
    sqlState: "55000",
    message: `${what} is refused on table "${table.name}": it has a watermark, so rows can only be inserted`,
    hint: "Create the table without WATERMARK to change its rows.",
    at,
  });
