import type { AggregateCall } from "../../runtime/contract/job-graph.ts";
import { bigint, boolean, double, interval, simple, type SqlType, timestamp, varchar } from "../../runtime/contract/types.ts";
import type { AggregateDefinition } from "../../runtime/functions/aggregate/definition.ts";
import { collectors } from "../../runtime/functions/aggregate/collect-registry.ts";
import { aggregates, retractableForm } from "../../runtime/functions/aggregate/registry.ts";
import { code, page, table } from "./markdown.ts";

/** One type of each class that aggregates tell apart. */
const probes = [
  ["whole numbers", bigint],
  ["DECIMAL", { id: "decimal", width: 18, scale: 2 }],
  ["DOUBLE", double],
  ["text", varchar],
  ["BOOLEAN", boolean],
  ["DATE", simple("date")],
  ["TIMESTAMP", timestamp],
  ["INTERVAL", interval],
  ["lists", { id: "list", element: bigint }],
] as const satisfies readonly (readonly [string, SqlType])[];

const callOf = (definition: AggregateDefinition, argumentTypes: readonly SqlType[], distinct: boolean): AggregateCall => ({
  name: definition.name,
  arguments: argumentTypes.map((_, i) => i),
  argumentTypes,
  distinct,
  filter: null,
  constants: [],
  type: argumentTypes[0] ?? bigint,
});

function argumentsOf(definition: AggregateDefinition): string {
  if (definition.accepts([])) return "none";
  const one = probes.filter(([, type]) => definition.accepts([type]));
  if (one.length > 0) return one.length === probes.length ? "any" : one.map(([label]) => label).join(", ");
  const second = probes.filter(([, type]) => definition.accepts([bigint, type]));
  return `any; then ${second.map(([label]) => label).join(", ")}`;
}

/** How the aggregate stands over rows that may be taken back. */
function overChangelog(definition: AggregateDefinition): string {
  const lists: readonly (readonly SqlType[])[] = [[], ...probes.map(([, type]) => [type]), [bigint, bigint], [double, double]];
  const calls = lists.filter((types) => definition.accepts(types)).map((types) => callOf(definition, types, false));
  const forms = calls.map((call) => retractableForm(call));
  if (forms.some((form) => form?.collect !== undefined)) return "keeps all rows";
  return forms.some((form) => form?.distinct === true) ? "keeps its values" : "yes";
}

const incremental = new Set(aggregates.map((definition) => definition.name));

/** docs/reference/aggregates.md, a pure function of the registry. */
export const renderAggregates = (): string =>
  page(
    "Aggregate functions",
    "runtime/functions/aggregate/registry.ts",
    "These run in jobs, with `DISTINCT` and `FILTER (WHERE …)`. Other argument types are cast as DuckDB casts them. The column _changelog_ says " +
      "how the aggregate stands over rows that may be taken back, such as those of a GROUP BY without a window. Those of the second table, and all with an " +
      "ORDER BY that matters, keep the arguments of all rows of a group. A SELECT has all aggregates of DuckDB.",
    table(
      ["aggregate", "arguments", "changelog", "what it does", "example"],
      aggregates.map((definition) => [
        [definition.name, ...(definition.aliases ?? [])].map(code).join(" "),
        argumentsOf(definition),
        overChangelog(definition),
        definition.doc,
        code(definition.example.sql),
      ]),
    ),
    table(
      ["from all rows", "ORDER BY", "what it does", "example"],
      collectors
        .filter((definition) => !incremental.has(definition.name) || definition.ordered || definition.parameter !== undefined)
        .map((definition) => [
          [definition.name, ...(definition.aliases ?? [])].map(code).join(" "),
          definition.ordered ? "matters" : "",
          definition.doc,
          code(definition.example.sql),
        ]),
    ),
  );
