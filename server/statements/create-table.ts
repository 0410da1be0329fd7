import { refuseJavascript } from "../../planner/adhoc/plan-query.ts";
import type { TableObject } from "../../planner/catalog.ts";
import type { StatementOf } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import { command, type Handler, notice, type StatementContext } from "./context.ts";
import { tableText } from "./definition-text.ts";
import { tableDdl } from "./table-ddl.ts";

export const createTable: Handler<"createTable"> = {
  async execute(statement, context) {
    const { name } = statement.name;
    if (!context.catalog.isFree(statement.name, statement.ifNotExists)) {
      return command("CREATE TABLE", [notice(`relation "${name}" already exists, skipping`)]);
    }
    const bound = await tableOf(statement, context);
    // What a query read may be dropped: the columns are what is kept.
    const table = statement.query === null ? bound : { ...bound, definition: tableText(bound, statement.table) };
    await context.catalogStore.add({ name, kind: "table", definition: table.definition, overrides: {} }, [
      await ddlOf(table, statement, context),
    ]);
    context.catalog.put(table);
    return command("CREATE TABLE");
  },
};

/** The table that a statement describes; for `AS SELECT` the columns are the query's. */
export async function tableOf(statement: StatementOf<"createTable">, context: StatementContext): Promise<TableObject> {
  const base = {
    kind: "table",
    name: statement.name.name,
    definition: statement.text,
    primaryKey: statement.table.primaryKey,
    unique: statement.table.unique,
  } as const;
  if (statement.query !== null) {
    const { schema } = await context.planner.bindQuery(statement.query, context.catalog.frozen());
    const columns = schema.columns.map((c) => ({ ...c, notNull: false, computed: null, metadata: null, defaultValue: null }));
    return { ...base, columns, watermark: null };
  }
  const { columns, watermark } = await context.planner.bindTable(statement.table);
  const special = statement.table.columns.find((c) => c.computed !== null || c.metadata !== null);
  if (special !== undefined) {
    const message = "a table has no computed or metadata columns";
    throw new SqlError({ sqlState: "0A000", message, hint: "Sources have them: CREATE SOURCE.", at: special.at });
  }
  return { ...base, columns, watermark };
}

async function ddlOf(table: TableObject, statement: StatementOf<"createTable">, context: StatementContext): Promise<string> {
  if (statement.query === null) return tableDdl(table, statement, context);
  const { sql, functions } = await context.planner.planQuery(statement.query, context.catalog.frozen());
  refuseJavascript(functions, statement.query.at);
  return `CREATE TABLE public.${quoteName(table.name)} AS ${sql}`;
}
