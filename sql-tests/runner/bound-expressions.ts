import type { CompareOperator, Expression } from "../../runtime/contract/expressions.ts";
import { parseType } from "../../runtime/contract/parse-type.ts";
import { boolean, type SqlType } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";

/** Reads the expressions of a bound `SELECT … FROM input` out of DuckDB's plan: what the planner would hand to the runtime. */

interface Node {
  readonly [field: string]: unknown;
}
const node = (value: unknown): Node => value as Node;
const nodes = (value: unknown): readonly Node[] => (value as readonly Node[] | undefined) ?? [];

const token = /"(?:[^"\\]|\\.)*"|-?Infinity|NaN|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Integers beyond 2^53 become {$n}, bare NaN and Infinity {$f}: DuckDB's text is not standard JSON. */
export function parsePlan(text: string): unknown {
  return JSON.parse(
    text.replace(token, (t) =>
      t.startsWith('"') ? t : /[NI]/.test(t) ? `{"$f":"${t}"}` : t.length > 15 && /^-?\d+$/.test(t) ? `{"$n":"${t}"}` : t,
    ),
  ) as unknown;
}

const big = (v: unknown): bigint => (v === undefined ? 0n : typeof v === "object" ? BigInt(String(node(v)["$n"])) : BigInt(v as number));
const float = (v: unknown): number =>
  v === undefined ? 0 : typeof v === "object" ? Number(node(v)["$f"] ?? node(v)["$n"]) : (v as number);

function typeOf(json: unknown): SqlType {
  const type = parseType(typeName(node(json)));
  if (type === null) throw new Error(`no type for ${JSON.stringify(json)}`);
  return type;
}

function typeName(json: Node): string {
  const info = node(json["type_info"] ?? {});
  if (json["type_info"] !== undefined && info["alias"] !== undefined) return String(info["alias"]);
  switch (json["id"]) {
    case "DECIMAL":
      return `DECIMAL(${info["width"]},${info["scale"] ?? 0})`;
    case "LIST":
      return `${typeName(node(info["child_type"]))}[]`;
    case "STRUCT":
      return `STRUCT(${nodes(info["child_types"])
        .map((c) => `"${c["first"]}" ${typeName(node(c["second"]))}`)
        .join(", ")})`;
    case "NULL":
      return "INTEGER";
    default:
      return String(json["id"]);
  }
}

function literal(json: Node): Expression {
  const type = typeOf(json["type"]);
  if (json["is_null"] === true) return { kind: "literal", value: null, type };
  return { kind: "literal", value: valueOf(type, json["value"]), type };
}

function valueOf(type: SqlType, v: unknown): Value {
  const huge = (): bigint => (big(node(v)["upper"]) << 64n) + big(node(v)["lower"]);
  switch (type.id) {
    case "boolean":
      return (v as boolean | undefined) ?? false;
    case "real":
    case "double":
      return float(v);
    case "varchar":
    case "json":
      return (v as string | undefined) ?? "";
    case "hugeint":
      return huge();
    case "decimal":
      return type.width > 18 ? huge() : big(v);
    case "interval":
      return {
        months: Number(big(node(v ?? {})["months"])),
        days: Number(big(node(v ?? {})["days"])),
        micros: big(node(v ?? {})["micros"]),
      };
    case "bigint":
    case "uinteger":
    case "ubigint":
    case "time":
    case "timestamp":
    case "timestamptz":
      return big(v);
    case "list":
    case "struct":
    case "map":
    case "uuid":
    case "blob":
      throw new Error(`no literal of ${type.id}`);
    default:
      return Number(big(v));
  }
}

const comparisons: Readonly<Record<string, CompareOperator>> = {
  COMPARE_EQUAL: "=",
  COMPARE_NOTEQUAL: "<>",
  COMPARE_LESSTHAN: "<",
  COMPARE_GREATERTHAN: ">",
  COMPARE_LESSTHANOREQUALTO: "<=",
  COMPARE_GREATERTHANOREQUALTO: ">=",
  COMPARE_DISTINCT_FROM: "isDistinct",
  COMPARE_NOT_DISTINCT_FROM: "isNotDistinct",
};

/** `columnOf` maps a position in the operator's child to an input column. */
export function readExpression(e: Node, columnOf: (index: number) => number): Expression {
  const read = (child: unknown): Expression => readExpression(node(child), columnOf);
  const args = (): Expression[] => nodes(e["children"]).map(read);
  switch (e["expression_class"]) {
    case "BOUND_REF":
      return { kind: "column", index: columnOf((e["index"] as number | undefined) ?? 0), type: typeOf(e["return_type"]) };
    case "BOUND_CONSTANT":
      return literal(node(e["value"]));
    case "BOUND_CAST":
      return { kind: "cast", argument: read(e["child"]), type: typeOf(e["return_type"]), tryCast: e["try_cast"] === true };
    case "BOUND_FUNCTION":
      return { kind: "call", name: String(e["name"]), arguments: args(), type: typeOf(e["return_type"]) };
    case "BOUND_COMPARISON":
      return {
        kind: "compare",
        operator: comparisons[String(e["type"])] as CompareOperator,
        left: read(e["left"]),
        right: read(e["right"]),
        type: boolean,
      };
    case "BOUND_CONJUNCTION":
      return { kind: e["type"] === "CONJUNCTION_AND" ? "and" : "or", arguments: args(), type: boolean };
    case "BOUND_BETWEEN":
      return {
        kind: "between",
        argument: read(e["input"]),
        lower: read(e["lower"]),
        upper: read(e["upper"]),
        lowerInclusive: e["lower_inclusive"] === true,
        upperInclusive: e["upper_inclusive"] === true,
        type: boolean,
      };
    case "BOUND_CASE":
      return {
        kind: "case",
        whens: nodes(e["case_checks"]).map((c) => ({ when: read(c["when_expr"]), result: read(c["then_expr"]) })),
        otherwise: read(e["else_expr"]),
        type: typeOf(e["return_type"]),
      };
    case "BOUND_OPERATOR":
      return operator(String(e["type"]), args(), typeOf(e["return_type"]));
    default:
      throw new Error(`no expression of class ${e["expression_class"]}`);
  }
}

function operator(type: string, args: readonly Expression[], result: SqlType): Expression {
  const [argument, ...list] = args as [Expression, ...Expression[]];
  switch (type) {
    case "OPERATOR_NOT":
      return { kind: "not", argument, type: boolean };
    case "OPERATOR_IS_NULL":
      return { kind: "isNull", argument, type: boolean };
    case "OPERATOR_IS_NOT_NULL":
      return { kind: "isNotNull", argument, type: boolean };
    case "OPERATOR_COALESCE":
      return { kind: "coalesce", arguments: args, type: result };
    case "COMPARE_IN":
    case "COMPARE_NOT_IN":
      return { kind: "in", argument, list, negated: type === "COMPARE_NOT_IN", type: boolean };
    default:
      throw new Error(`no operator ${type}`);
  }
}

/** The expressions of the topmost projection; scans may list their columns in another order than the table. */
export function readProjection(plan: unknown): Expression[] {
  const root = nodes(node(plan)["plans"])[0];
  if (root === undefined || root["type"] !== "LOGICAL_PROJECTION") throw new Error(`not a projection: ${JSON.stringify(plan)}`);
  const scan = nodes(root["children"])[0];
  const columns = nodes(scan?.["column_indexes"]).map((c) => Number(big(c["index"])));
  return nodes(root["expressions"]).map((e) => readExpression(e, (index) => columns[index] ?? index));
}
