import { aggregate, having } from "./aggregates.ts";
import { item, select } from "./make.ts";
import type { Expr, From, Query } from "./query.ts";
import { table } from "./relations.ts";
import { predicate, sql } from "./scalar.ts";
import { type Builder, columnExpr, type Scope, type ScopeColumn, tableColumns } from "./scope.ts";

/** Over windows of event time: what closes is compared at the end of the input. */
export function timed(b: Builder): Query {
  return b.random.weighted<() => Query>([
    [6, () => windowed(b)],
    [2, () => windowJoin(b)],
    [2, () => intervalJoin(b)],
    [2, () => asofJoin(b)],
  ])();
}

interface WindowRelation {
  readonly from: From;
  readonly columns: readonly ScopeColumn[];
  readonly alias: string;
  /** What every grouping names first: the key of a session. */
  readonly keys: readonly ScopeColumn[];
}

const seconds = (n: number): string => `INTERVAL '${n}' SECOND`;

function windowCall(b: Builder, name: string, kinds: readonly ("TUMBLE" | "HOP" | "CUMULATE" | "SESSION")[]): WindowRelation {
  const { random } = b;
  const kind = random.of(kinds);
  b.uses(kind);
  const alias = b.alias();
  const size = random.of([4, 6, 10]);
  const offset = random.oneIn(4) ? `, ${seconds(random.between(1, 3))}` : "";
  const keyed = kind === "SESSION" && random.oneIn(2);
  const calls = {
    TUMBLE: `TUMBLE(${name}, ts, ${seconds(size)}${offset})`,
    HOP: `HOP(${name}, ts, ${seconds(random.of([1, 2]))}, ${seconds(size)}${offset})`,
    CUMULATE: `CUMULATE(${name}, ts, ${seconds(2)}, ${seconds(size)}${offset})`,
    SESSION: `SESSION(TABLE ${name}${keyed ? " PARTITION BY k" : ""}, DESCRIPTOR(ts), ${seconds(random.of([1, 2]))})`,
  };
  const columns = tableColumns(name, alias);
  return { from: { kind: "call", text: [calls[kind]], alias }, columns, alias, keys: keyed ? columns.slice(0, 1) : [] };
}

function windowed(b: Builder): Query {
  const { random } = b;
  const window = windowCall(b, random.of(["e", "g"]), ["TUMBLE", "TUMBLE", "HOP", "CUMULATE", "SESSION"]);
  const scope: Scope = { random, columns: window.columns };
  const others = window.columns.filter(({ type }) => type === "int" || type === "text");
  const extra = window.keys.length > 0 || b.features.has("SESSION") || random.oneIn(3) ? [] : [random.of(others)];
  const bounds: readonly Expr[] = ["window_start", "window_end"].map((bound) => sql("timestamp", `${window.alias}.${bound}`));
  const keys = [...[...window.keys, ...extra].map(columnExpr), ...bounds];
  const calls = Array.from({ length: random.between(1, 3) }, () => item(b, aggregate(scope, b)));
  return select(window.from, [...keys.map((key) => item(b, key)), ...calls], {
    where: random.oneIn(4) ? predicate(scope, 1) : null,
    groupBy: { keys, form: "plain" },
    having: random.oneIn(6) ? having(scope, b) : null,
  });
}

function windowJoin(b: Builder): Query {
  b.uses("window join");
  const size = b.random.of([4, 10]);
  const side = (name: string): { from: From; columns: ScopeColumn[]; alias: string } => {
    const alias = b.alias();
    return { from: { kind: "call", text: [`TUMBLE(${name}, ts, ${seconds(size)})`], alias }, columns: tableColumns(name, alias), alias };
  };
  const [l, r] = [side("e"), side("g")];
  const kind = b.random.of(["JOIN", "JOIN", "LEFT JOIN", "FULL JOIN"]);
  b.uses(`window ${kind}`);
  const bounds = ["window_start", "window_end"].map((bound) => `${l.alias}.${bound} = ${r.alias}.${bound}`).join(" AND ");
  const on = sql("bool", `${l.alias}.k = ${r.alias}.k AND ${bounds}`);
  const shown = [...l.columns.slice(0, 2), ...r.columns.slice(1, 3)];
  return select(
    { kind: "join", join: kind, left: l.from, right: r.from, on },
    shown.map((column) => item(b, columnExpr(column))),
  );
}

function intervalJoin(b: Builder): Query {
  const { random } = b;
  const [l, r] = [table(b, "e"), table(b, "g")];
  const [le, re] = [aliasOf(l.from), aliasOf(r.from)];
  const kind = random.of(["JOIN", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"]);
  b.uses(`interval ${kind}`);
  const between = `${re}.ts BETWEEN ${le}.ts - ${seconds(random.between(0, 2))} AND ${le}.ts + ${seconds(random.between(0, 3))}`;
  const on = sql("bool", `${le}.k = ${re}.k AND ${between}`);
  const shown = [...l.columns, ...r.columns.slice(1)];
  return select(
    { kind: "join", join: kind, left: l.from, right: r.from, on },
    shown.map((column) => item(b, columnExpr(column))),
  );
}

function asofJoin(b: Builder): Query {
  const [l, r] = [table(b, "e"), table(b, "g")];
  const [le, re] = [aliasOf(l.from), aliasOf(r.from)];
  const kind = b.random.of(["ASOF JOIN", "ASOF LEFT JOIN"]);
  b.uses(kind);
  const on = sql("bool", `${le}.k = ${re}.k AND ${le}.ts >= ${re}.ts`);
  const shown = [...l.columns, ...r.columns.slice(1)];
  return select(
    { kind: "join", join: kind, left: l.from, right: r.from, on },
    shown.map((column) => item(b, columnExpr(column))),
  );
}

const aliasOf = (from: From): string => ("alias" in from ? from.alias : "");
