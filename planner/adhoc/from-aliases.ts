import type { Binder } from "../binder/binder.ts";
import { type JsonObject, object, text } from "../bound/json.ts";
import type { SqlText } from "../front/statement.ts";
import { syntaxTree } from "./syntax-tree.ts";

const select = "SELECT * FROM ";

/** The names by which the items of a FROM clause are called, in order; null where one has none. */
export async function fromAliases(from: SqlText, binder: Binder): Promise<readonly string[] | null> {
  const { root } = await syntaxTree({ text: `${select}${from.text}`, at: from.at - select.length }, binder);
  const names = namesOf(object(object(root["node"])["from_table"]));
  return names.includes("") || new Set(names).size < names.length ? null : names;
}

function namesOf(item: JsonObject): readonly string[] {
  if (text(item, "type") === "JOIN") return [...namesOf(object(item["left"])), ...namesOf(object(item["right"]))];
  const alias = text(item, "alias");
  return [alias === "" && text(item, "type") === "BASE_TABLE" ? text(item, "table_name") : alias];
}
