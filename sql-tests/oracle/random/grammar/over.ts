import { item, type Relation, scopeOf, select } from "./make.ts";
import type { Expr, Select } from "./query.ts";
import { derived } from "./relations.ts";
import { literal, scalar, sql } from "./scalar.ts";
import { type Builder, columnExpr, ofKind, queryColumns, type Scope, type ScopeColumn } from "./scope.ts";

export const directions = ["ASC", "DESC", "ASC NULLS FIRST", "DESC NULLS LAST"] as const;

/** Window functions: as columns, or as a rank to filter by. */
export function over(b: Builder, relation: Relation): Select {
  return b.random.oneIn(2) ? ranked(b, relation) : framed(b, relation);
}

export const orderableColumns = (columns: readonly ScopeColumn[]): readonly ScopeColumn[] => columns.filter(({ type }) => type !== "other");

/** Every column of the relation in some order: rows that tie are alike, so that the answer is one bag. */
export function totalOrder(b: Builder, columns: readonly ScopeColumn[]): string {
  const ordered = b.random.shuffled(columns).sort((x, y) => Number(y.type === "int") - Number(x.type === "int"));
  return ordered.map((column) => `${column.sql} ${b.random.of(directions)}`).join(", ");
}

function partition(b: Builder, columns: readonly ScopeColumn[]): string {
  const keys = ofKind(columns, "int", "text", "bool", "date").filter((column) => !column.unique);
  if (keys.length === 0 || b.random.oneIn(5)) return "";
  b.uses("PARTITION BY");
  return `PARTITION BY ${b.random.of(keys).sql} `;
}

const rowsFrames = [
  "ROWS UNBOUNDED PRECEDING",
  "ROWS BETWEEN 2 PRECEDING AND CURRENT ROW",
  "ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
  "ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
  "ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING",
] as const;

function framed(b: Builder, relation: Relation): Select {
  const { random } = b;
  const scope = scopeOf(b, relation);
  const columns = orderableColumns(relation.columns);
  if (columns.length === 0) return framed(b, derived(b, 0));
  // One order for all: the values that rows which are alike get pair up by their places in it.
  const places: Places = { partitioned: partition(b, columns), order: `ORDER BY ${totalOrder(b, columns)}` };
  const named: Places = random.oneIn(4) ? { ...places, name: b.alias() } : places;
  const calls = Array.from({ length: random.between(1, 2) }, () => item(b, windowCall(b, scope, columns, named)));
  const shown = random.shuffled(columns).slice(0, 3);
  const items = [...shown.map((column) => item(b, columnExpr(column))), ...calls];
  if (named.name === undefined) return select(relation.from, items);
  b.uses("named window");
  return select(relation.from, items, { windows: `${named.name} AS (${places.partitioned}${places.order})` });
}

interface Places {
  readonly partitioned: string;
  readonly order: string;
  /** In the WINDOW clause. */
  readonly name?: string;
}

function windowCall(b: Builder, scope: Scope, columns: readonly ScopeColumn[], { partitioned, order, name }: Places): Expr {
  const { random } = b;
  const value = (): Expr => scalar(scope, "int", 0);
  const made = (feature: string, type: Expr["type"], ...text: Expr["text"]): Expr => {
    b.uses(`over ${feature}`);
    return sql(type, ...text);
  };
  const whole = name ?? `${partitioned}${order}`;
  const window = name === undefined ? ` OVER (${whole})` : ` OVER ${name}`;
  return random.weighted<() => Expr>([
    [3, () => made("row_number", "int", `row_number()${window}`)],
    [1, () => made("rank", "int", `${random.of(["rank", "dense_rank"])}() OVER (${partitioned}ORDER BY ${random.of(columns).sql})`)],
    [1, () => made("ntile", "int", `ntile(3)${window}`)],
    [
      1,
      () =>
        made(
          "percent_rank",
          "double",
          `${random.of(["percent_rank", "cume_dist"])}() OVER (${partitioned}ORDER BY ${random.of(columns).sql})`,
        ),
    ],
    [
      3,
      () => made("lag/lead", "int", random.of(["lag(", "lead("]), value(), random.of([")", ", 2)", ", 1, -7)", " IGNORE NULLS)"]), window),
    ],
    [2, () => made("first/last_value", "int", random.of(["first_value(", "last_value("]), value(), `) OVER (${whole} ${rowsFrame(b)})`)],
    [1, () => made("nth_value", "int", "nth_value(", value(), ", 2)", window)],
    [4, () => made("aggregate ROWS", "int", random.of(["sum(", "count(", "min(", "max("]), value(), `) OVER (${whole} ${rowsFrame(b)})`)],
    [
      2,
      () =>
        made(
          "aggregate RANGE",
          "int",
          random.of(["sum(", "count("]),
          value(),
          `) OVER (${partitioned}ORDER BY ${random.of(columns).sql}${rangeFrame(b)})`,
        ),
    ],
    [2, () => made("aggregate whole", "int", random.of(["sum(", "max("]), value(), `) OVER (${partitioned.trimEnd()})`)],
  ])();
}

function rowsFrame(b: Builder): string {
  const frame = b.random.of(rowsFrames);
  if (b.random.oneIn(6)) {
    b.uses("over EXCLUDE");
    return `${frame} EXCLUDE ${b.random.of(["CURRENT ROW", "TIES", "GROUP"])}`;
  }
  if (!b.random.oneIn(6)) return frame;
  b.uses("over GROUPS");
  return frame.replace("ROWS", "GROUPS");
}

const rangeFrame = (b: Builder): string =>
  b.random.of(["", " RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW", " RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING"]);

/** Top n of each group by row_number, rank or dense_rank, in a derived table or by QUALIFY. */
function ranked(b: Builder, relation: Relation): Select {
  const { random } = b;
  const columns = orderableColumns(relation.columns);
  if (columns.length === 0) return ranked(b, derived(b, 0));
  const name = random.of(["row_number", "row_number", "rank", "dense_rank"]);
  const order = name === "row_number" ? totalOrder(b, columns) : `${random.of(columns).sql} ${random.of(directions)}`;
  const call = `${name}() OVER (${partition(b, columns)}ORDER BY ${order})`;
  const bound = `${random.of(["<=", "<", "="])} ${random.between(1, 3)}`;
  const shown = random.shuffled(columns).slice(0, 4);
  const items = shown.map((column) => item(b, columnExpr(column)));
  if (random.oneIn(3)) {
    b.uses(`QUALIFY ${name}`);
    return select(relation.from, items, { qualify: sql("bool", `${call} ${bound}`) });
  }
  b.uses(`top-N ${name}`);
  const rank = item(b, sql("int", call));
  const inner = select(relation.from, [...items, rank]);
  const alias = b.alias();
  const outer = queryColumns(inner, alias);
  const kept = random.oneIn(2) ? outer : outer.slice(0, -1);
  const where = sql("bool", `(${alias}.${rank.name} ${bound})`);
  const literalItem = random.oneIn(6) ? [item(b, literal(scopeOf(b, relation), "int"))] : [];
  return select(
    { kind: "query", query: inner, alias, lateral: false },
    [...kept.map((column) => item(b, columnExpr(column))), ...literalItem],
    { where },
  );
}
