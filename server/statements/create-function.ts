import type { CatalogObject, FunctionObject } from "../../planner/catalog.ts";
import type { Name } from "../../planner/front/statement.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import { kindNames, checkSchema } from "../catalog/catalog.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import type { Notice } from "../session/execution.ts";
import { command, type Handler, notice, type StatementContext } from "./context.ts";
import { dropDependents } from "./drop.ts";

/** How a function stands in the kept catalog and among dependencies: its name space is not that of relations. */
const keyOf = (name: string): string => `${name}()`;

export const createFunction: Handler<"createFunction"> = {
  async execute(statement, context) {
    checkSchema(statement.name);
    const { name, at } = statement.name;
    const before = context.catalog.function(name);
    if (before !== null && !statement.orReplace) {
      throw new SqlError({ sqlState: "42723", message: `function "${name}" already exists`, hint: "Use CREATE OR REPLACE FUNCTION.", at });
    }
    if (before !== null) refuseRunning(before, context, at);
    const created = await context.planner.bindFunction(statement, context.catalog.frozen());
    if (before !== null) requireSameSignature(before, created, at);
    const [key, definition, ddl] = [keyOf(name), statement.text, [context.functions.declare(created)]];
    // Another definition keeps its place: what calls the function comes behind it.
    if (before !== null) await context.catalogStore.rename(key, key, definition, ddl);
    else await context.catalogStore.add({ name: key, kind: "function", definition, overrides: {} }, ddl);
    context.catalog.putFunction(created);
    return command("CREATE FUNCTION");
  },
};

/** A job goes on with the function that it was made with: another one would not fit its state. */
function refuseRunning(before: FunctionObject, context: StatementContext, at: number): void {
  const jobs = usersOf(before.name, context).relations.filter((o) => o.kind === "streamingJob" || o.kind === "materializedView");
  if (jobs.length > 0) throw inUse("replace", before.name, jobs.map(nameOf), "Drop them first.", at);
}

/** What calls it was bound to its types. */
function requireSameSignature(before: FunctionObject, after: FunctionObject, at: number): void {
  const types = (f: FunctionObject): string => JSON.stringify([f.parameters, f.returns]);
  if (types(before) === types(after)) return;
  throw new SqlError({
    sqlState: "42809",
    message: `function "${before.name}" has other parameters or another result`,
    hint: "Drop it first.",
    at,
  });
}

interface Users {
  readonly relations: readonly CatalogObject[];
  readonly functions: readonly string[];
}

/** Everything that calls the function, through other functions too. */
function usersOf(name: string, context: StatementContext): Users {
  const { catalog } = context;
  const reached = new Set([name]);
  for (const called of reached) for (const f of catalog.functions()) if (f.dependencies.includes(called)) reached.add(f.name);
  const relations = new Set([...reached].flatMap((called) => catalog.dependents(keyOf(called))));
  return { relations: [...relations], functions: [...reached].filter((called) => called !== name) };
}

const nameOf = (object: CatalogObject): string => `${kindNames[object.kind]} "${object.name}"`;

function inUse(what: string, name: string, users: readonly string[], hint: string, at: number): SqlError {
  return new SqlError({
    sqlState: "2BP01",
    message: `cannot ${what} function "${name}" because other objects depend on it`,
    detail: users.map((user) => `${user} depends on function "${name}"`).join("\n"),
    hint,
    at,
  });
}

export const dropFunction: Handler<"dropFunction"> = {
  async execute(statement, context) {
    const notices: Notice[] = [];
    for (const name of statement.names) {
      checkSchema(name);
      if (context.catalog.function(name.name) === null) {
        if (!statement.ifExists) throw unknown(name);
        notices.push(notice(`function "${name.name}" does not exist, skipping`));
        continue;
      }
      await dropOne(name, statement.cascade, context, notices);
    }
    return command("DROP FUNCTION", notices);
  },
};

async function dropOne(name: Name, cascade: boolean, context: StatementContext, notices: Notice[]): Promise<void> {
  const { relations, functions } = usersOf(name.name, context);
  const users = [...relations.map(nameOf), ...functions.map((f) => `function "${f}"`)];
  if (users.length > 0 && !cascade) throw inUse("drop", name.name, users, "Use DROP … CASCADE to drop the dependent objects too.", name.at);
  for (const relation of relations) await dropDependents(relation, name.at, context, notices);
  for (const called of functions) notices.push(notice(`drop cascades to function "${called}"`));
  for (const dropped of [...functions, name.name]) {
    await context.catalogStore.remove(keyOf(dropped), [`DROP MACRO IF EXISTS public.${quoteName(dropped)}`]);
    context.catalog.removeFunction(dropped);
  }
}

const unknown = ({ name, at }: Name): SqlError => new SqlError({ sqlState: "42883", message: `function ${name} does not exist`, at });
