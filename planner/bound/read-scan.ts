import { assert } from "../../runtime/contract/errors.ts";
import type { Expression } from "../../runtime/contract/expressions.ts";
import { bigint, type Field } from "../../runtime/contract/types.ts";
import { bindingKey } from "./expressions.ts";
import { index, indexes, integer, type JsonObject, list, number, object, objects, text } from "./json.ts";
import type { BoundPlan, ScanColumn } from "./nodes.ts";
import { keep, type Read, type Surroundings } from "./read.ts";
import { readTableFilter } from "./table-filters.ts";
import { readType } from "./types.ts";
import { readConstant } from "./values.ts";

/** Column ids from here on are virtual: rowid, or "no column at all" for count(*). */
const virtual_min = 1n << 63n;

/** GET: a scan of a table, or a table function (with an input when it is lateral). */
export function readScan(json: JsonObject, around: Surroundings): Read {
  const inputs = objects(json, "children").map((child) => around.read(child, around));
  const scanned = objects(json, "column_indexes").map((column) => readColumn(column, json));
  const projected = indexes(json, "projection_ids");
  const positions = projected.length > 0 ? projected : scanned.map((_, i) => i);
  const outputs = keep(scanned, positions);
  const passed = indexes(json, "projected_input");
  const columns = [...outputs.map((o) => o.field), ...passed.map((i) => inputs[0]?.plan.columns[i] as Field)];
  const bindings = [...positions.map((i) => bindingKey(json["table_index"], i)), ...passed.map((i) => inputs[0]?.bindings[i] as string)];
  const table = json["function_data"] === undefined ? {} : object(json["function_data"]);
  if (table["table"] === undefined) {
    const parameters = objects(json, "parameters").map(readConstant);
    const own = positions.map((p) => scannedIds(json)[p] as number);
    return {
      plan: {
        kind: "tableFunction",
        name: text(json, "name"),
        arguments: parameters,
        argumentCount: objects(json, "input_table_types").length,
        inputs: inputs.map((i) => i.plan),
        outputs: own,
        passed,
        columns,
      },
      bindings,
    };
  }
  const plan: BoundPlan = {
    kind: "scan",
    table: { schema: text(table, "schema"), name: text(table, "table") },
    sources: outputs.map((o) => o.source),
    filters: readFilters(json),
    columns,
  };
  return { plan, bindings };
}

/** Positions of the scanned columns; -1 for virtual ones. */
const scannedIds = (json: JsonObject): readonly number[] =>
  objects(json, "column_indexes").map((column) => {
    const id = integer(column["index"]);
    return id >= virtual_min ? -1 : Number(id);
  });

interface Scanned {
  readonly field: Field;
  readonly source: ScanColumn | null;
}

function readColumn(column: JsonObject, scan: JsonObject): Scanned {
  const id = integer(column["index"]);
  if (id >= virtual_min) return { field: { name: "rowid", type: bigint }, source: null };
  const whole = tableColumn(scan, Number(id));
  const path = text(column, "index_type") === "PUSHDOWN_EXTRACT" ? readPath(column, whole) : [];
  const last = path.at(-1) ?? whole;
  return {
    field: { name: [whole, ...path].map((f) => f.name).join("."), type: last.type },
    source: { column: Number(id), type: whole.type, path },
  };
}

function tableColumn(scan: JsonObject, at: number): Field {
  const name = list(scan, "names")[at];
  const type = objects(scan, "returned_types")[at];
  assert(typeof name === "string" && type !== undefined, "a scanned column is one of the table's");
  return { name, type: readType(type) };
}

/** The struct fields, outer to inner, that the scan takes out by itself. */
function readPath(column: JsonObject, whole: Field): readonly Field[] {
  const path: Field[] = [];
  let type = whole.type;
  for (let [child] = objects(column, "child_indexes"); child !== undefined; [child] = objects(child, "child_indexes")) {
    assert(type.id === "struct", "a path goes through structs");
    const field = type.fields[index(child, "index")];
    assert(field !== undefined, "a path names a field");
    path.push(field);
    type = field.type;
  }
  return path;
}

/** `key` is a position in the whole table, whether the column is read or not. */
function readFilters(scan: JsonObject): readonly Expression[] {
  const filters = scan["table_filters"] === undefined ? [] : objects(object(scan["table_filters"]), "filters");
  return filters.flatMap((filter) => {
    const at = number(filter["key"]);
    const column: Expression = { kind: "column", index: at, type: tableColumn(scan, at).type };
    return readTableFilter(object(filter["value"]), column) ?? [];
  });
}
