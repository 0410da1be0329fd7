import type { Binder } from "../binder/binder.ts";
import { syntaxTree, visit } from "../adhoc/syntax-tree.ts";
import { text } from "../bound/json.ts";
import type { CatalogView } from "../catalog.ts";
import type { SqlText } from "../front/statement.ts";

/** How a function is named among what an object depends on: relations have a name space of their own. */
export const functionKey = (name: string): string => `${name}()`;

/** The functions of users that a query calls, as dependencies. */
export async function functionsCalledBy(query: SqlText, catalog: CatalogView, binder: Binder): Promise<readonly string[]> {
  const own = new Set(catalog.functions().map((f) => f.name));
  if (own.size === 0) return [];
  const { root } = await syntaxTree(query, binder);
  const called = new Set<string>();
  visit(root, {
    table: () => undefined,
    tableFunction: () => undefined,
    call: (node) => {
      const name = text(node, "function_name").toLowerCase();
      if (own.has(name)) called.add(functionKey(name));
    },
    other: () => undefined,
  });
  return [...called];
}
