import type { TableObject } from "../../planner/catalog.ts";
import { SqlError } from "../../runtime/contract/errors.ts";

/** Throws an error of DuckDB about a violated constraint again, in Postgres' words. */
export const constraintError =
  (table: TableObject) =>
  (error: unknown): never => {
    if (!(error instanceof SqlError)) throw error;
    const said = inWords(table, error);
    throw said === null ? error : new SqlError({ sqlState: error.sqlState, ...said, at: error.at, cause: error });
  };

interface Words {
  readonly message: string;
  readonly detail?: string;
}

function inWords({ name, primaryKey, unique }: TableObject, { sqlState, message }: SqlError): Words | null {
  switch (sqlState) {
    case "23502": {
      const column = /failed: .*\.(.+)$/.exec(message)?.[1];
      return column === undefined
        ? null
        : { message: `null value in column "${column}" of relation "${name}" violates not-null constraint` };
    }
    case "23505": {
      const pairs = /duplicate key "(.*?)"(?: violates|$)/i.exec(message)?.[1];
      const columns = (pairs ?? "").split(", ").map((pair) => pair.split(": "));
      const names = columns.map(([column]) => column ?? "");
      const isUnique = unique.some((key) => key.join() === names.join()) && primaryKey.join() !== names.join();
      const constraint = isUnique ? `${name}_${names.join("_")}_key` : `${name}_pkey`;
      const detail = columns.every((pair) => pair.length === 2)
        ? `Key (${names.join(", ")})=(${columns.map(([, value]) => value).join(", ")}) already exists.`
        : undefined;
      const said = `duplicate key value violates unique constraint "${constraint}"`;
      return detail === undefined ? { message: said } : { message: said, detail };
    }
    case "23514": {
      const expression = /expression (.*)$/i.exec(message)?.[1];
      const said = `new row for relation "${name}" violates check constraint`;
      return expression === undefined ? { message: said } : { message: said, detail: `It must hold that ${expression}.` };
    }
    default:
      return null;
  }
}
