import type { Random } from "../random.ts";
import type { Relation } from "./make.ts";
import type { Expr, From } from "./query.ts";
import { literal, predicate, scalar, sql } from "./scalar.ts";
import { type Builder, columnExpr, ofKind, queryColumns, type Scope, tableColumns } from "./scope.ts";

/** Tables that change more often than streams: they are the harder input. */
const names = (random: Random): string => random.of(["t", "t", "t", "u", "u", "v", "v", "e", "g"]);

export function table(b: Builder, name = names(b.random)): Relation {
  const alias = b.alias();
  return { from: { kind: "table", name, alias }, columns: tableColumns(name, alias) };
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
  ])();
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

export function join(b: Builder, depth: number): Relation {
  const { random } = b;
  const left = random.oneIn(4) && depth > 1 ? join(b, depth - 1) : random.oneIn(4) ? derived(b, depth) : table(b);
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
