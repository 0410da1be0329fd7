import type { AggregateCall } from "../../runtime/contract/job-graph.ts";
import { bigint, boolean, double, interval, simple, type SqlType, timestamp, varchar } from "../../runtime/contract/types.ts";
import type { AggregateDefinition } from "../../runtime/functions/aggregate/definition.ts";
import { aggregates } from "../../runtime/functions/aggregate/registry.ts";
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

/** Over which of its arguments rows can be taken back; what depends on the set of values alone keeps them, as DISTINCT does. */
function overChangelog(definition: AggregateDefinition): string {
  const lists: readonly (readonly SqlType[])[] = [[], ...probes.map(([, type]) => [type]), [bigint, bigint]];
  const calls = lists.filter((types) => definition.accepts(types)).map((types) => callOf(definition, types, false));
  const exact = calls.filter((call) => definition.retractable(call));
  if (exact.length === calls.length) return "yes";
  if (definition.ofSet === true) return "yes, keeping all values";
  return exact.length === 0 ? "no" : "yes, but not over DOUBLE";
}

/** docs/reference/aggregates.md, a pure function of the registry. */
export const renderAggregates = (): string =>
  page(
    "Aggregate functions",
    "runtime/functions/aggregate/registry.ts",
    "These run in jobs, with `DISTINCT` and `FILTER (WHERE …)`. Other argument types are cast as DuckDB casts them. The column _changelog_ says " +
      "whether the aggregate can stand over rows that may be taken back, such as those of a GROUP BY without a window. A SELECT has all aggregates of DuckDB.",
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
  );
