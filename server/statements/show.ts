import { declarationsOf } from "../../runtime/javascript/declarations.ts";
import type { CatalogObject, FunctionObject } from "../../planner/catalog.ts";
import type { Name, ShowTarget } from "../../planner/front/statement.ts";
import type { JobInfo } from "../../runtime/contract/control.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import { formatType, type Schema, simple } from "../../runtime/contract/types.ts";
import { listSavepoints } from "../../runtime/savepoint/list.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { kindNames } from "../catalog/catalog.ts";
import { columns, count, type Handler, rowsOutcome, staticColumns, type StatementContext } from "./context.ts";

interface Listing {
  readonly schema: Schema;
  readonly rows: (context: StatementContext) => Rows | Promise<Rows>;
}

type Rows = readonly (readonly Value[])[];

const byKind = (context: StatementContext, ...kinds: readonly CatalogObject["kind"][]): readonly CatalogObject[] =>
  context.catalog
    .all()
    .filter((object) => kinds.includes(object.kind))
    .sort((a, b) => (a.name < b.name ? -1 : 1));

const named = (...kinds: readonly CatalogObject["kind"][]): Listing => ({
  schema: columns("name"),
  rows: (context) => byKind(context, ...kinds).map((object) => [object.name]),
});

const connected = (kind: "source" | "sink"): Listing => ({
  schema: columns("name", "connector"),
  rows: (context) =>
    byKind(context, kind).map((object) => [object.name, object.kind === "source" || object.kind === "sink" ? object.connector : null]),
});

const jobColumns = columns(
  "name",
  "state",
  count("parallelism"),
  count("restarts"),
  count("rows_in"),
  count("checkpoint"),
  ["started", simple("timestamptz")],
  "error",
);

const jobRow = (job: JobInfo): readonly Value[] => [
  job.name,
  job.state,
  BigInt(job.parallelism),
  BigInt(job.restarts),
  BigInt(job.counters["numRecordsIn"] ?? 0),
  job.lastCheckpoint === null ? null : BigInt(job.lastCheckpoint.id),
  job.started_ms === null ? null : BigInt(Math.round(job.started_ms)) * 1000n,
  job.fault?.message ?? null,
];

const sortedFunctions = (context: StatementContext): readonly FunctionObject[] =>
  [...context.catalog.functions()].sort((a, b) => (a.name < b.name ? -1 : 1));

const argumentsText = (f: FunctionObject): string =>
  f.parameters.map((p) => (p.name.startsWith("$") ? formatType(p.type) : `${p.name} ${formatType(p.type)}`)).join(", ");

const listings = {
  jobs: { schema: jobColumns, rows: (context) => context.engine.jobs().map(jobRow) },
  sources: connected("source"),
  sinks: connected("sink"),
  tables: named("table"),
  views: named("view"),
  materializedViews: named("materializedView"),
  taskmanagers: {
    schema: columns("id", "host", count("slots"), count("free_slots"), count("tasks")),
    rows: (context) =>
      context.engine.taskManagers().map(({ id, host, slots }) => {
        const free = slots.filter(({ state }) => state === "free");
        const tasks = slots.reduce((sum, slot) => sum + slot.tasks, 0);
        return [id, host, BigInt(slots.length), BigInt(free.length), BigInt(tasks)];
      }),
  },
  functions: {
    schema: columns("name", "arguments", "returns", "language"),
    rows: (context) => sortedFunctions(context).map((f) => [f.name, argumentsText(f), formatType(f.returns), f.language]),
  },
  functionTypes: {
    schema: columns("typescript"),
    rows: (context) => declarationsOf(sortedFunctions(context).flatMap(({ javascript }) => javascript ?? [])).map((line) => [line]),
  },
  savepoints: {
    schema: columns("name", "job", count("checkpoint"), count("state_rows"), "path"),
    rows: async (context) =>
      (await listSavepoints(context.store)).map((s) => [s.name, s.job, BigInt(s.checkpoint), BigInt(s.stateRows), s.path]),
  },
} as const satisfies Readonly<Record<ShowTarget, Listing>>;

export const show: Handler<"show"> = {
  describe: async (statement) => ({ parameters: [], columns: listings[statement.what].schema }),
  execute: async (statement, context) => {
    const { schema, rows } = listings[statement.what];
    return rowsOutcome(schema, await rows(context), () => "SHOW");
  },
};

const createColumns = columns("name", "definition");

export const showCreate: Handler<"showCreate"> = {
  describe: staticColumns(createColumns),
  execute: async (statement, context) => {
    const object =
      statement.of === "function" ? functionNamed(statement.name, context) : context.catalog.require(statement.name, relationKinds);
    return rowsOutcome(createColumns, [[object.name, object.definition]], () => "SHOW");
  },
};

function functionNamed({ name, at }: Name, { catalog }: StatementContext): FunctionObject {
  const found = catalog.function(name);
  if (found === null) throw new SqlError({ sqlState: "42883", message: `function ${name} does not exist`, at });
  return found;
}

const describeColumns = columns("column", "type", "attributes");

export const describe: Handler<"describe"> = {
  describe: staticColumns(describeColumns),
  execute: async (statement, context) => {
    const object = context.catalog.require(statement.name, relationKinds);
    return rowsOutcome(describeColumns, columnRows(object), (n) => `DESCRIBE ${n}`);
  },
};

const relationKinds = Object.keys(kindNames) as (keyof typeof kindNames)[];

function columnRows(object: CatalogObject): readonly (readonly Value[])[] {
  switch (object.kind) {
    case "view":
      return object.columns.map((c) => [c.name, formatType(c.type), ""]);
    case "streamingJob":
    case "materializedView":
      return (object.result?.schema.columns ?? []).map((c) => [c.name, formatType(c.type), ""]);
    case "sink":
    case "table":
    case "source":
      return (object.columns ?? []).map((c) => [
        c.name,
        formatType(c.type),
        [
          c.notNull ? "not null" : "",
          object.kind !== "sink" && object.primaryKey.includes(c.name) ? "primary key" : "",
          c.computed === null ? "" : `as ${c.computed}`,
          c.metadata === null ? "" : `metadata from '${c.metadata}'`,
          object.kind !== "sink" && object.watermark?.column === c.name ? `watermark ${object.watermark.expression}` : "",
          object.kind === "table" && object.unique.some((key) => key.length === 1 && key[0] === c.name) ? "unique" : "",
        ]
          .filter((part) => part !== "")
          .join(", "),
      ]);
  }
}
