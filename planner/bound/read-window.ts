import type { SqlType } from "../../runtime/contract/types.ts";
import { readAggregateConstants, readExpressions, readOptional, readOrders, type Scope } from "./expressions.ts";
import { flag, type JsonObject, object, objects, text } from "./json.ts";
import type { BoundWindowCall } from "./nodes.ts";
import { bindingsOf, onlyInput, type Read, scopeOf, type Surroundings } from "./read.ts";
import { readTypes } from "./types.ts";

/** A WINDOW node holds all OVERs of a SELECT. */
export function readWindow(json: JsonObject, around: Surroundings): Read {
  const input = onlyInput(json, around);
  const sources = objects(json, "expressions");
  const calls = sources.map((call) => readWindowCall(call, scopeOf(input)));
  const added = calls.map((call, i) => ({ name: text(sources[i] ?? {}, "alias") || call.name, type: call.type }));
  return {
    plan: { kind: "window", input: input.plan, calls, columns: [...input.plan.columns, ...added] },
    bindings: [...input.bindings, ...bindingsOf(json["window_index"], added.length)],
  };
}

function readWindowCall(json: JsonObject, scope: Scope): BoundWindowCall {
  const type = text(json, "type");
  const isAggregate = type === "WINDOW_AGGREGATE";
  const args = readExpressions(objects(json, "children"), scope);
  return {
    name: isAggregate ? aggregateName(text(json, "name"), args.length) : type.replace("WINDOW_", "").toLowerCase(),
    arguments: args,
    partitions: readExpressions(objects(json, "partitions"), scope),
    orders: readOrders(objects(json, "orders"), scope),
    type: readTypes([object(json["return_type"])])[0] as SqlType,
    isAggregate,
    distinct: flag(json, "distinct"),
    filter: readOptional(json, "filters", scope),
    ignoreNulls: flag(json, "ignore_nulls"),
    start: text(json, "start"),
    end: text(json, "end"),
    startExpression: readOptional(json, "start_expr", scope),
    endExpression: readOptional(json, "end_expr", scope),
    exclude: text(json, "exclude_clause"),
    offset: readOptional(json, "offset_expr", scope),
    fallback: readOptional(json, "default_expr", scope),
    argumentOrders: readOrders(objects(json, "arg_orders"), scope),
    constants: readAggregateConstants(json),
  };
}

/** count(*) OVER is called count there, without arguments. */
const aggregateName = (name: string, args: number): string => (name === "count" && args === 0 ? "count_star" : name);
