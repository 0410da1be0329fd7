import type { CatalogObject, JobObject } from "../../planner/catalog.ts";
import type { Name } from "../../planner/front/statement.ts";
import { assert, SqlError } from "../../runtime/contract/errors.ts";
import { kindNames } from "../catalog/catalog.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import { command, type Handler, type StatementContext } from "./context.ts";
import { jobOf, type JobStatement, planJob } from "./create-job.ts";
import { renamed } from "./definition-text.ts";
import { inUse } from "./dependents.ts";
import { parseOne } from "./parse-one.ts";

/** ALTER … RENAME TO, for objects that no other names: definitions are kept as texts. */
export const rename: Handler<"rename"> = {
  async execute(statement, context) {
    const object = context.catalog.require(statement.name, [statement.object]);
    const to = statement.to.name;
    const dependents = context.catalog.dependents(object.name);
    if (dependents.length > 0) {
      throw inUse("rename", object, dependents, statement.name.at, "Drop what depends on it first, and create it again over the new name.");
    }
    context.catalog.isFree(statement.to, false);
    if (context.catalog.sideTables().some(({ name }) => name === to)) {
      throw new SqlError({ sqlState: "42P07", message: `relation "${to}" already exists`, at: statement.to.at });
    }
    const definition = renamed(object.definition, createdName(object.definition).at, to);
    // Nothing new may name it by the name that it is about to lose.
    context.catalog.leave([object], statement.name.at);
    try {
      if (isJob(object)) await renameJob(object, to, definition, context);
      else await renameObject(object, to, definition, context);
    } finally {
      context.catalog.stay([object]);
    }
    return command(`ALTER ${kindNames[object.kind].toUpperCase()}`);
  },
};

const isJob = (object: CatalogObject): object is JobObject => object.kind === "streamingJob" || object.kind === "materializedView";

function createdName(definition: string): Name {
  const created = parseOne(definition);
  assert("name" in created && created.name !== null && typeof created.name === "object", "a definition creates what it names");
  return created.name;
}

async function renameObject(
  object: Exclude<CatalogObject, JobObject>,
  to: string,
  definition: string,
  context: StatementContext,
): Promise<void> {
  const ddl = object.kind === "table" ? [`ALTER TABLE public.${quoteName(object.name)} RENAME TO ${quoteName(to)}`] : [];
  await context.catalogStore.rename(object.name, to, definition, ddl);
  context.catalog.remove(object.name);
  context.catalog.put({ ...object, name: to, definition });
}

/** The job goes on from its last checkpoint under the other name, or rests on. */
async function renameJob(job: JobObject, to: string, definition: string, context: StatementContext): Promise<void> {
  const statement = parseOne(definition) as JobStatement;
  const planned = await planJob(statement, await context.catalogStore.overrides(job.name), context);
  await context.engine.rename(job.name, { name: to, ...planned }, (transaction) =>
    context.catalogStore.renameWithin(transaction, job.name, to, definition),
  );
  context.catalog.remove(job.name);
  context.catalog.put(jobOf(statement, planned));
}
