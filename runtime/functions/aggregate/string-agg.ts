import type { AggregateCall } from "../../contract/job-graph.ts";
import { type SqlType, varchar } from "../../contract/types.ts";
import { Collected, type Collector } from "./collected.ts";
import type { AggregateDefinition } from "./definition.ts";

const separator_default = ",";

function joined(separator: string): Collector<string> {
  const merge = (text: string | undefined, later: string): string => (text === undefined ? later : text + separator + later);
  return {
    ignoresNulls: true,
    add: (text, value) => merge(text, value as string),
    merge,
    toValue: (text) => text,
    ofValue: (value) => value as string,
  };
}

export function separatorOf(call: AggregateCall): string {
  const [constant] = call.constants;
  if (constant === undefined) return separator_default;
  if (constant.kind !== "literal" || typeof constant.value !== "string") throw new Error("invariant: a separator is a literal");
  return constant.value;
}

export const stringAgg: AggregateDefinition = {
  name: "string_agg",
  aliases: ["group_concat", "listagg"],
  doc: "Values that are not NULL, joined by a constant separator in order of arrival.",
  example: { sql: "SELECT string_agg(x) FROM (VALUES ('a'), (NULL), ('ü'), ('')) t(x)" },
  accepts: (types) => types.length === 1 && types[0]?.id === "varchar",
  accumulators: () => [{ name: "text", type: varchar }],
  retractable: () => false,
  create: (call, place) =>
    new Collected(place.offset, call.arguments[0] as number, call.argumentTypes[0] as SqlType, varchar, joined(separatorOf(call))),
};
