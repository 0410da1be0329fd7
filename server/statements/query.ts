import { formatText } from "../../runtime/contract/text.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { refreshSystemTables } from "../serving/system-tables.ts";
import type { Parameter } from "../session/execution.ts";
import type { Handler } from "./context.ts";

/** An ad-hoc query: DuckDB answers it over the result tables of the last completed checkpoint. */
export const query: Handler<"query"> = {
  async describe(statement, context, session) {
    const { sql, relations } = await context.planner.planQuery(statement.query, context.catalog);
    await refreshSystemTables(relations, context);
    const { schema, parameters } = await session.connection.describe(sql);
    return { columns: schema, parameters };
  },
  async execute(statement, context, session, parameters) {
    const { sql, relations } = await context.planner.planQuery(statement.query, context.catalog);
    await refreshSystemTables(relations, context);
    const result = await session.connection.query(sql, parameters.map(bound));
    return { kind: "rows", result, tag: (rows) => `SELECT ${rows}`, notices: [] };
  },
};

/** Types whose values go to DuckDB as they are; the others go as text, which it casts to what they are compared with. */
const direct = new Set(["boolean", "tinyint", "smallint", "integer", "bigint", "hugeint", "real", "double", "varchar", "blob"]);

export const bound = ({ type, value }: Parameter): Value =>
  value === null || type === null || direct.has(type.id) ? value : formatText(type, value);
