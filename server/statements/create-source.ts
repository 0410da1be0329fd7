import type { CatalogObject, SinkObject, SourceObject } from "../../planner/catalog.ts";
import type { Options, StatementOf, TableDefinition } from "../../planner/front/statement.ts";
import { badRowsOf, idleTimeoutOf } from "../../planner/stream/source.ts";
import { SqlError } from "../../runtime/contract/errors.ts";
import type { ConnectorOptions, SinkMode } from "../../runtime/contract/job-graph.ts";
import { checkMetadata } from "../../runtime/connectors/metadata.ts";
import { checkOptions } from "../../runtime/connectors/options.ts";
import { sinkConnectors, sourceConnectors } from "../../runtime/connectors/registry.ts";
import { suggest } from "../../runtime/contract/suggest.ts";
import { requireOptionPlaces } from "./allowed-place.ts";
import { fillSink, withoutFrom } from "./fill-sink.ts";
import { command, type Handler, notice, type StatementContext } from "./context.ts";

/** Options that the planner reads, whatever the connector. */
const commonSourceOptions = ["bad_rows", "idle_timeout"] as const;

/** Of sinks: how changes are told. */
const commonSinkOptions = ["mode"] as const;

const skipped = (name: string) => notice(`relation "${name}" already exists, skipping`);

export const createSource: Handler<"createSource"> = {
  async execute(statement, context) {
    const exists = context.catalog.get(statement.name.name);
    if (!(statement.orReplace && exists?.kind === "source") && !context.catalog.isFree(statement.name, statement.ifNotExists)) {
      return command("CREATE SOURCE", [skipped(statement.name.name)]);
    }
    refuseReplaceInUse(statement.orReplace, statement.name, context);
    const source = await sourceOf(statement, context);
    requireOptionPlaces(sourceConnectors[source.connector], statement.options, context.places);
    await keep(source, "source", context);
    return command("CREATE SOURCE");
  },
};

export const createSink: Handler<"createSink"> = {
  async execute(statement, context) {
    if (!context.catalog.isFree(statement.name, statement.ifNotExists)) return command("CREATE SINK", [skipped(statement.name.name)]);
    const sink = await sinkOf(statement, context);
    requireOptionPlaces(sinkConnectors[sink.connector], statement.options, context.places);
    await keep(sink, "sink", context);
    if (statement.from === null) return command("CREATE SINK");
    return command("CREATE SINK", await fillSink(statement.name.name, statement.from, context));
  },
};

async function keep(object: CatalogObject, kind: "source" | "sink", context: StatementContext): Promise<void> {
  await context.catalogStore.add({ name: object.name, kind, definition: object.definition, overrides: {} });
  context.catalog.put(object);
}

function refuseReplaceInUse(orReplace: boolean, name: { readonly name: string; readonly at: number }, context: StatementContext): void {
  const dependents = orReplace ? context.catalog.dependents(name.name) : [];
  if (dependents.length === 0) return;
  throw new SqlError({
    sqlState: "2BP01",
    message: `cannot replace source "${name.name}" because other objects depend on it`,
    detail: dependents.map((d) => `"${d.name}" depends on it`).join("\n"),
    hint: "Drop them first.",
    at: name.at,
  });
}

/** The source that a statement describes, with its columns bound; nothing is kept. */
export async function sourceOf(statement: StatementOf<"createSource">, context: StatementContext): Promise<SourceObject> {
  const { connector, options } = connectorOf(statement.options, sourceConnectors, statement.name.at, "source");
  checkOptions(connector, options, optionPositions(statement.options), commonSourceOptions);
  const declared = statement.table.columns.length > 0 ? statement.table : null;
  const own = declared === null ? (connector.columns?.(options) ?? null) : null;
  if (declared === null && own === null) {
    throw new SqlError({
      sqlState: "42601",
      message: `source "${statement.name.name}" has no columns`,
      hint: "List its columns: CREATE SOURCE s (c BIGINT, …) WITH (…).",
      at: statement.name.at,
    });
  }
  const table =
    own === null
      ? statement.table
      : {
          ...statement.table,
          columns: own.columns.map((c) => ({
            name: c.name,
            at: statement.name.at,
            type: c.type,
            notNull: false,
            computed: null,
            metadata: null,
            defaultValue: null,
          })),
        };
  refuseConstraints(table, "source", statement.name.at);
  checkMetadata(
    connector,
    table.columns.flatMap(({ name, metadata, type, at }) =>
      metadata === null || type === null ? [] : [{ name, key: metadata, type, at }],
    ),
  );
  const bound = await context.planner.bindTable(table);
  const source: SourceObject = {
    kind: "source",
    name: statement.name.name,
    definition: statement.text,
    columns: bound.columns,
    primaryKey: table.primaryKey,
    watermark: bound.watermark,
    connector: connector.name,
    options,
    isChangelog: false,
  };
  badRowsOf(source, statement.options.get("bad_rows")?.at);
  idleTimeoutOf(source, statement.options.get("idle_timeout")?.at);
  return source;
}

export async function sinkOf(statement: StatementOf<"createSink">, context: StatementContext): Promise<SinkObject> {
  const { connector, options } = connectorOf(statement.options, sinkConnectors, statement.name.at, "sink");
  checkOptions(connector, options, optionPositions(statement.options), commonSinkOptions);
  if (statement.table !== null) refuseConstraints(statement.table, "sink", statement.name.at);
  const bound = statement.table === null ? null : await context.planner.bindTable(statement.table);
  return {
    kind: "sink",
    name: statement.name.name,
    definition: withoutFrom(statement),
    columns: bound?.columns ?? null,
    primaryKey: statement.table?.primaryKey ?? [],
    mode: modeOf(statement.options),
    connector: connector.name,
    options: Object.fromEntries(Object.entries(options).filter(([name]) => name !== "mode")),
  };
}

const sinkModes: readonly SinkMode[] = ["append", "upsert", "debezium"];

/** Records of keys and rows are structures: not for CSV. */
function modeOf(options: Options): SinkMode | null {
  const said = options.get("mode");
  if (said === undefined) return null;
  const mode = sinkModes.find((name) => name === said.value);
  if (mode === undefined) {
    const message = `option "mode" must be one of ${sinkModes.join(", ")}, not "${said.value}"`;
    throw new SqlError({ sqlState: "22023", message, hint: nearest(said.value), at: said.at });
  }
  if (mode === "append" || options.get("format")?.value !== "csv") return mode;
  throw new SqlError({
    sqlState: "0A000",
    message: `mode = '${mode}' is not supported with format = 'csv'`,
    hint: "Use format = 'json'.",
    at: said.at,
  });
}

function nearest(word: string): string | undefined {
  const near = suggest(word, sinkModes);
  return near === undefined ? undefined : `Perhaps you meant "${near}".`;
}

function refuseConstraints({ unique, checks }: TableDefinition, kind: "source" | "sink", at: number): void {
  if (unique.length === 0 && checks.length === 0) return;
  const what = unique.length > 0 ? "UNIQUE" : "CHECK";
  throw new SqlError({ sqlState: "0A000", message: `a ${kind} has no ${what} constraint`, hint: "Tables have them: CREATE TABLE.", at });
}

function connectorOf<C extends { readonly name: string }>(
  options: Options,
  registry: Readonly<Record<string, C>>,
  at: number,
  role: "source" | "sink",
): { readonly connector: C; readonly options: ConnectorOptions } {
  const said = options.get("connector");
  const known = Object.keys(registry);
  if (said === undefined) {
    throw new SqlError({
      sqlState: "42601",
      message: `a ${role} needs the option connector`,
      hint: `WITH (connector = '…'), one of: ${known.join(", ")}.`,
      at,
    });
  }
  const connector = Object.hasOwn(registry, said.value) ? registry[said.value] : undefined;
  if (connector === undefined) {
    const near = suggest(said.value, known);
    throw new SqlError({
      sqlState: "22023",
      message: `there is no ${role} connector "${said.value}"`,
      hint: near === undefined ? `Known connectors: ${known.join(", ")}.` : `Perhaps you meant "${near}".`,
      at: said.at,
    });
  }
  return { connector, options: Object.fromEntries([...options].filter(([k]) => k !== "connector").map(([k, v]) => [k, v.value])) };
}

const optionPositions = (options: Options): ReadonlyMap<string, number> => new Map([...options].map(([k, v]) => [k, v.at]));
