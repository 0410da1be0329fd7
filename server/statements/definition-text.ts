import type { TableObject } from "../../planner/catalog.ts";
import { lex } from "../../planner/front/lexer.ts";
import type { SqlText, StatementOf } from "../../planner/front/statement.ts";
import { formatType } from "../../runtime/contract/types.ts";
import { quoteName } from "../../runtime/contract/quote.ts";

const plain = /^[a-z_][a-z0-9_]*$/;
const written = (name: string): string => (plain.test(name) ? name : quoteName(name));

/** A definition with another name at the offset of the old one. */
export function renamed(definition: string, at: number, name: string): string {
  const tokens = lex(definition);
  const first = tokens.findIndex((token) => token.start === at);
  const last = tokens[first + 1]?.value === "." ? first + 2 : first;
  return definition.slice(0, at) + written(name) + definition.slice(tokens[last]?.end ?? at);
}

type Constraints = Pick<StatementOf<"createTable">["table"], "checks" | "watermark">;

/** CREATE TABLE as it would be typed for the table as it is. */
export function tableText(table: TableObject, { checks, watermark }: Constraints): string {
  const columns = table.columns.map(({ name, type, notNull, defaultValue }) => {
    const isKey = table.primaryKey.includes(name);
    return `${written(name)} ${formatType(type)}${notNull && !isKey ? " NOT NULL" : ""}${defaultValue === null ? "" : ` DEFAULT ${defaultValue}`}`;
  });
  const list = (names: readonly string[]): string => `(${names.map(written).join(", ")})`;
  const lines = [
    ...columns,
    ...(table.primaryKey.length > 0 ? [`PRIMARY KEY ${list(table.primaryKey)}`] : []),
    ...table.unique.map((key) => `UNIQUE ${list(key)}`),
    ...checks.map((check: SqlText) => `CHECK (${check.text})`),
    ...(watermark === null ? [] : [`WATERMARK FOR ${written(watermark.column)} AS ${watermark.expression.text}`]),
  ];
  return `CREATE TABLE ${written(table.name)} (\n  ${lines.join(",\n  ")}\n)`;
}
