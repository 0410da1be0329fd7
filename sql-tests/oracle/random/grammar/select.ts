import { aggregate, having } from "./aggregates.ts";
import { over } from "./over.ts";
import type { Expr, Item, Query, Select } from "./query.ts";
import { item, type Relation, scopeOf, select } from "./make.ts";
import { derived, join, relation, table } from "./relations.ts";
import { kindsOf, predicate, scalar, sql } from "./scalar.ts";
import { type Builder, columnExpr, queryColumns, type Scope } from "./scope.ts";
import { subqueryPredicate, subqueryValue } from "./subqueries.ts";

/** A query up to `depth` levels deep. */
export function query(b: Builder, depth: number): Query {
  const { random } = b;
  if (depth <= 0) return random.oneIn(3) ? grouped(b, table(b)) : projection(b, table(b));
  return random.weighted<() => Query>([
    [3, () => projection(b, relation(b, depth))],
    [5, () => grouped(b, relation(b, depth))],
    [3, () => projection(b, join(b, depth))],
    [2, () => distinct(b, relation(b, depth))],
    [3, () => setOperation(b, depth)],
    [3, () => topN(b, relation(b, depth))],
    [2, () => distinctOn(b, relation(b, depth))],
    [4, () => over(b, random.oneIn(2) ? table(b) : relation(b, depth))],
    [4, () => filteredBySubquery(b, relation(b, depth - 1))],
    [2, () => withShared(b, depth)],
    [1, () => grouped(b, derived(b, depth))],
  ])();
}

export function someItems(b: Builder, scope: Scope): readonly Item[] {
  const { random } = scope;
  return Array.from({ length: random.between(1, 4) }, () => item(b, scalar(scope, random.of(kindsOf(scope)), random.below(3))));
}

export const maybeWhere = (scope: Scope): Expr | null => (scope.random.oneIn(2) ? null : predicate(scope, scope.random.between(1, 2)));

export function projection(b: Builder, relation: Relation): Select {
  b.uses("projection");
  const scope = scopeOf(b, relation);
  return select(relation.from, someItems(b, scope), { where: maybeWhere(scope) });
}

export function grouped(b: Builder, relation: Relation): Select {
  const { random } = b;
  const scope = scopeOf(b, relation);
  const keys = Array.from(
    {
      length: random.weighted([
        [1, 0],
        [4, 1],
        [3, 2],
      ] as const),
    },
    () => groupKey(scope),
  );
  b.uses(keys.length === 0 ? "aggregate without keys" : "GROUP BY");
  const calls = Array.from({ length: random.between(1, 3) }, () => item(b, aggregate(scope, b)));
  const form = keys.length > 1 && random.oneIn(5) ? random.of(["rollup", "cube", "sets"] as const) : "plain";
  if (form !== "plain") b.uses("GROUPING SETS");
  return select(relation.from, [...keys.map((key) => item(b, key)), ...calls], {
    where: random.oneIn(3) ? predicate(scope, 1) : null,
    groupBy: keys.length === 0 ? null : { keys, form },
    having: random.oneIn(5) ? having(scope, b) : null,
  });
}

/** A constant would be read as the number of an item. */
function groupKey(scope: Scope): Expr {
  const columns = scope.columns.filter(({ type }) => type !== "other");
  const column = scope.random.of(columns.length === 0 ? scope.columns : columns);
  if (column.type !== "int" || !scope.random.oneIn(4)) return columnExpr(column);
  return sql("int", "(", columnExpr(column), " % 3)");
}

function distinct(b: Builder, relation: Relation): Select {
  b.uses("DISTINCT");
  const scope = scopeOf(b, relation);
  return select(relation.from, someItems(b, scope), { distinct: true, where: maybeWhere(scope) });
}

/** Of one kind in each column, cast to one type. */
function setOperation(b: Builder, depth: number): Query {
  const { random } = b;
  const operator = random.of(["UNION", "UNION ALL", "UNION ALL", "INTERSECT", "INTERSECT ALL", "EXCEPT", "EXCEPT ALL"] as const);
  b.uses(operator);
  const kinds = Array.from({ length: random.between(1, 2) }, () => random.of(["int", "text", "bool", "decimal"] as const));
  const types = { int: "BIGINT", text: "VARCHAR", bool: "BOOLEAN", decimal: "DECIMAL(20,4)" } as const;
  const side = (): Query => {
    const input = random.oneIn(3) ? relation(b, depth - 1) : table(b);
    const scope = scopeOf(b, input);
    const items = kinds.map((kind) => item(b, sql(kind, "CAST(", scalar(scope, kind, 0), ` AS ${types[kind]})`)));
    return select(input.from, items, { where: maybeWhere(scope) });
  };
  return { kind: "set", operator, left: side(), right: side() };
}

const directions = ["ASC", "DESC", "ASC NULLS FIRST", "DESC NULLS LAST"] as const;

/** Ordered by all that it shows: rows that tie are alike. */
function topN(b: Builder, relation: Relation): Select {
  const { random } = b;
  b.uses("ORDER BY LIMIT");
  const scope = scopeOf(b, relation);
  const items = someItems(b, scope);
  const orderBy = random.shuffled(items).map(({ name, expr }) => ({ expr: sql(expr.type, name), direction: random.of(directions) }));
  const offset = random.oneIn(4) ? random.between(1, 3) : 0;
  if (offset > 0) b.uses("OFFSET");
  return select(relation.from, items, { where: maybeWhere(scope), orderBy, limit: random.between(1, 5), offset });
}

function distinctOn(b: Builder, relation: Relation): Select {
  b.uses("DISTINCT ON");
  const { random } = b;
  const items = relation.columns.slice(0, random.between(2, 5)).map((column) => item(b, columnExpr(column)));
  const orderBy = items.map(({ expr }, i) => ({ expr, direction: i === 0 ? ("ASC" as const) : random.of(directions) }));
  return select(relation.from, items, { distinct: items.slice(0, 1).map(({ expr }) => expr), orderBy });
}

function filteredBySubquery(b: Builder, relation: Relation): Select {
  const scope = scopeOf(b, relation);
  const items = someItems(b, scope);
  if (b.random.oneIn(4)) return select(relation.from, [...items, item(b, subqueryValue(b, scope))], { where: maybeWhere(scope) });
  const condition = subqueryPredicate(b, scope);
  if (b.random.oneIn(5)) {
    b.uses("subquery condition as a value");
    return select(relation.from, [...items, item(b, condition)], { where: maybeWhere(scope) });
  }
  const where = b.random.oneIn(4) ? sql("bool", "(", condition, b.random.of([" AND ", " OR "]), predicate(scope, 1), ")") : condition;
  return select(relation.from, items, { where });
}

/** A table expression that the body reads twice. */
function withShared(b: Builder, depth: number): Query {
  b.uses("WITH");
  const name = b.alias();
  const body = query(b, depth - 1);
  const columnsUnder = (alias: string): Relation => ({ from: { kind: "table", name, alias }, columns: queryColumns(body, alias) });
  const [left, right] = [columnsUnder(b.alias()), columnsUnder(b.alias())];
  const key = left.columns.findIndex(({ type }) => type === "int" || type === "text");
  if (key < 0) return { kind: "with", tables: [{ name, query: body }], body: projection(b, left) };
  const [l, r] = [left.columns[key], right.columns[key]];
  if (l === undefined || r === undefined) throw new Error("invariant: both sides have the same columns");
  const kind = b.random.of(["JOIN", "LEFT JOIN"]);
  b.uses(`join ${kind}`);
  const on = sql("bool", columnExpr(l), " = ", columnExpr(r));
  const both: Relation = {
    from: { kind: "join", join: kind, left: left.from, right: right.from, on },
    columns: [...left.columns, ...right.columns],
  };
  return { kind: "with", tables: [{ name, query: body }], body: b.random.oneIn(2) ? grouped(b, both) : projection(b, both) };
}
