import type { Schema } from "../../runtime/contract/types.ts";
import { formatType } from "../../runtime/contract/types.ts";

/** A table that changes, for a job: a view over the log of its changes, in which each row of the table has a number. */
export function logDdl(table: string, { columns }: Schema): string {
  const list = columns.map(({ name, type }) => `${name} ${formatType(type)}`).join(", ");
  const names = columns.map(({ name }) => name).join(", ");
  const source = "WITH (connector = 'filesystem', path = '/nowhere', format = 'json')";
  return [
    `CREATE SOURCE ${table}_log (row_number BIGINT, ${list}, weight INTEGER) ${source};`,
    `CREATE VIEW ${table} AS SELECT ${names} FROM ${table}_log GROUP BY row_number, ${names} HAVING sum(weight) > 0;`,
  ].join("\n");
}

export const logSchema = ({ columns }: Schema): Schema => ({
  columns: [{ name: "row_number", type: { id: "bigint" } }, ...columns, { name: "weight", type: { id: "integer" } }],
});
