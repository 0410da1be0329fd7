import { parseType } from "../../../runtime/contract/parse-type.ts";
import type { Schema } from "../../../runtime/contract/types.ts";
import { schema as statements } from "../queries.ts";

export const tpchTables = ["region", "nation", "supplier", "customer", "part", "partsupp", "orders", "lineitem"] as const;
export type TpchTable = (typeof tpchTables)[number];

/** The benchmark's columns, as sql-tests/oracle/queries.ts declares them. */
export const columnsOf = (table: TpchTable): string => {
  const statement = statements.find((sql) => sql.startsWith(`create table ${table}(`));
  if (statement === undefined) throw new Error(`there is no table ${table}`);
  return statement.slice(statement.indexOf("(") + 1, -1).replaceAll(" not null", "");
};

export const schemaOf = (table: TpchTable): Schema => ({
  columns: columnsOf(table)
    .split(/, (?=[a-z])/)
    .map((column) => {
      const [name = "", ...type] = column.trim().split(" ");
      const parsed = parseType(type.join(" ").toUpperCase());
      if (parsed === null) throw new Error(`column ${column} has no type that is known`);
      return { name, type: parsed };
    }),
});

export const keys: Readonly<Record<TpchTable, string>> = {
  region: "r_regionkey",
  nation: "n_nationkey",
  supplier: "s_suppkey",
  customer: "c_custkey",
  part: "p_partkey",
  partsupp: "ps_partkey, ps_suppkey",
  orders: "o_orderkey",
  lineitem: "l_orderkey, l_linenumber",
};
