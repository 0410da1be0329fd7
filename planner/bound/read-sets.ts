import { assert } from "../../runtime/contract/errors.ts";
import { flag, index, type JsonObject, list, objects, text } from "./json.ts";
import { assertTypes, bindingsOf, type Read, type Surroundings, twoInputs } from "./read.ts";
import { readTypes } from "./types.ts";

export function readProduct(kind: "cross" | "positional", json: JsonObject, around: Surroundings): Read {
  const [left, right] = twoInputs(json, around);
  return {
    plan: { kind, left: left.plan, right: right.plan, columns: [...left.plan.columns, ...right.plan.columns] },
    bindings: [...left.bindings, ...right.bindings],
  };
}

/** A UNION may have more than two inputs; `setop_all` is true when absent. */
export function readSetOperation(kind: "union" | "except" | "intersect", json: JsonObject, around: Surroundings): Read {
  const inputs = objects(json, "children").map((child) => around.read(child, around).plan);
  const columns = inputs[0]?.columns ?? [];
  assert(
    inputs.every((input) => input.columns.length === index(json, "column_count")),
    `the inputs of ${kind} have its columns`,
  );
  return {
    plan: { kind, inputs, all: flag(json, "setop_all", true), columns },
    bindings: bindingsOf(json["table_index"], columns.length),
  };
}

export function readCte(json: JsonObject, around: Surroundings): Read {
  const [definitionJson, mainJson] = objects(json, "children");
  assert(definitionJson !== undefined && mainJson !== undefined, "a CTE has a definition and a main query");
  const id = index(json, "table_index");
  const definition = around.read(definitionJson, around).plan;
  const main = around.read(mainJson, { ...around, ctes: new Map(around.ctes).set(id, definition.columns) });
  return {
    plan: { kind: "cte", id, name: text(json, "ctename"), definition, input: main.plan, columns: main.plan.columns },
    bindings: main.bindings,
  };
}

export function readRecursiveCte(json: JsonObject, around: Surroundings): Read {
  const [anchorJson, stepJson] = objects(json, "children");
  assert(anchorJson !== undefined && stepJson !== undefined, "a recursive CTE has an anchor and a step");
  const id = index(json, "table_index");
  const anchor = around.read(anchorJson, around).plan;
  const step = around.read(stepJson, { ...around, ctes: new Map(around.ctes).set(id, anchor.columns) }).plan;
  return {
    plan: { kind: "recursiveCte", id, input: anchor, step, columns: anchor.columns },
    bindings: bindingsOf(id, anchor.columns.length),
  };
}

export function readCteRef(json: JsonObject, around: Surroundings): Read {
  const id = index(json, "cte_index");
  const types = readTypes(objects(json, "chunk_types"));
  const defined = around.ctes.get(id);
  assert(defined !== undefined, "a CTE is defined around its references");
  assertTypes(defined, types, "a CTE_REF has the columns of its definition");
  const names = list(json, "bound_columns");
  const columns = types.map((type, i) => ({ name: typeof names[i] === "string" ? names[i] : (defined[i]?.name ?? "column"), type }));
  return { plan: { kind: "cteRef", id, columns }, bindings: bindingsOf(json["table_index"], columns.length) };
}
