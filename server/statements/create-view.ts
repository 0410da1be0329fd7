import type { ViewObject } from "../../planner/catalog.ts";
import type { StatementOf } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import { command, type Handler, notice, type StatementContext } from "./context.ts";

export const createView: Handler<"createView"> = {
  async execute(statement, context) {
    const { name } = statement.name;
    const replaces = statement.orReplace && context.catalog.get(name)?.kind === "view";
    if (!replaces && !context.catalog.isFree(statement.name, statement.ifNotExists)) {
      return command("CREATE VIEW", [notice(`relation "${name}" already exists, skipping`)]);
    }
    const before = context.catalog.frozen();
    const view = await viewOf(statement, context);
    if (view.dependencies.includes(name)) {
      throw new SqlError({ sqlState: "42P01", message: `view "${name}" cannot read itself`, at: statement.name.at });
    }
    context.catalog.requireUnchanged(before, view.dependencies, statement.name.at);
    const replaced = context.catalog.get(name);
    context.catalog.put(view);
    try {
      await context.catalogStore.add({ name, kind: "view", definition: view.definition, overrides: {} });
    } catch (error) {
      if (replaced === null) context.catalog.remove(name);
      else context.catalog.put(replaced);
      throw error;
    }
    return command("CREATE VIEW");
  },
};

export async function viewOf(statement: StatementOf<"createView">, context: StatementContext): Promise<ViewObject> {
  const bound = await context.planner.bindQuery(statement.query, context.catalog.frozen());
  const renamed = statement.columns;
  if (renamed !== null && renamed.length > bound.schema.columns.length) {
    throw new SqlError({ sqlState: "42601", message: "CREATE VIEW specifies more column names than columns", at: statement.name.at });
  }
  const columns = bound.schema.columns.map((c, i) => ({ name: renamed?.[i] ?? c.name, type: c.type }));
  return {
    kind: "view",
    name: statement.name.name,
    definition: statement.text,
    query: statement.query.text,
    columns,
    dependencies: bound.relations,
  };
}
