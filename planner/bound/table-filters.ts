import { assert } from "../../runtime/contract/errors.ts";
import { type Expression, mapColumns } from "../../runtime/contract/expressions.ts";
import { boolean } from "../../runtime/contract/types.ts";
import { readCompareOperator, readExpression, structExtract } from "./expressions.ts";
import { index, type JsonObject, object, objects, text } from "./json.ts";
import { readConstant } from "./values.ts";

type Literal = Extract<Expression, { kind: "literal" }>;
const constant = (json: JsonObject): Literal => ({ kind: "literal", ...readConstant(json) });

/**
 * What filter_pushdown moved into a GET, as a predicate over one column; null for mere hints
 * (OPTIONAL, DYNAMIC, BLOOM), which a filter above repeats.
 */
export function readTableFilter(json: JsonObject, column: Expression): Expression | null {
  const kind = text(json, "filter_type");
  switch (kind) {
    case "CONSTANT_COMPARISON":
      return {
        kind: "compare",
        operator: readCompareOperator(text(json, "comparison_type")),
        left: column,
        right: constant(object(json["constant"])),
        type: boolean,
      };
    case "IS_NULL":
      return { kind: "isNull", argument: column, type: boolean };
    case "IS_NOT_NULL":
      return { kind: "isNotNull", argument: column, type: boolean };
    case "IN_FILTER":
      return { kind: "in", argument: column, list: objects(json, "values").map(constant), negated: false, type: boolean };
    case "CONJUNCTION_AND":
    case "CONJUNCTION_OR":
      return readConjunction(kind === "CONJUNCTION_AND" ? "and" : "or", objects(json, "child_filters"), column);
    case "STRUCT_EXTRACT":
      return readFieldFilter(json, column);
    case "EXPRESSION_FILTER":
      return readExpressionFilter(object(json["expr"]), column);
    case "OPTIONAL_FILTER":
    case "DYNAMIC_FILTER":
    case "BLOOM_FILTER":
      return null;
    default:
      assert(false, `the plan has a table filter ${kind}`);
  }
}

function readConjunction(kind: "and" | "or", filters: readonly JsonObject[], column: Expression): Expression | null {
  const parts = filters.flatMap((filter) => readTableFilter(filter, column) ?? []);
  // A hint below OR would make the whole disjunction one; DuckDB puts hints only under AND.
  assert(kind === "and" || parts.length === filters.length, "no hint stands below OR");
  return parts.length === 0 ? null : { kind, arguments: parts, type: boolean };
}

function readFieldFilter(json: JsonObject, column: Expression): Expression | null {
  assert(column.type.id === "struct", "a field filter is over a struct");
  const field = column.type.fields[index(json, "child_idx")];
  assert(field !== undefined, "a field filter names a field");
  return readTableFilter(object(json["child_filter"]), structExtract(column, field));
}

/** Its reference 0 is the filtered column. */
function readExpressionFilter(json: JsonObject, column: Expression): Expression {
  const over = { columns: [{ name: "filtered", type: column.type }], bindings: [] };
  return mapColumns(readExpression(json, over), () => column);
}
