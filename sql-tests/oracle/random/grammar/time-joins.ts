import { item, type Relation, scopeOf, select } from "./make.ts";
import { totalOrder } from "./over.ts";
import { grouped } from "./select.ts";
import type { From, Select } from "./query.ts";
import { table } from "./relations.ts";
import { predicate, scalar, sql } from "./scalar.ts";
import { type Builder, columnExpr } from "./scope.ts";
import { seconds } from "./windows.ts";

const aliasOf = (from: From): string => ("alias" in from ? from.alias : "");

const sides = (b: Builder, other: string): readonly [Relation, Relation, string, string] => {
  const [l, r] = [table(b, "e"), table(b, other)];
  return [l, r, aliasOf(l.from), aliasOf(r.from)];
};

const shownOf = (b: Builder, l: Relation, r: Relation, from: From): Select =>
  select(
    from,
    [...l.columns, ...r.columns.slice(1)].map((column) => item(b, columnExpr(column))),
  );

export function intervalJoin(b: Builder): Select {
  const { random } = b;
  const [l, r, le, re] = sides(b, "g");
  const within = `${re}.ts BETWEEN ${le}.ts - ${seconds(random.between(0, 2))} AND ${le}.ts + ${seconds(random.between(0, 3))}`;
  const keyed = random.oneIn(6) ? "" : `${le}.k ${random.oneIn(6) ? "IS NOT DISTINCT FROM" : "="} ${re}.k AND `;
  if (random.oneIn(4)) {
    const word = random.of(["EXISTS", "NOT EXISTS"]);
    b.uses(`interval ${word}`);
    const body = select(r.from, [item(b, sql("int", "1"))], { where: sql("bool", `${keyed}${within}`) });
    const where = sql("bool", `${word} (`, { query: body }, ")");
    return select(
      l.from,
      l.columns.map((column) => item(b, columnExpr(column))),
      { where },
    );
  }
  const kind = random.of(["JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]);
  b.uses(`interval ${kind}`);
  const residual = random.oneIn(4) ? [" AND ", predicate({ random, columns: [...l.columns, ...r.columns] }, 1)] : [];
  const on = sql("bool", `${keyed}${within}`, ...residual);
  return shownOf(b, l, r, { kind: "join", join: kind, left: l.from, right: r.from, on });
}

export function asofJoin(b: Builder): Select {
  const [l, r, le, re] = sides(b, "g");
  const kind = b.random.of(["ASOF JOIN", "ASOF LEFT JOIN"]);
  const isNext = b.random.oneIn(3);
  b.uses(isNext ? "ASOF next row" : kind);
  const keyed = b.random.oneIn(6) ? "" : `${le}.k = ${re}.k AND `;
  const on = sql("bool", `${keyed}${le}.ts ${b.random.of(isNext ? ["<=", "<"] : [">=", ">"])} ${re}.ts`);
  return shownOf(b, l, r, { kind: "join", join: kind, left: l.from, right: r.from, on });
}

/** With the version that held at the left row's time. */
export function versionJoin(b: Builder): Select {
  const { random } = b;
  const [l, r, le, re] = sides(b, "h");
  const join = random.of(["JOIN", "LEFT JOIN"] as const);
  b.uses(`FOR SYSTEM_TIME ${join}`);
  const on = sql("bool", `${re}.k = ${le}.${random.of(["k", "k", "a"])}`);
  const made = shownOf(b, l, r, {
    kind: "version",
    join,
    left: l.from,
    name: "h",
    alias: re,
    times: { left: `${le}.ts`, version: `${re}.ts` },
    on,
  });
  return random.oneIn(3) ? { ...made, where: predicate({ random, columns: [...l.columns, ...r.columns] }, 1) } : made;
}

/** With what a table holds when the row comes: all that it will ever hold, as far as the rows of the left side see. */
export function lookupJoin(b: Builder): Select {
  const { random } = b;
  const name = random.of(["t", "u", "v"]);
  const [left, right] = [table(b, random.of(["e", "g"])), table(b, name)];
  const [le, re] = [aliasOf(left.from), aliasOf(right.from)];
  b.asks.settled = name;
  const join = random.of(["JOIN", "LEFT JOIN"] as const);
  b.uses(`lookup ${join}`);
  const on = sql("bool", random.of([`${re}.k = ${le}.k`, `${re}.s = ${le}.s`, `${re}.k = ${le}.k AND ${re}.a = ${le}.a`]));
  const from: From = { kind: "version", join, left: left.from, name, alias: re, times: null, on };
  const both: Relation = { from, columns: [...left.columns, ...right.columns.map((column) => ({ ...column, unique: false }))] };
  return random.oneIn(3) ? grouped(b, both) : shownOf(b, left, right, from);
}

/** Rows in the order of event time, each as soon as the watermark has passed it. */
export function eventTimeOver(b: Builder): Select {
  const { random } = b;
  const rows = table(b, random.of(["e", "g"]));
  const alias = aliasOf(rows.from);
  const scope = scopeOf(b, rows);
  const partition = random.oneIn(4) ? "" : `PARTITION BY ${alias}.${random.of(["k", "s", "a"])} `;
  const rest = rows.columns.filter((column) => column.sql !== `${alias}.ts`);
  const order = `ORDER BY ${alias}.ts, ${totalOrder(b, rest)}`;
  const shown = rows.columns.map((column) => item(b, columnExpr(column)));
  const value = scalar(scope, "int", 0);
  if (random.oneIn(4)) {
    b.uses("first row in event time");
    return select(rows.from, shown, { qualify: sql("bool", `row_number() OVER (${partition}${order}) ${random.of(["= 1", "<= 2"])}`) });
  }
  b.uses("over in event time");
  const frame = random.of([
    " ROWS BETWEEN 2 PRECEDING AND CURRENT ROW",
    " ROWS UNBOUNDED PRECEDING",
    " ROWS BETWEEN 3 PRECEDING AND 1 PRECEDING",
  ]);
  const ranged = `(${partition}ORDER BY ${alias}.ts RANGE BETWEEN ${seconds(random.of([1, 2]))} PRECEDING AND CURRENT ROW)`;
  const call = random.of([
    sql("int", random.of(["sum(", "max(", "count("]), value, `) OVER (${partition}${order}${frame})`),
    sql("int", random.of(["sum(", "min(", "count("]), value, `) OVER ${ranged}`),
    sql("int", "lag(", value, `) OVER (${partition}${order})`),
    sql("int", `row_number() OVER (${partition}${order})`),
  ]);
  return select(rows.from, [...shown, item(b, call)], { where: random.oneIn(4) ? predicate(scope, 1) : null });
}
