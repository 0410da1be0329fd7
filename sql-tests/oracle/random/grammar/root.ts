import { sinkNames } from "../sinks.ts";
import { clocked } from "./clocked.ts";
import { item, scopeOf, select } from "./make.ts";
import type { Query } from "./query.ts";
import { table } from "./relations.ts";
import { scalar, sql } from "./scalar.ts";
import type { Builder, View } from "./scope.ts";
import { grouped, maybeWhere, query } from "./select.ts";
import { lookupJoin } from "./time-joins.ts";
import { timed } from "./timed.ts";

/** The whole query of a case, with what it asks of its job. */
export function rootQuery(b: Builder): Query {
  const made = b.random.weighted<() => Query>([
    [26, () => plain(b)],
    [10, () => timed(b)],
    [2, () => clocked(b)],
    [1, () => lookupJoin(b)],
    [3, () => overViews(b)],
    [2, () => severalSinks(b)],
    [1, () => functions(b)],
  ])();
  options(b);
  return made;
}

const plain = (b: Builder): Query =>
  query(
    b,
    b.random.weighted([
      [3, 1],
      [3, 2],
      [1, 3],
    ] as const),
  );

/** Options that change how a job runs, and nothing about its answer: the clock stands still, or moves less than the TTL. */
function options(b: Builder): void {
  const { random, asks } = b;
  const set = (name: string, value: string): void => {
    b.uses(name);
    asks.options[name] = value;
  };
  if (random.oneIn(15)) set("state_ttl", "1h");
  if (random.oneIn(10)) set("local_aggregate", random.of(["on", "off"]));
  if (random.oneIn(25)) set("chaining", "off");
}

/** Views, results of other jobs, and those over each other. */
function overViews(b: Builder): Query {
  const { random } = b;
  const count = random.between(1, 2);
  for (let n = 1; n <= count; n++) {
    const kind = random.of<View["kind"]>(["view", "materialized view"]);
    const below = b.asks.views.at(-1);
    const body = query(b, random.below(2));
    b.asks.views.push({ name: `w${n}`, kind, query: body });
    b.uses(kind);
    if (below !== undefined) b.uses(`${kind} beside a ${below.kind}`);
  }
  return query(b, random.between(0, 1));
}

/** Several INSERTs of one job share their sources. */
function severalSinks(b: Builder): Query {
  const { random } = b;
  const [first, ...others] = random.shuffled(sinkNames).slice(0, random.between(1, 3));
  const queryFor = (sink: string | undefined): Query => {
    b.uses(`INSERT ${sink}`);
    return sink === "upserts" ? keyed(b) : query(b, random.between(0, 1));
  };
  const made = queryFor(first);
  if (first !== undefined) b.asks.inserts.push({ sink: first, query: made });
  for (const sink of others) b.asks.inserts.push({ sink, query: queryFor(sink) });
  return made;
}

/** A query that has a key. */
function keyed(b: Builder): Query {
  for (;;) {
    const made = grouped(b, table(b));
    if (made.groupBy !== null && made.groupBy.form === "plain") return made;
  }
}

/** Functions of users, and functions of DuckDB without a kernel. */
function functions(b: Builder): Query {
  const { random } = b;
  const rows = table(b);
  const scope = scopeOf(b, rows);
  const calls = {
    "SQL function": () => sql("int", "plus_one(", scalar(scope, "int", 0), ")"),
    "JavaScript function": () =>
      random.oneIn(2) ? sql("int", "doubled(", scalar(scope, "int", 0), ")") : sql("text", "shouted(", scalar(scope, "text", 0), ")"),
    "function via DuckDB": () =>
      random.oneIn(2)
        ? sql("text", "reverse(", scalar(scope, "text", 0), ")")
        : sql("int", "levenshtein(", scalar(scope, "text", 0), ", 'ab')"),
  };
  const [name, call] = random.of(Object.entries(calls));
  b.uses(name);
  const made = item(b, call());
  const shown = rows.columns.slice(0, 3).map((column) => item(b, { type: column.type, text: [column.sql] }));
  const inner = select(rows.from, [...shown, made], { where: maybeWhere(scope) });
  if (random.oneIn(2)) return inner;
  const alias = b.alias();
  return grouped(b, {
    from: { kind: "query", query: inner, alias, lateral: false },
    columns: inner.items.map(({ expr, name: column }) => ({ sql: `${alias}.${column}`, type: expr.type, unique: false })),
  });
}
