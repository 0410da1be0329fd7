import type { Binder } from "../binder/binder.ts";
import { text } from "../bound/json.ts";
import type { SqlText } from "../front/statement.ts";
import { splitName, syntaxTree, visit, windowFunctions, windowRelation } from "./syntax-tree.ts";

/** Names in FROM, those in window calls included, CTEs not: what a view or a job depends on. */
export async function relationsOf(query: SqlText, binder: Binder): Promise<readonly string[]> {
  const { root } = await syntaxTree(query, binder);
  const names = new Set<string>();
  visit(root, {
    table: (node, isCte) => {
      if (!isCte) names.add(text(node, "table_name"));
    },
    tableFunction: (_node, call, ctes) => {
      const relation = windowFunctions.has(text(call, "function_name")) ? windowRelation(call) : null;
      if (relation !== null && !ctes.has(relation)) names.add(splitName(relation).name);
    },
    call: () => undefined,
    other: () => undefined,
  });
  return [...names];
}
