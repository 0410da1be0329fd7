import { jobOptions } from "../../planner/options.ts";
import { sourceOptions } from "../../planner/stream/source.ts";
import { signatures, type WindowFunction } from "../../planner/front/rewrite/window-signatures.ts";
import { sinkConnectors, sourceConnectors } from "../../runtime/connectors/registry.ts";
import type { OptionSpec, SourceConnector } from "../../runtime/contract/connector.ts";
import { metrics } from "../../runtime/contract/metrics.ts";
import { formatType } from "../../runtime/contract/types.ts";
import { type FormatDescription, formats, formatOptions } from "../../runtime/formats/registry.ts";
import { scalarFunctions } from "../../runtime/functions/registry.ts";
import { sessionSignature } from "../../runtime/windows/session.ts";
import { windowKinds } from "../../runtime/windows/registry.ts";
import { code, page, table } from "./markdown.ts";

/* Pages of docs/reference as pure functions of the registries. */

export function renderFunctions(): string {
  const rows = scalarFunctions.flatMap((f) =>
    f.examples.map(([sql, result], i) => [
      i === 0 ? f.names.map(code).join(" ") : "",
      i === 0 ? f.doc : "",
      code(sql),
      result === null ? "NULL" : code(result),
    ]),
  );
  return page(
    "Scalar functions",
    "runtime/functions/registry.ts",
    "These run in the job's own kernels. Comparisons, `AND`, `OR`, `NOT`, `IN`, `BETWEEN`, `CASE`, `COALESCE`, `IS NULL` and casts have kernels too. " +
      "A job may use DuckDB's other scalar functions too: rows then take a way round through an embedded DuckDB, which is slower " +
      "(`EXPLAIN` says `via DuckDB`); the results are the same. A SELECT is answered by DuckDB and has all of its scalar functions, but for " +
      "those that reach files, settings or other queries.",
    "Names and examples are DuckDB's, as tests run them. In Millrace `/` of two integers is `//`, as in Postgres.",
    table(["function", "what it does", "example", "result"], rows),
  );
}

const defaultOf = (option: OptionSpec): string => {
  if (option.required === true) return "required";
  return option.default === undefined || option.default === "" ? "" : code(option.default);
};

const valuesOf = (option: OptionSpec): string => (option.values === undefined ? option.kind : option.values.map(code).join(", "));

const optionTable = (options: readonly OptionSpec[]): string =>
  options.length === 0
    ? "No options."
    : table(
        ["option", "value", "default", "meaning"],
        options.map((option) => [code(option.name), valuesOf(option), defaultOf(option), option.doc]),
      );

const commonOptions = {
  bad_rows: [
    "`fail`, `skip`, `table:<name>`",
    "`fail`",
    "What happens to a row that cannot be read, or whose event time is NULL or infinite: the job fails, the row is counted, or it goes to that table.",
  ],
  idle_timeout: ["duration", "", "After this long without rows a subtask of the source no longer holds back the watermark."],
} as const satisfies Readonly<Record<(typeof sourceOptions)[number], readonly [string, string, string]>>;

const sinkMode = [
  code("mode"),
  "`append`, `upsert`, `debezium`",
  "",
  "How changes are told: inserts only; a record `key`, `value` per key and checkpoint, value NULL for a deleted row; `before`, `after`, `op` (c, u, d). Without it a changelog has a column `op`.",
];

/** Columns of a source whose connector knows them, per value of its option `table`; null where they must be declared. */
function ownColumns(connector: SourceConnector): string | null {
  const values = connector.options.find(({ name }) => name === "table")?.values ?? [];
  const rows = values.flatMap((value) => {
    const schema = connector.columns?.({ table: value }) ?? null;
    return schema === null ? [] : [[code(value), schema.columns.map((c) => `${c.name} ${formatType(c.type)}`).join(", ")]];
  });
  return rows.length === 0 ? null : table(["table", "columns"], rows);
}

/** What METADATA columns can show. */
function metadataTable(connector: SourceConnector): string | null {
  const rows = (connector.metadata ?? []).map(({ key, type, doc }) => [code(key), formatType(type), doc]);
  return rows.length === 0 ? null : table(["metadata key", "type", "meaning"], rows);
}

export function renderConnectors(): string {
  const withoutFormats = (options: readonly OptionSpec[]): readonly OptionSpec[] => options.filter((o) => !formatOptions.includes(o));
  const readers = Object.values(sourceConnectors).map((connector) => {
    const own = ownColumns(connector);
    const columns = own === null ? "Its columns must be declared." : "Without a column list it has columns of its own.";
    const options = optionTable(withoutFormats(connector.options));
    const parts = [options, metadataTable(connector), own].filter((part) => part !== null);
    return [`## Source: ${connector.name}`, `${connector.doc} ${columns}`, ...parts].join("\n\n");
  });
  const writers = Object.values(sinkConnectors).map((connector) => {
    const delivery = connector.exactlyOnce ? "Exactly once." : "At least once.";
    return `## Sink: ${connector.name}\n\n${connector.doc} ${delivery}\n\n${optionTable(withoutFormats(connector.options))}`;
  });
  const formatParts = Object.values(formats).map(
    (format: FormatDescription) => `### ${format.name}\n\n${format.doc}\n\n${optionTable(format.options)}`,
  );
  return page(
    "Connectors and formats",
    "runtime/connectors/registry.ts",
    "Options stand in `WITH (…)` of CREATE SOURCE and CREATE SINK; `connector` names the connector. A duration is like `'10s'` or `'500 ms'`.",
    `## Every source\n\n${table(
      ["option", "value", "default", "meaning"],
      sourceOptions.map((name) => [code(name), ...commonOptions[name]]),
    )}`,
    ...readers,
    `## Every sink\n\n${table(["option", "value", "default", "meaning"], [sinkMode])}`,
    ...writers,
    "## Formats\n\nOf the filesystem connector, chosen by `format`.",
    ...formatParts,
  );
}

export const renderJobOptions = (): string =>
  page(
    "Job options",
    "planner/options.ts",
    "Options of CREATE STREAMING JOB … WITH (…), CREATE MATERIALIZED VIEW … WITH (…) and ALTER … SET (…).",
    optionTable(jobOptions),
  );

export const renderMetrics = (): string =>
  page(
    "Metrics",
    "runtime/contract/metrics.ts",
    "Read them with `SELECT * FROM millrace.metrics`: one row per job and metric, summed over the subtasks of the present attempt. A metric that was never counted has no row.",
    table(
      ["metric", "kind", "unit", "meaning"],
      Object.entries(metrics).map(([name, metric]) => [code(name), metric.kind, metric.unit, metric.doc]),
    ),
  );

const sessionDoc = "Rows of a key that are no further apart than the gap are one window: [first row, last row + gap).";

const windowDocs = {
  tumble: windowKinds.tumble,
  hop: windowKinds.hop,
  cumulate: windowKinds.cumulate,
  session: { signature: sessionSignature, doc: sessionDoc },
} as const satisfies Readonly<Record<WindowFunction, { readonly signature: string; readonly doc: string }>>;

export function renderWindows(): string {
  const rows = Object.entries(signatures).map(([name, { parameters }]) => {
    const { signature, doc } = windowDocs[name as WindowFunction];
    return [code(signature), parameters.map((p) => code(p.toUpperCase())).join(" "), doc];
  });
  return page(
    "Windows",
    "runtime/windows/registry.ts",
    "Table functions of a job's FROM. Each adds `window_start`, `window_end` and `window_time` (the end less 1 ms) to the rows. Arguments go by position or by name.",
    table(["call", "argument names", "windows"], rows),
    "How to group, what is late and how offsets count: [sql.md](../sql.md#windows).",
  );
}
