import type { PlannedJob, Planner } from "../../planner/api.ts";
import type { ResultTable } from "../../runtime/contract/control.ts";
import type { SinkMode } from "../../runtime/contract/job-graph.ts";
import type { CatalogObject, CatalogView, FunctionObject } from "../../planner/catalog.ts";
import { parseStatements } from "../../planner/front/parse.ts";
import type { Options, Statement } from "../../planner/front/statement.ts";
import { noColumns } from "../../planner/front/table-definition.ts";
import { createPlanner } from "../../planner/planner.ts";
import { openPlanningDb } from "../../runtime/duckdb/planning-db.ts";
import { realWorld } from "../../runtime/world/real-world.ts";

/** A catalog in memory, filled by DDL statements through the parser and the planner, as the server does. */
class TestCatalog implements CatalogView {
  readonly #objects = new Map<string, CatalogObject>();
  readonly #functions = new Map<string, FunctionObject>();
  version = 0;

  get(name: string): CatalogObject | null {
    return this.#objects.get(name) ?? null;
  }

  all(): readonly CatalogObject[] {
    return [...this.#objects.values()];
  }

  functions(): readonly FunctionObject[] {
    return [...this.#functions.values()];
  }

  putFunction(definition: FunctionObject): void {
    this.#functions.set(definition.name, definition);
    this.version++;
  }

  sideTables(): readonly ResultTable[] {
    return this.all().flatMap((object) => (object.kind === "streamingJob" ? object.sideTables : []));
  }

  copy(): TestCatalog {
    const copy = new TestCatalog();
    for (const object of this.all()) copy.put(object);
    for (const definition of this.functions()) copy.putFunction(definition);
    return copy;
  }

  put(object: CatalogObject): void {
    this.#objects.set(object.name, object);
    this.version++;
  }
}

export interface Planning {
  /** Runs DDL and plans the jobs of a script; the answer is the last job's plan. */
  run(script: string): Promise<PlannedJob>;
  /** Plans one job over the catalog of `ddl` and leaves it as it is, so that the planner's mirror of it stays. */
  plan(job: string): Promise<PlannedJob>;
  /** The one or the other, as the script has one statement or several. */
  planned(script: string): Promise<PlannedJob>;
  readonly planner: Planner;
  close(): void;
}

/** `ddl` makes the catalog that every script starts with. */
export function openPlanning(ddl = ""): Planning {
  const planner = createPlanner({ openPlanningDb, defaultParallelism: 2, timers: realWorld.timers });
  const base = new TestCatalog();
  let ready: Promise<void> | null = null;
  const prepare = async (): Promise<void> => {
    for (const statement of parseStatements(ddl)) await apply(statement, base, planner);
  };
  const planning: Planning = {
    planner,
    planned: (script) => (parseStatements(script).length === 1 ? planning.plan(script) : planning.run(script)),
    async run(script) {
      await (ready ??= prepare());
      const catalog = base.copy();
      let planned: PlannedJob | null = null;
      for (const statement of parseStatements(script)) planned = (await apply(statement, catalog, planner)) ?? planned;
      if (planned === null) throw new Error("the script has no streaming job");
      return planned;
    },
    async plan(job) {
      await (ready ??= prepare());
      const [statement] = parseStatements(job);
      if (statement?.kind !== "createStreamingJob") throw new Error(`no streaming job: ${job}`);
      return planner.planJob({ name: statement.name.name, body: statement.body, options: statement.options, catalog: base });
    },
    close: () => planner.close(),
  };
  return planning;
}

const optionsOf = (options: Options): Readonly<Record<string, string>> =>
  Object.fromEntries([...options].filter(([name]) => name !== "connector").map(([name, option]) => [name, option.value]));

async function apply(statement: Statement, catalog: TestCatalog, planner: Planner): Promise<PlannedJob | null> {
  switch (statement.kind) {
    case "createSource":
    case "createTable":
    case "createSink": {
      const table = statement.table ?? noColumns;
      const bound = await planner.bindTable(table);
      const base = { name: statement.name.name, definition: statement.text, columns: bound.columns, primaryKey: table.primaryKey };
      const connector = statement.options.get("connector")?.value ?? "datagen";
      if (statement.kind === "createSource") {
        catalog.put({
          ...base,
          kind: "source",
          watermark: bound.watermark,
          connector,
          options: optionsOf(statement.options),
          isChangelog: false,
        });
      } else if (statement.kind === "createTable")
        catalog.put({ ...base, kind: "table", unique: table.unique, watermark: bound.watermark });
      else {
        const columns = statement.table === null ? null : bound.columns;
        catalog.put({
          name: base.name,
          definition: base.definition,
          kind: "sink",
          columns,
          primaryKey: table.primaryKey,
          mode: (statement.options.get("mode")?.value as SinkMode | undefined) ?? null,
          connector,
          options: optionsOf(statement.options),
        });
      }
      return null;
    }
    case "createFunction":
      catalog.putFunction(await planner.bindFunction(statement, catalog));
      return null;
    case "createView": {
      const { schema, relations } = await planner.bindQuery(statement.query, catalog);
      const { name, query } = { name: statement.name.name, query: statement.query.text };
      catalog.put({ kind: "view", name, definition: statement.text, query, columns: schema.columns, dependencies: relations });
      return null;
    }
    case "createStreamingJob": {
      const { body, options, name } = statement;
      const planned = await planner.planJob({ name: name.name, body, options, catalog });
      catalog.put({
        kind: "streamingJob",
        name: name.name,
        definition: statement.text,
        result: planned.resultTables.find((table) => table.name === name.name) ?? null,
        dependencies: planned.dependencies,
        sideTables: planned.resultTables.filter((table) => table.name !== name.name),
      });
      return planned;
    }
    default:
      throw new Error(`the script has a ${statement.kind}`);
  }
}
