import type { CatalogObject } from "../../planner/catalog.ts";
import { kindNames } from "../catalog/catalog.ts";
import type { Notice } from "../session/execution.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import { command, type Handler, notice, type StatementContext } from "./context.ts";
import { inUse } from "./dependents.ts";

const hint = "Use DROP … CASCADE to drop the dependent objects too.";

export const drop: Handler<"drop"> = {
  async execute(statement, context) {
    const notices: Notice[] = [];
    const tag = `DROP ${kindNames[statement.object].toUpperCase()}`;
    for (const name of statement.names) {
      if (statement.ifExists && context.catalog.get(name.name) === null) {
        notices.push(notice(`${kindNames[statement.object]} "${name.name}" does not exist, skipping`));
        continue;
      }
      const object = context.catalog.require(name, [statement.object]);
      const dependents = allDependents(object, context);
      if (dependents.length > 0 && !statement.cascade) throw inUse("drop", object, dependents, name.at, hint);
      for (const { kind, name: dependent } of dependents) notices.push(notice(`drop cascades to ${kindNames[kind]} "${dependent}"`));
      await dropAll([...dependents, object], name.at, context);
    }
    return command(tag, notices);
  },
};

/** Everything that reads or writes the object, the last made first, so that each is dropped before what it needs. */
function allDependents(object: CatalogObject, context: StatementContext): readonly CatalogObject[] {
  const found = new Map<string, CatalogObject>();
  const visit = (name: string): void => {
    for (const dependent of context.catalog.dependents(name)) {
      if (found.has(dependent.name)) continue;
      visit(dependent.name);
      found.set(dependent.name, dependent);
    }
  };
  visit(object.name);
  return [...found.values()];
}

/** An object and all that depends on it, with a notice of each. */
export async function dropDependents(object: CatalogObject, at: number, context: StatementContext, notices: Notice[]): Promise<void> {
  const dropped = [...allDependents(object, context), object].filter(({ name }) => context.catalog.get(name) !== null);
  for (const { kind, name } of dropped) notices.push(notice(`drop cascades to ${kindNames[kind]} "${name}"`));
  await dropAll(dropped, at, context);
}

/** Drops the objects, each before what it needs. Nothing new can name them from the first moment on. */
export async function dropAll(objects: readonly CatalogObject[], at: number, context: StatementContext): Promise<void> {
  context.catalog.leave(objects, at);
  try {
    for (const object of objects) await dropObject(object, context);
  } finally {
    context.catalog.stay(objects);
  }
}

async function dropObject(object: CatalogObject, context: StatementContext): Promise<void> {
  if (object.kind === "streamingJob" || object.kind === "materializedView") await context.engine.drop(object.name);
  const ddl = object.kind === "table" ? [`DROP TABLE IF EXISTS public.${quoteName(object.name)}`] : [];
  await context.catalogStore.remove(object.name, ddl);
  context.catalog.remove(object.name);
}
