import type { Expression } from "../../runtime/contract/expressions.ts";
import { bigint, type Field, type SqlType } from "../../runtime/contract/types.ts";
import { readAggregateConstants, readExpressions, readOptional, readOrders, type Scope } from "./expressions.ts";
import { index, type Json, type JsonObject, list, number, object, objects, text } from "./json.ts";
import type { BoundAggregateCall, BoundLimit } from "./nodes.ts";
import { anonymous, bindingsOf, keep, mapOf, onlyInput, type Read, scopeOf, type Surroundings } from "./read.ts";
import { readTypes } from "./types.ts";

export function readValues(json: JsonObject, around: Surroundings): Read {
  const input = onlyInput(json, around);
  const columns = anonymous(readTypes(objects(json, "expr_types")));
  const rows = list(json, "expressions").map((row) => readExpressions((row as readonly Json[]).map(object), scopeOf(input)));
  return { plan: { kind: "values", input: input.plan, rows, columns }, bindings: bindingsOf(json["table_index"], columns.length) };
}

/** A name for a column that an expression makes: its alias, else the column's or function's own name. */
function nameOf(json: JsonObject, expression: Expression, input: readonly Field[]): string {
  const alias = text(json, "alias");
  if (alias !== "") return alias;
  if (expression.kind === "column") return input[expression.index]?.name ?? "column";
  return expression.kind === "call" ? expression.name : expression.kind;
}

export function readProjection(json: JsonObject, around: Surroundings): Read {
  const input = onlyInput(json, around);
  const sources = objects(json, "expressions");
  const expressions = readExpressions(sources, scopeOf(input));
  const columns = expressions.map((e, i) => ({ name: nameOf(sources[i] ?? {}, e, input.plan.columns), type: e.type }));
  return { plan: { kind: "project", input: input.plan, expressions, columns }, bindings: bindingsOf(json["table_index"], columns.length) };
}

export function readFilter(json: JsonObject, around: Surroundings): Read {
  const input = onlyInput(json, around);
  const map = mapOf(json, "projection_map");
  const predicates = readExpressions(objects(json, "expressions"), scopeOf(input));
  return {
    plan: { kind: "filter", input: input.plan, predicates, keep: map, columns: keep(input.plan.columns, map) },
    bindings: keep(input.bindings, map),
  };
}

export function readOrderBy(json: JsonObject, around: Surroundings): Read {
  const input = onlyInput(json, around);
  const map = mapOf(json, "projections");
  const orders = readOrders(objects(json, "orders"), scopeOf(input));
  return {
    plan: { kind: "order", input: input.plan, orders, keep: map, columns: keep(input.plan.columns, map) },
    bindings: keep(input.bindings, map),
  };
}

/** LIMIT's or OFFSET's count. */
export function readLimit(json: JsonObject, key: "limit_val" | "offset_val"): BoundLimit {
  const value = json[key] === undefined ? {} : object(json[key]);
  const type = text(value, "type");
  if (type === "CONSTANT_VALUE") return { kind: "constant", rows: index(value, "constant_integer") };
  return { kind: type === "" || type === "UNSET" ? "none" : "other" };
}

export function readUnnest(json: JsonObject, around: Surroundings): Read {
  const input = onlyInput(json, around);
  const sources = objects(json, "expressions");
  const expressions = readExpressions(sources, scopeOf(input));
  const added = expressions.map((e, i) => ({ name: text(sources[i] ?? {}, "alias") || "unnest", type: e.type }));
  return {
    plan: { kind: "unnest", input: input.plan, expressions, columns: [...input.plan.columns, ...added] },
    bindings: [...input.bindings, ...bindingsOf(json["unnest_index"], added.length)],
  };
}

export function readAggregate(json: JsonObject, around: Surroundings): Read {
  const input = onlyInput(json, around);
  const scope = scopeOf(input);
  const groupSources = objects(json, "groups");
  const groups = readExpressions(groupSources, scope);
  const calls = objects(json, "expressions").map((call) => readAggregateCall(call, scope));
  const functions = list(json, "grouping_functions").map((set) => (set as readonly Json[]).map(number));
  const sets = list(json, "grouping_sets").map((set) => (set as readonly Json[]).map(number));
  const columns = [
    ...groups.map((e, i) => ({ name: nameOf(groupSources[i] ?? {}, e, input.plan.columns), type: e.type })),
    ...calls.map((call) => ({ name: call.name, type: call.type })),
    ...functions.map((_, i) => ({ name: `grouping${i + 1}`, type: bigint })),
  ];
  return {
    plan: {
      kind: "aggregate",
      input: input.plan,
      groups,
      calls,
      groupingSets: sets.length > 0 ? sets : [groups.map((_, i) => i)],
      groupingFunctions: functions,
      columns,
    },
    bindings: [
      ...bindingsOf(json["group_index"], groups.length),
      ...bindingsOf(json["aggregate_index"], calls.length),
      ...bindingsOf(json["groupings_index"], functions.length),
    ],
  };
}

function readAggregateCall(json: JsonObject, scope: Scope): BoundAggregateCall {
  const orders = json["order_bys"] === undefined ? [] : objects(object(json["order_bys"]), "orders");
  return {
    name: text(json, "name"),
    arguments: readExpressions(objects(json, "children"), scope),
    type: readTypes([object(json["return_type"])])[0] as SqlType,
    distinct: text(json, "aggregate_type") === "DISTINCT",
    filter: readOptional(json, "filter", scope),
    orders: readOrders(orders, scope),
    constants: readAggregateConstants(json),
  };
}
