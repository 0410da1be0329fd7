import type { AggregateCall } from "../../contract/job-graph.ts";
import type { SqlType } from "../../contract/types.ts";
import type { Value } from "../../contract/value.ts";
import { Collected, type Collector } from "./collected.ts";
import type { AggregateDefinition } from "./definition.ts";

const items: Collector<Value[]> = {
  ignoresNulls: false,
  add(list = [], value) {
    list.push(value);
    return list;
  },
  merge(list = [], later) {
    for (const value of later) list.push(value);
    return list;
  },
  toValue: (list) => list,
  ofValue: (value) => [...(value as readonly Value[])],
};

const listType = (call: AggregateCall): SqlType => ({ id: "list", element: call.argumentTypes[0] as SqlType });

export const list: AggregateDefinition = {
  name: "list",
  aliases: ["array_agg"],
  doc: "All values, NULLs too, as a list in order of arrival; NULL for no rows.",
  example: { sql: "SELECT list(x) FROM (VALUES (3), (NULL), (1), (3)) t(x)" },
  accepts: (types) => types.length === 1,
  accumulators: (call) => [{ name: "list", type: listType(call) }],
  retractable: () => false,
  create: (call, place) =>
    new Collected(place.offset, call.arguments[0] as number, call.argumentTypes[0] as SqlType, listType(call), items),
};
