import { assert, SqlError } from "../../runtime/contract/errors.ts";
import type { CompareOperator, Expression } from "../../runtime/contract/expressions.ts";
import { boolean, type Field, formatType, sameType, simple, type SqlType, varchar } from "../../runtime/contract/types.ts";
import { flag, index, integer, type JsonObject, list, object, objects, text } from "./json.ts";
import type { BoundOrder } from "./nodes.ts";
import { readType } from "./types.ts";
import { readConstant } from "./values.ts";

/** What expressions are read over: an operator's columns, and each one's binding `table_index.column_index`. */
export interface Scope {
  readonly columns: readonly Field[];
  readonly bindings: readonly string[];
}

const compareOperators: Readonly<Record<string, CompareOperator>> = {
  COMPARE_EQUAL: "=",
  COMPARE_NOTEQUAL: "<>",
  COMPARE_LESSTHAN: "<",
  COMPARE_GREATERTHAN: ">",
  COMPARE_LESSTHANOREQUALTO: "<=",
  COMPARE_GREATERTHANOREQUALTO: ">=",
  COMPARE_DISTINCT_FROM: "isDistinct",
  COMPARE_NOT_DISTINCT_FROM: "isNotDistinct",
};

export function readCompareOperator(name: string): CompareOperator {
  const operator = compareOperators[name];
  assert(operator !== undefined, `the plan compares with ${name}`);
  return operator;
}

type Reader = (json: JsonObject, scope: Scope) => Expression;

const readers: Readonly<Record<string, Reader>> = {
  BOUND_REF: readReference,
  BOUND_COLUMN_REF: readBinding,
  BOUND_CONSTANT: (json) => ({ kind: "literal", ...readConstant(object(json["value"])) }),
  BOUND_CAST: (json, scope) => ({
    kind: "cast",
    argument: readExpression(object(json["child"]), scope),
    type: returnType(json),
    tryCast: flag(json, "try_cast"),
  }),
  BOUND_FUNCTION: readFunction,
  BOUND_COMPARISON: (json, scope) => ({
    kind: "compare",
    operator: readCompareOperator(text(json, "type")),
    left: readExpression(object(json["left"]), scope),
    right: readExpression(object(json["right"]), scope),
    type: boolean,
  }),
  BOUND_CONJUNCTION: (json, scope) => ({
    kind: text(json, "type") === "CONJUNCTION_AND" ? "and" : "or",
    arguments: readExpressions(objects(json, "children"), scope),
    type: boolean,
  }),
  BOUND_OPERATOR: readOperator,
  BOUND_CASE: (json, scope) => ({
    kind: "case",
    whens: objects(json, "case_checks").map((check) => ({
      when: readExpression(object(check["when_expr"]), scope),
      result: readExpression(object(check["then_expr"]), scope),
    })),
    otherwise: readExpression(object(json["else_expr"]), scope),
    type: returnType(json),
  }),
  BOUND_BETWEEN: (json, scope) => ({
    kind: "between",
    argument: readExpression(object(json["input"]), scope),
    lower: readExpression(object(json["lower"]), scope),
    upper: readExpression(object(json["upper"]), scope),
    lowerInclusive: flag(json, "lower_inclusive"),
    upperInclusive: flag(json, "upper_inclusive"),
    type: boolean,
  }),
  BOUND_UNNEST: (json, scope) => ({
    kind: "call",
    name: "unnest",
    arguments: [readExpression(object(json["child"]), scope)],
    type: returnType(json),
  }),
  BOUND_PARAMETER: (json) => {
    throw new SqlError({ sqlState: "42P02", message: `there is no parameter $${text(json, "identifier")}` });
  },
};

/** A scalar expression of the plan; `unnest` is read as a call. Every column reference is checked against its column's type. */
export function readExpression(json: JsonObject, scope: Scope): Expression {
  const expressionClass = text(json, "expression_class");
  const reader = readers[expressionClass];
  assert(reader !== undefined, `the plan has an expression of class ${expressionClass}`);
  return reader(json, scope);
}

export const readExpressions = (list: readonly JsonObject[], scope: Scope): readonly Expression[] =>
  list.map((json) => readExpression(json, scope));

export const readOptional = (json: JsonObject, key: string, scope: Scope): Expression | null =>
  json[key] === undefined || json[key] === null ? null : readExpression(object(json[key]), scope);

export const readOrders = (orders: readonly JsonObject[], scope: Scope): readonly BoundOrder[] =>
  orders.map((order) => ({
    expression: readExpression(object(order["expression"]), scope),
    descending: text(order, "type") === "DESCENDING",
    nullsFirst: text(order, "null_order") === "NULLS FIRST",
  }));

const returnType = (json: JsonObject): SqlType => readType(object(json["return_type"]));

function readReference(json: JsonObject, scope: Scope): Expression {
  return columnOf(index(json, "index"), returnType(json), scope);
}

/** Left over below a GET with a child and inside PIVOT, where DuckDB's resolver does not go. */
function readBinding(json: JsonObject, scope: Scope): Expression {
  const binding = json["binding"] === undefined ? {} : object(json["binding"]);
  const at = scope.bindings.indexOf(bindingKey(binding["table_index"], binding["column_index"]));
  return columnOf(at, returnType(json), scope);
}

export const bindingKey = (table: JsonObject[string], column: JsonObject[string]): string => `${integer(table)}.${integer(column)}`;

function columnOf(at: number, type: SqlType, scope: Scope): Expression {
  const column = scope.columns[at];
  assert(
    column !== undefined && sameType(column.type, type),
    `reference #${at} of type ${formatType(type)} finds ${column === undefined ? "no column" : `"${column.name}" ${formatType(column.type)}`}`,
  );
  return { kind: "column", index: at, type };
}

function readFunction(json: JsonObject, scope: Scope): Expression {
  const name = text(json, "name");
  if (name === "mr_now") return { kind: "now", type: simple("timestamptz") };
  if (json["function_data"] !== undefined && object(json["function_data"])["lambda_expr"] !== undefined) {
    return readLambdaCall(name, json, scope);
  }
  return { kind: "call", name, arguments: readExpressions(objects(json, "children"), scope), type: returnType(json) };
}

const lambdaFunction = /^(?:list_|array_)?(?:transform|apply|filter)$/;

/** The lambda is gone from the arguments, but for what it captures; its references count its parameters backwards, then those. */
function readLambdaCall(name: string, json: JsonObject, scope: Scope): Expression {
  const data = object(json["function_data"]);
  const args = readExpressions(objects(json, "children"), scope);
  const [list, ...captures] = args;
  if (!lambdaFunction.test(name) || list?.type.id !== "list") {
    throw new SqlError({ sqlState: "0A000", message: `${name}() with a lambda is not supported in a streaming job` });
  }
  const element: Field = { name: "element", type: list.type.element };
  const parameters: readonly Field[] = flag(data, "has_index") ? [{ name: "index", type: simple("bigint") }, element] : [element];
  const columns = [...parameters, ...captures.map((c, i) => ({ name: `captured${i + 1}`, type: c.type }))];
  const body = readExpression(object(data["lambda_expr"]), { columns, bindings: [] });
  return { kind: "call", name, arguments: args, type: returnType(json), lambda: { parameters: parameters.length, body } };
}

function readOperator(json: JsonObject, scope: Scope): Expression {
  const operands = readExpressions(objects(json, "children"), scope);
  const [argument, ...rest] = operands;
  const name = text(json, "type");
  assert(argument !== undefined, `${name} has an operand`);
  switch (name) {
    case "OPERATOR_NOT":
      return { kind: "not", argument, type: boolean };
    case "OPERATOR_IS_NULL":
      return { kind: "isNull", argument, type: boolean };
    case "OPERATOR_IS_NOT_NULL":
      return { kind: "isNotNull", argument, type: boolean };
    case "OPERATOR_COALESCE":
      return { kind: "coalesce", arguments: operands, type: returnType(json) };
    case "COMPARE_IN":
    case "COMPARE_NOT_IN":
      return { kind: "in", argument, list: rest, negated: name === "COMPARE_NOT_IN", type: boolean };
    default:
      throw new SqlError({ sqlState: "0A000", message: `${name.toLowerCase().replaceAll("_", " ")} is not supported in a streaming job` });
  }
}

/** Field `name` of a struct. */
export const structExtract = (argument: Expression, field: Field): Expression => ({
  kind: "call",
  name: "struct_extract",
  arguments: [argument, { kind: "literal", value: field.name, type: varchar }],
  type: field.type,
});

/** Literal parameters in `function_data`, by aggregate. */
export function readAggregateConstants(json: JsonObject): readonly Expression[] {
  if (json["function_data"] === undefined) return [];
  const data = object(json["function_data"]);
  if (data["separator"] !== undefined) return [{ kind: "literal", value: text(data, "separator"), type: varchar }];
  const quantiles = list(data, "quantiles").map((value): Expression => {
    if (typeof value === "number") return { kind: "literal", value, type: simple("double") };
    return { kind: "literal", ...readConstant(object(value)) };
  });
  return flag(data, "desc") ? [...quantiles, { kind: "literal", value: true, type: boolean }] : quantiles;
}
