import type { AggregateCall } from "../../contract/job-graph.ts";
import type { Value } from "../../contract/value.ts";
import { type CollectDefinition, type Finish, type Item, present, repeated } from "./collect-definition.ts";
import { compareValues } from "./compare-values.ts";
import { isOrdered } from "./kept-value.ts";
import { separatorOf } from "./string-agg.ts";

const any = (types: readonly unknown[]): boolean => types.length === 1;
const first = (bag: readonly Item[]): Value => bag[0]?.values[0] ?? null;

const list: CollectDefinition = {
  name: "list",
  aliases: ["array_agg"],
  doc: "All values, NULLs too, as a list; NULL for no rows.",
  example: { sql: "SELECT list(x ORDER BY x) FROM (VALUES (3), (NULL), (1), (3)) t(x)" },
  accepts: any,
  ordered: true,
  finish: () => (bag) => (bag.length === 0 ? null : repeated(bag)),
};

const stringAgg: CollectDefinition = {
  name: "string_agg",
  aliases: ["group_concat", "listagg"],
  doc: "Values that are not NULL, joined by a constant separator.",
  example: { sql: "SELECT string_agg(x ORDER BY x) FROM (VALUES ('b'), (NULL), ('ü'), ('')) t(x)" },
  accepts: (types) => types.length === 1 && types[0]?.id === "varchar",
  ordered: true,
  finish: (call) => (bag) => {
    const values = repeated(present(bag));
    return values.length === 0 ? null : values.join(separatorOf(call));
  },
};

const pick = (name: string, aliases: readonly string[], doc: string, finish: Finish): CollectDefinition => ({
  name,
  aliases,
  doc,
  example: { sql: `SELECT ${name}(x ORDER BY x) FROM (VALUES ('b'), ('a string of more than 7 bytes')) t(x)` },
  accepts: any,
  ordered: true,
  finish: () => finish,
});

/** The rows by their second argument, the least or the greatest first; rows without it count not at all. */
function by(call: AggregateCall, bag: readonly Item[], greatest: boolean): readonly Item[] {
  const type = call.argumentTypes[1];
  if (type === undefined) return [];
  const sign = greatest ? -1 : 1;
  const rows = bag.filter((item) => item.values[1] !== null);
  return rows.sort((a, b) => sign * compareValues(type, a.values[1] ?? null, b.values[1] ?? null));
}

const argExtreme = (name: string, aliases: readonly string[], greatest: boolean, keepsNulls: boolean): CollectDefinition => ({
  name,
  aliases,
  doc: `First argument of the row whose second one is ${greatest ? "greatest" : "least"}${keepsNulls ? ", NULL or not" : ", among rows where neither is NULL"}; with n, of the n such rows.`,
  example: { sql: `SELECT ${name}(x, y) FROM (VALUES ('b', 2), (NULL, 1), (NULL, 9), ('a', 3), ('c', NULL)) t(x, y)` },
  accepts: (types) => types.length === 2 && types[1] !== undefined && isOrdered(types[1]),
  ordered: false,
  ...(keepsNulls ? {} : { parameter: "optional" as const }),
  finish: (call) => (bag) => {
    const rows = by(call, keepsNulls ? bag : present(bag), greatest);
    const n = parameterOf(call);
    return n === null ? first(rows) : listOrNull(repeated(rows).slice(0, n));
  },
});

const extremes = (name: string, greatest: boolean): CollectDefinition => ({
  name,
  doc: `The n ${greatest ? "greatest" : "least"} values that are not NULL, as a list.`,
  example: { sql: `SELECT ${name}(x, 2) FROM (VALUES (3), (NULL), (1), (3)) t(x)` },
  accepts: (types) => types.length === 1 && types[0] !== undefined && isOrdered(types[0]),
  ordered: false,
  parameter: "required",
  finish: (call) => (bag) => {
    const values = repeated(present(bag));
    return listOrNull((greatest ? [...values].reverse() : values).slice(0, parameterOf(call) ?? 0));
  },
});

const listOrNull = (values: readonly Value[]): Value => (values.length === 0 ? null : values);

/** The n of max(x, n); null without one. */
export function parameterOf(call: AggregateCall): number | null {
  const [constant] = call.constants;
  return constant?.kind === "literal" && (typeof constant.value === "bigint" || typeof constant.value === "number")
    ? Number(constant.value)
    : null;
}

export const listCollectors: readonly CollectDefinition[] = [
  list,
  stringAgg,
  pick("first", ["arbitrary"], "Value of the first row, which may be NULL.", first),
  pick("last", [], "Value of the last row, which may be NULL.", (bag) => bag.at(-1)?.values[0] ?? null),
  pick("any_value", [], "The first value that is not NULL.", (bag) => first(present(bag))),
  argExtreme("arg_min", ["argmin", "min_by"], false, false),
  argExtreme("arg_max", ["argmax", "max_by"], true, false),
  argExtreme("arg_min_null", [], false, true),
  argExtreme("arg_max_null", [], true, true),
  extremes("min", false),
  extremes("max", true),
];
