import type { Random } from "../random.ts";
import { item, type Relation, select } from "./make.ts";
import type { Expr, From } from "./query.ts";
import { literal, predicate, scalar, sql } from "./scalar.ts";
import { type Builder, columnExpr, ofKind, queryColumns, type Scope, tableColumns } from "./scope.ts";

/** Tables that change more often than streams: they are the harder input. */
const names = (random: Random): string => random.of(["t", "t", "t", "u", "u", "v", "v", "e", "g"]);

export function table(b: Builder, name?: string): Relation {
  const alias = b.alias();
  const view = name === undefined && b.random.oneIn(2) ? b.asks.views[b.random.below(b.asks.views.length)] : undefined;
  if (view !== undefined) {
    b.uses(`reads a ${view.kind}`);
    return { from: { kind: "table", name: view.name, alias }, columns: queryColumns(view.query, alias) };
  }
  const chosen = name ?? names(b.random);
  return { from: { kind: "table", name: chosen, alias }, columns: tableColumns(chosen, alias) };
}

export function derived(b: Builder, depth: number): Relation {
  b.uses("derived table");
  const inner = b.query(b, depth - 1);
  const alias = b.alias();
  return { from: { kind: "query", query: inner, alias, lateral: false }, columns: queryColumns(inner, alias) };
}

/** A table, a derived table or a join of them. */
export function relation(b: Builder, depth: number): Relation {
  const { random } = b;
  if (depth <= 0) return table(b);
  return random.weighted<() => Relation>([
    [5, () => table(b)],
    [3, () => derived(b, depth)],
    [3, () => join(b, depth)],
    [1, () => flattened(b)],
    [1, () => constants(b)],
    [1, () => lateral(b)],
    [1, () => chained(b)],
  ])();
}

/** An input that ends: literal rows, or a series. */
function constants(b: Builder): Relation {
  const { random } = b;
  const alias = b.alias();
  if (random.oneIn(2)) {
    b.uses("generate_series as a table");
    const text = random.of(["generate_series(-1, 4)", "range(0, 6, 2)"]);
    return { from: { kind: "call", text: [text], alias: `${alias}(x)` }, columns: [{ sql: `${alias}.x`, type: "int", unique: true }] };
  }
  b.uses("VALUES");
  const rows = Array.from(
    { length: random.between(1, 4) },
    () => `(${random.of(["0", "1", "2", "NULL::INTEGER"])}, ${random.of(["'a'", "'b'", "NULL::VARCHAR"])})`,
  );
  return {
    from: { kind: "call", text: [`(VALUES ${rows.join(", ")})`], alias: `${alias}(x, y)` },
    columns: [
      { sql: `${alias}.x`, type: "int", unique: false },
      { sql: `${alias}.y`, type: "text", unique: false },
    ],
  };
}

/** A subquery that reads the row in front of it: an aggregate, or its first rows in some order. */
function lateral(b: Builder): Relation {
  const { random } = b;
  const outer = table(b);
  const inner = table(b);
  const [o, i] = [
    { random, columns: outer.columns },
    { random, columns: inner.columns },
  ];
  const where = equality(b, inner, outer) ?? predicate(i, 1);
  const isFirst = random.oneIn(3);
  b.uses(isFirst ? "LATERAL LIMIT" : "LATERAL aggregate");
  const shown = isFirst ? scalar(i, "int", 0) : sql("int", random.of(["max(", "count(", "sum("]), scalar(i, "int", 0), ")");
  const made = item(b, random.oneIn(4) && !isFirst ? sql("int", "(", shown, " + ", scalar(o, "int", 0), ")") : shown);
  const limit = isFirst ? { orderBy: [{ expr: sql("int", made.name), direction: "ASC" as const }], limit: random.between(1, 2) } : {};
  const body = select(inner.from, [made], { where, ...limit });
  const alias = b.alias();
  const isOuter = random.oneIn(2);
  const from: From = {
    kind: "join",
    join: isOuter ? "LEFT JOIN" : "CROSS JOIN",
    left: outer.from,
    right: { kind: "query", query: body, alias, lateral: true },
    on: isOuter ? sql("bool", "true") : null,
  };
  const columns = outer.columns.map((column) => ({ ...column, unique: false }));
  return { from, columns: [...columns, { sql: `${alias}.${made.name}`, type: "int", unique: false }] };
}

/** Three or four tables, each joined with one before, some with themselves. */
function chained(b: Builder): Relation {
  const { random } = b;
  const first = table(b);
  let [from, columns] = [first.from, first.columns];
  let last = first;
  const count = random.between(2, 3);
  b.uses(`join of ${count + 1}`);
  for (let n = 0; n < count; n++) {
    const isSelf = last.from.kind === "table" && random.oneIn(3);
    const next = isSelf && last.from.kind === "table" && b.asks.views.length === 0 ? table(b, last.from.name) : table(b);
    if (isSelf) b.uses("self join");
    const kind = random.of(["JOIN", "JOIN", "JOIN", "LEFT JOIN"]);
    const on = equality(b, { from, columns: random.oneIn(2) ? last.columns : columns }, next) ?? sql("bool", "true");
    from = { kind: "join", join: kind, left: from, right: next.from, on };
    columns = [...columns, ...next.columns];
    last = next;
  }
  return { from, columns: columns.map((column) => ({ ...column, unique: false })) };
}

/** A row per element of a list made of its columns, or per number up to one of them. */
function flattened(b: Builder): Relation {
  const { random } = b;
  const base = table(b, random.of(["t", "t", "u", "e"]));
  const scope: Scope = { random, columns: base.columns };
  const alias = b.alias();
  const outer = random.oneIn(3);
  const isSeries = random.oneIn(3);
  b.uses(`${isSeries ? "generate_series" : "unnest"}${outer ? " LEFT JOIN" : ""}`);
  const text = isSeries
    ? ["generate_series(0, ", scalar(scope, "int", 0), " % 4)"]
    : ["unnest([", scalar(scope, "int", 0), ", ", scalar(scope, "int", 0), ", NULL][1:", scalar(scope, "int", 0), " % 4])"];
  const call: From = { kind: "call", text, alias: `${alias}(x)` };
  const on: Expr | null = outer ? sql("bool", "true") : null;
  const from: From = { kind: "join", join: outer ? "LEFT JOIN" : "CROSS JOIN", left: base.from, right: call, on };
  const columns = base.columns.map((column) => ({ ...column, unique: false }));
  return { from, columns: [...columns, { sql: `${alias}.x`, type: "int", unique: false }] };
}

const equiJoins = ["JOIN", "JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "SEMI JOIN", "ANTI JOIN"] as const;

const leftOf = (b: Builder, depth: number): Relation =>
  b.random.oneIn(4) && depth > 1 ? join(b, depth - 1) : b.random.oneIn(4) ? derived(b, depth) : table(b);

/** Of two relations, the left one of which may be given. */
export function join(b: Builder, depth: number, given?: Relation): Relation {
  const { random } = b;
  const left = given ?? leftOf(b, depth);
  const right = random.oneIn(4) ? derived(b, depth) : table(b);
  const both: Scope = { random, columns: [...left.columns, ...right.columns] };
  if (random.oneIn(12)) {
    b.uses("join CROSS");
    return { from: { kind: "join", join: "CROSS JOIN", left: left.from, right: right.from, on: null }, columns: both.columns };
  }
  const kind = random.of(equiJoins);
  b.uses(`join ${kind}`);
  const on = joinCondition(b, left, right, both, kind);
  const oneSided = kind === "SEMI JOIN" || kind === "ANTI JOIN";
  // A row of one side may meet several of the other, and an outer join makes NULLs: nothing is unique any more.
  const columns = (oneSided ? left.columns : both.columns).map((column) => ({ ...column, unique: oneSided && column.unique }));
  return { from: { kind: "join", join: kind, left: left.from, right: right.from, on }, columns };
}

function joinCondition(b: Builder, left: Relation, right: Relation, both: Scope, kind: string): Expr {
  const { random } = b;
  const pair = random.oneIn(6) ? null : equality(b, left, right);
  if (pair === null) {
    b.uses(`join inequality ${kind}`);
    return inequality(b, left, right);
  }
  if (random.oneIn(5)) {
    b.uses(`join residual ${kind}`);
    return sql("bool", "(", pair, " AND ", predicate(both, 1), ")");
  }
  const second = random.oneIn(5) ? equality(b, left, right) : null;
  return second === null ? pair : sql("bool", "(", pair, " AND ", second, ")");
}

function equality(b: Builder, left: Relation, right: Relation): Expr | null {
  const { random } = b;
  for (const kind of random.shuffled(["int", "int", "text", "decimal", "timestamp"] as const)) {
    const [l, r] = [ofKind(left.columns, kind), ofKind(right.columns, kind)];
    if (l.length === 0 || r.length === 0) continue;
    const operator = random.oneIn(8) ? "IS NOT DISTINCT FROM" : "=";
    if (operator !== "=") b.uses("join on IS NOT DISTINCT FROM");
    const one = random.oneIn(6) ? scalar({ random, columns: l }, kind, 1) : columnExpr(random.of(l));
    return sql("bool", one, ` ${operator} `, columnExpr(random.of(r)));
  }
  return null;
}

function inequality(b: Builder, left: Relation, right: Relation): Expr {
  const { random } = b;
  const l = scalar({ random, columns: left.columns }, "int", 0);
  const r = ofKind(right.columns, "int");
  const other = r.length === 0 ? literal({ random, columns: [] }, "int") : columnExpr(random.of(r));
  return sql("bool", "(", l, ` ${random.of(["<", ">=", "<>"])} `, other, ")");
}
