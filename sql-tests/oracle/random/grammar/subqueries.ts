import type { Expr } from "./query.ts";
import { predicate, scalar, sql } from "./scalar.ts";
import { type Builder, columnExpr, ofKind, type Scope } from "./scope.ts";
import { table } from "./relations.ts";
import { item, scopeOf, select } from "./make.ts";

/** `x IN (SELECT …)`, `EXISTS (…)` and their negations, correlated or not. */
export function subqueryPredicate(b: Builder, outer: Scope): Expr {
  const { random } = b;
  return random.weighted<() => Expr>([
    [3, () => inSubquery(b, outer)],
    [3, () => exists(b, outer)],
    [2, () => comparison(b, outer)],
  ])();
}

function inSubquery(b: Builder, outer: Scope): Expr {
  const { random } = b;
  const word = random.of(["IN", "IN", "NOT IN"]);
  b.uses(word === "IN" ? "IN subquery" : "NOT IN subquery");
  const inner = table(b);
  const scope = scopeOf(b, inner);
  const kind = random.of(["int", "text"] as const);
  const body = select(inner.from, [item(b, scalar(scope, kind, 0))], { where: innerCondition(b, outer, scope) });
  return sql("bool", "(", scalar(outer, kind, 0), ` ${word} (`, { query: body }, "))");
}

function exists(b: Builder, outer: Scope): Expr {
  const word = b.random.of(["EXISTS", "NOT EXISTS"]);
  b.uses(word);
  const inner = table(b);
  const scope = scopeOf(b, inner);
  const body = select(inner.from, [item(b, sql("int", "1"))], { where: correlation(b, outer, scope) });
  return sql("bool", `(${word} (`, { query: body }, "))");
}

function comparison(b: Builder, outer: Scope): Expr {
  return sql("bool", "(", scalar(outer, "int", 0), ` ${b.random.of([">", "<=", "="])} `, subqueryValue(b, outer, "int"), ")");
}

/** A scalar subquery: an aggregate, so that it has one row. */
export function subqueryValue(b: Builder, outer: Scope, kind: "int" | "text" = b.random.of(["int", "text"])): Expr {
  const { random } = b;
  const inner = table(b);
  const scope = scopeOf(b, inner);
  const correlated = random.oneIn(2);
  b.uses(correlated ? "correlated scalar subquery" : "scalar subquery");
  const call =
    kind === "int" && random.oneIn(3) ? sql("int", "count(*)") : sql(kind, random.of(["max(", "min("]), scalar(scope, kind, 0), ")");
  const where = correlated ? correlation(b, outer, scope) : random.oneIn(2) ? predicate(scope, 1) : null;
  return sql(kind, "(", { query: select(inner.from, [item(b, call)], { where }) }, ")");
}

function innerCondition(b: Builder, outer: Scope, inner: Scope): Expr | null {
  if (b.random.oneIn(4)) return correlation(b, outer, inner);
  return b.random.oneIn(2) ? predicate(inner, 1) : null;
}

function correlation(b: Builder, outer: Scope, inner: Scope): Expr {
  const { random } = b;
  for (const kind of random.shuffled(["int", "text"] as const)) {
    const [o, i] = [ofKind(outer.columns, kind), ofKind(inner.columns, kind)];
    if (o.length === 0 || i.length === 0) continue;
    const operator = random.oneIn(6) ? random.of(["<", ">="]) : "=";
    b.uses(operator === "=" ? "correlation" : "correlation by inequality");
    const equal = sql("bool", columnExpr(random.of(i)), ` ${operator} `, columnExpr(random.of(o)));
    return random.oneIn(4) ? sql("bool", "(", equal, " AND ", predicate(inner, 1), ")") : equal;
  }
  return predicate(inner, 1);
}
