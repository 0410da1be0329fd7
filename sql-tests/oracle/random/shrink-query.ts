import type { Expr, From, Query, Select } from "./grammar/query.ts";

/** Queries with one part less. Some are none any more: a name's table may be gone. */
export function* smallerQueries(query: Query): Generator<Query> {
  switch (query.kind) {
    case "select":
      yield* smallerSelects(query);
      return;
    case "set":
      yield query.left;
      yield query.right;
      for (const left of smallerQueries(query.left)) yield { ...query, left };
      for (const right of smallerQueries(query.right)) yield { ...query, right };
      return;
    case "with":
      yield query.body;
      for (const table of query.tables) yield table.query;
      for (const body of smallerQueries(query.body)) yield { ...query, body };
      for (const [at, table] of query.tables.entries()) {
        for (const smaller of smallerQueries(table.query))
          yield { ...query, tables: replaced(query.tables, at, { ...table, query: smaller }) };
      }
  }
}

const replaced = <T>(list: readonly T[], at: number, by: T): readonly T[] => list.map((value, i) => (i === at ? by : value));

const without = <T>(list: readonly T[], at: number): readonly T[] => list.filter((_, i) => i !== at);

function* smallerSelects(s: Select): Generator<Query> {
  yield* queriesOf(s.from);
  if (s.where !== null) yield { ...s, where: null };
  if (s.having !== null) yield { ...s, having: null };
  if (s.qualify !== null) yield { ...s, qualify: null };
  if (s.limit !== null) yield { ...s, limit: null, offset: 0 };
  if (s.offset !== 0) yield { ...s, offset: 0 };
  if (s.limit === null && s.orderBy.length > 0 && !Array.isArray(s.distinct)) yield { ...s, orderBy: [] };
  if (s.distinct !== false) yield { ...s, distinct: false };
  if (s.items.length > 1) for (const at of s.items.keys()) yield withoutItem(s, at);
  if (s.groupBy !== null) {
    if (s.groupBy.form !== "plain") yield { ...s, groupBy: { ...s.groupBy, form: "plain" } };
    for (const at of s.groupBy.keys.keys()) {
      const keys = without(s.groupBy.keys, at);
      yield { ...s, groupBy: keys.length === 0 ? null : { ...s.groupBy, keys } };
    }
  }
  for (const from of smallerFroms(s.from)) yield { ...s, from };
  if (s.where !== null) for (const where of smallerExprs(s.where)) yield { ...s, where };
  if (s.having !== null) for (const having of smallerExprs(s.having)) yield { ...s, having };
  for (const [at, item] of s.items.entries()) {
    for (const expr of smallerExprs(item.expr)) yield { ...s, items: replaced(s.items, at, { ...item, expr }) };
  }
}

/** Its order goes with it. */
function withoutItem(s: Select, at: number): Select {
  const name = s.items[at]?.name ?? "";
  return { ...s, items: without(s.items, at), orderBy: s.orderBy.filter(({ expr }) => expr.text[0] !== name) };
}

function* queriesOf(from: From): Generator<Query> {
  if (from.kind === "query") yield from.query;
  if (from.kind === "version") yield* queriesOf(from.left);
  if (from.kind !== "join") return;
  yield* queriesOf(from.left);
  yield* queriesOf(from.right);
}

function* smallerFroms(from: From): Generator<From> {
  if (from.kind === "query") for (const query of smallerQueries(from.query)) yield { ...from, query };
  if (from.kind === "version") yield from.left;
  if (from.kind !== "join") return;
  yield from.left;
  yield from.right;
  if (!["JOIN", "CROSS JOIN"].includes(from.join) && !from.join.startsWith("ASOF")) yield { ...from, join: "JOIN" };
  for (const left of smallerFroms(from.left)) yield { ...from, left };
  for (const right of smallerFroms(from.right)) yield { ...from, right };
  if (from.on !== null) for (const on of smallerExprs(from.on)) yield { ...from, on };
}

/** An operand of the same kind in its place, or a smaller operand or subquery within it. */
function* smallerExprs(e: Expr): Generator<Expr> {
  for (const part of e.text) if (typeof part !== "string" && !("query" in part) && part.type === e.type) yield part;
  for (const [at, part] of e.text.entries()) {
    if (typeof part === "string") continue;
    const put = (by: Expr["text"][number]): Expr => ({ ...e, text: replaced(e.text, at, by) });
    if ("query" in part) for (const query of smallerQueries(part.query)) yield put({ query });
    else for (const smaller of smallerExprs(part)) yield put(smaller);
  }
}
