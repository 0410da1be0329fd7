import { SqlError } from "../../runtime/contract/errors.ts";
import { type Field, integer } from "../../runtime/contract/types.ts";
import { bindingKey, readExpressions, readOrders } from "./expressions.ts";
import { index, type JsonObject, object, objects, text } from "./json.ts";
import type { BoundPlan } from "./nodes.ts";
import { anonymous, assertTypes, bindingsOf, type NodeReader, onlyInput, passing, type Read, scopeOf, type Surroundings } from "./read.ts";
import { readJoin } from "./read-join.ts";
import { readAggregate, readFilter, readLimit, readOrderBy, readProjection, readUnnest, readValues } from "./read-operators.ts";
import { readScan } from "./read-scan.ts";
import { readCte, readCteRef, readProduct, readRecursiveCte, readSetOperation } from "./read-sets.ts";
import { readTypes } from "./types.ts";
import { readWindow } from "./read-window.ts";

/** Reads one element of `plans`; references resolve by the rule of notes/duckdb-plan.md, 2.1. */
export const readPlan = (json: JsonObject): BoundPlan => readNode(json, { ctes: new Map(), delim: null, read: readNode }).plan;

const readers: Readonly<Record<string, NodeReader>> = {
  GET: readScan,
  DUMMY_SCAN: (json) => ({
    plan: { kind: "dummy", columns: [{ name: "dummy", type: integer }] },
    bindings: bindingsOf(json["table_index"], 1),
  }),
  EMPTY_RESULT: (json) => ({
    plan: { kind: "empty", columns: anonymous(readTypes(objects(json, "return_types"))) },
    bindings: objects(json, "bindings").map((b) => bindingKey(b["table_index"], b["column_index"])),
  }),
  CHUNK_GET: (json) => leaf("chunk", anonymous(readTypes(objects(json, "chunk_types"))), json),
  DELIM_GET: readDelimGet,
  EXPRESSION_GET: readValues,
  PROJECTION: readProjection,
  FILTER: readFilter,
  ORDER_BY: readOrderBy,
  LIMIT: (json, around) =>
    passing(json, around, (input) => ({
      kind: "limit",
      input: input.plan,
      limit: readLimit(json, "limit_val"),
      offset: readLimit(json, "offset_val"),
      columns: input.plan.columns,
    })),
  SAMPLE: (json, around) => passing(json, around, (input) => ({ kind: "sample", input: input.plan, columns: input.plan.columns })),
  TOP_N: (json, around) =>
    passing(json, around, (input) => ({
      kind: "topN",
      input: input.plan,
      orders: readOrders(objects(json, "orders"), scopeOf(input)),
      limit: index(json, "limit"),
      offset: index(json, "offset"),
      columns: input.plan.columns,
    })),
  DISTINCT: (json, around) =>
    passing(json, around, (input) => ({
      kind: "distinct",
      input: input.plan,
      on: text(json, "distinct_type") === "DISTINCT_ON" ? readExpressions(objects(json, "distinct_targets"), scopeOf(input)) : null,
      orders: json["order_by"] === undefined ? [] : readOrders(objects(object(json["order_by"]), "orders"), scopeOf(input)),
      columns: input.plan.columns,
    })),
  UNNEST: readUnnest,
  WINDOW: readWindow,
  AGGREGATE_AND_GROUP_BY: readAggregate,
  COMPARISON_JOIN: readJoin,
  ANY_JOIN: readJoin,
  ASOF_JOIN: readJoin,
  DELIM_JOIN: readJoin,
  CROSS_PRODUCT: (json, around) => readProduct("cross", json, around),
  POSITIONAL_JOIN: (json, around) => readProduct("positional", json, around),
  UNION: (json, around) => readSetOperation("union", json, around),
  EXCEPT: (json, around) => readSetOperation("except", json, around),
  INTERSECT: (json, around) => readSetOperation("intersect", json, around),
  MATERIALIZED_CTE: readCte,
  RECURSIVE_CTE: readRecursiveCte,
  CTE_REF: readCteRef,
  PIVOT: (json, around) => {
    const columns = anonymous(readTypes(objects(object(json["bound_pivot"]), "types")));
    return {
      plan: { kind: "pivot", input: onlyInput(json, around).plan, columns },
      bindings: bindingsOf(json["pivot_index"], columns.length),
    };
  },
};

export function readNode(json: JsonObject, around: Surroundings): Read {
  const type = text(json, "type").replace("LOGICAL_", "");
  const reader = readers[type];
  if (reader === undefined) {
    throw new SqlError({ sqlState: "0A000", message: `${type.toLowerCase().replaceAll("_", " ")} is not supported in a streaming job` });
  }
  return reader(json, around);
}

function leaf(kind: "chunk" | "delimGet", columns: readonly Field[], json: JsonObject): Read {
  return { plan: { kind, columns }, bindings: bindingsOf(json["table_index"], columns.length) };
}

function readDelimGet(json: JsonObject, around: Surroundings): Read {
  const columns = around.delim ?? [];
  assertTypes(columns, readTypes(objects(json, "chunk_types")), "a DELIM_GET has the columns of its DELIM_JOIN");
  return leaf("delimGet", columns, json);
}
