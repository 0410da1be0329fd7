import { aggregate, having } from "./aggregates.ts";
import { item, type Relation, select } from "./make.ts";
import { directions, orderableColumns, totalOrder } from "./over.ts";
import type { Expr, From, GroupBy, Query, Select } from "./query.ts";
import { predicate, scalar, sql } from "./scalar.ts";
import { type Builder, columnExpr, queryColumns, type Scope, type ScopeColumn, tableColumns } from "./scope.ts";

export interface WindowRelation extends Relation {
  readonly columns: readonly ScopeColumn[];
  readonly alias: string;
  /** What every grouping names first: the key of a session. */
  readonly keys: readonly ScopeColumn[];
  readonly bounds: readonly ScopeColumn[];
}

type WindowKind = "TUMBLE" | "HOP" | "CUMULATE" | "SESSION";

export const seconds = (n: number): string => `INTERVAL '${n}' SECOND`;

const boundsOf = (alias: string, type: "timestamp" | "instant"): readonly ScopeColumn[] =>
  ["window_start", "window_end"].map((bound) => ({ sql: `${alias}.${bound}`, type, unique: false }));

/** By the clock a session is over a millisecond before its end, at which a row would still belong to it: no step is a gap long. */
const gapOf = (b: Builder, name: string): string => (name === "p" ? "INTERVAL '1300' MILLISECOND" : seconds(b.random.of([1, 2])));

export function windowCall(b: Builder, name: string, kinds: readonly WindowKind[]): WindowRelation {
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
    SESSION: `SESSION(TABLE ${name}${keyed ? " PARTITION BY k" : ""}, DESCRIPTOR(ts), ${gapOf(b, name)})`,
  };
  const columns = tableColumns(name, alias);
  const time = columns.find((column) => column.sql === `${alias}.ts`)?.type === "instant" ? "instant" : "timestamp";
  const keys = keyed ? columns.slice(0, 1) : [];
  return { from: { kind: "call", text: [calls[kind]], alias }, columns, alias, keys, bounds: boundsOf(alias, time) };
}

const zones = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC"] as const;

/** Days, weeks and months by the clocks of a zone. */
export function calendarCall(b: Builder): WindowRelation {
  const { random } = b;
  const kind = random.of(["TUMBLE", "TUMBLE", "HOP", "CUMULATE"] as const);
  b.uses(`calendar ${kind}`);
  const alias = b.alias();
  const zone = `, ${random.of(["INTERVAL '0' SECOND", "INTERVAL '0' SECOND", "INTERVAL '6' HOUR"])}, '${random.of(zones)}'`;
  const size = random.of(["INTERVAL '1' DAY", "INTERVAL '1' MONTH", "INTERVAL '6' HOUR"]);
  const calls = {
    TUMBLE: `TUMBLE(c, ts, ${size}${zone})`,
    HOP: `HOP(c, ts, INTERVAL '1' DAY, INTERVAL '3' DAY${zone})`,
    CUMULATE: `CUMULATE(c, ts, INTERVAL '1' DAY, INTERVAL '2' DAY${zone})`,
  };
  return {
    from: { kind: "call", text: [calls[kind]], alias },
    columns: tableColumns("c", alias),
    alias,
    keys: [],
    bounds: boundsOf(alias, "instant"),
  };
}

/** An aggregate per window, and further columns. */
export function windowed(b: Builder, window: WindowRelation): Select {
  const { random } = b;
  const scope: Scope = { random, columns: window.columns };
  const others = window.columns.filter(({ type }) => type === "int" || type === "text");
  const isSession = window.from.kind === "call" && String(window.from.text[0]).startsWith("SESSION");
  const extra = window.keys.length > 0 || isSession || random.oneIn(3) ? [] : [random.of(others)];
  const bounds = window.bounds.map(columnExpr);
  const keys = [...[...window.keys, ...extra].map(columnExpr), ...bounds];
  const calls = Array.from({ length: random.between(1, 3) }, () => item(b, aggregate(scope, b)));
  return select(window.from, [...keys.map((key) => item(b, key)), ...calls], {
    where: random.oneIn(4) ? predicate(scope, 1) : null,
    groupBy: { keys, form: "plain" },
    having: random.oneIn(6) ? having(scope, b) : null,
  });
}

/** Totals of the windows beside the groups. */
export function windowedSets(b: Builder): Select {
  const { random } = b;
  const window = windowCall(b, random.of(["e", "g"]), ["TUMBLE", "HOP"]);
  const scope: Scope = { random, columns: window.columns };
  const keys = random
    .shuffled(window.columns.filter(({ type }) => type === "int" || type === "text"))
    .slice(0, 2)
    .map(columnExpr);
  const form = random.of(["rollup", "cube", "sets"] as const);
  b.uses(`GROUPING SETS in windows`);
  const groupBy: GroupBy = { keys, form, always: window.bounds.map((bound) => bound.sql) };
  const calls = Array.from({ length: random.between(1, 2) }, () => item(b, aggregate(scope, b)));
  return select(window.from, [...[...keys, ...window.bounds.map(columnExpr)].map((key) => item(b, key)), ...calls], { groupBy });
}

/** Aggregates of aggregates: over the same windows, or over longer ones in whose time the shorter end. */
export function cascaded(b: Builder): Query {
  const { random } = b;
  const window = windowCall(b, random.of(["e", "g"]), ["TUMBLE", "HOP"]);
  const scope: Scope = { random, columns: window.columns };
  const key = random.of(window.columns.filter(({ type }) => type === "int" || type === "text"));
  const keys = [columnExpr(key), ...window.bounds.map(columnExpr)];
  const time = { expr: sql("timestamp", `${window.alias}.window_time`), name: "wt" };
  const count = item(b, sql("int", "count(*)"));
  const value = item(b, sql("int", random.of(["max(", "sum("]), scalar(scope, "int", 0), ")"));
  const isSame = random.oneIn(2);
  b.uses(isSame ? "cascade of equal windows" : "cascade of longer windows");
  const items = [...keys.map((expr) => item(b, expr)), ...(isSame ? [] : [time]), count, value];
  const groupBy: GroupBy = { keys, form: "plain", ...(isSame ? {} : { always: [`${window.alias}.window_time`] }) };
  const inner = select(window.from, items, { groupBy });
  const alias = b.alias();
  const [, start, end] = queryColumns(inner, alias);
  const over: Scope = { random, columns: queryColumns(inner, alias).filter(({ type }) => type === "int") };
  const calls = Array.from({ length: random.between(1, 2) }, () => item(b, aggregate(over, b)));
  if (isSame && start !== undefined && end !== undefined) {
    const bounds = [start, end].map(columnExpr);
    const from: From = { kind: "query", query: inner, alias, lateral: false };
    return select(from, [...bounds.map((bound) => item(b, bound)), ...calls], { groupBy: { keys: bounds, form: "plain" } });
  }
  const name = b.alias();
  const outer: From = { kind: "call", text: [`TUMBLE(${name}, wt, ${seconds(random.of([10, 12]))})`], alias };
  const bounds = boundsOf(alias, "timestamp").map(columnExpr);
  const body = select(outer, [...bounds.map((bound) => item(b, bound)), ...calls], { groupBy: { keys: bounds, form: "plain" } });
  return { kind: "with", tables: [{ name, query: inner }], body };
}

/** The best rows of each window, or each row with what its window says of its neighbours. */
export function overWindows(b: Builder): Select {
  const { random } = b;
  const window = windowCall(b, random.of(["e", "g"]), ["TUMBLE", "HOP"]);
  const columns = orderableColumns(window.columns);
  const key = random.oneIn(2) ? [random.of(columns.filter(({ type }) => type === "int" || type === "text"))] : [];
  const partition = [...key, ...window.bounds].map((column) => column.sql).join(", ");
  const order = totalOrder(b, columns);
  const shown = [...random.shuffled(columns).slice(0, 2), ...window.bounds].map((column) => item(b, columnExpr(column)));
  if (random.oneIn(2)) {
    b.uses("over in windows");
    const value = scalar({ random, columns }, "int", 0);
    const frame = random.of(["", " ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING", " ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW"]);
    const call = random.oneIn(2)
      ? sql("int", random.of(["sum(", "max(", "count("]), value, `) OVER (PARTITION BY ${partition} ORDER BY ${order}${frame})`)
      : sql("int", random.of(["lag(", "lead(", "first_value("]), value, `) OVER (PARTITION BY ${partition} ORDER BY ${order})`);
    return select(window.from, [...shown, item(b, call)]);
  }
  const name = random.of(["row_number", "rank", "dense_rank"]);
  b.uses(`top-N in windows ${name}`);
  const by = name === "row_number" ? order : `${random.of(columns).sql} ${random.of(directions)}`;
  const call = `${name}() OVER (PARTITION BY ${partition} ORDER BY ${by})`;
  return select(window.from, shown, { qualify: sql("bool", `${call} ${random.of(["<=", "<", "="])} ${random.between(1, 3)}`) });
}

/** Rows of equal windows of two streams. */
export function windowJoin(b: Builder): Select {
  b.uses("window join");
  const size = b.random.of([4, 10]);
  const side = (name: string): WindowRelation => {
    const alias = b.alias();
    const from: From = { kind: "call", text: [`TUMBLE(${name}, ts, ${seconds(size)})`], alias };
    return { from, columns: tableColumns(name, alias), alias, keys: [], bounds: boundsOf(alias, "timestamp") };
  };
  const [l, r] = [side("e"), side("g")];
  const kind = b.random.of(["JOIN", "JOIN", "LEFT JOIN", "FULL JOIN", "RIGHT JOIN", "SEMI JOIN", "ANTI JOIN"]);
  b.uses(`window ${kind}`);
  const equal = ["window_start", "window_end"].map((bound) => `${l.alias}.${bound} = ${r.alias}.${bound}`).join(" AND ");
  const residual: readonly (string | Expr)[] = b.random.oneIn(4)
    ? [" AND ", predicate({ random: b.random, columns: [...l.columns, ...r.columns] }, 1)]
    : [];
  const on = sql("bool", `${l.alias}.k = ${r.alias}.k AND ${equal}`, ...residual);
  const isHalf = kind === "SEMI JOIN" || kind === "ANTI JOIN";
  const shown = [...l.columns.slice(0, 3), ...(isHalf ? [] : r.columns.slice(1, 3))];
  return select(
    { kind: "join", join: kind, left: l.from, right: r.from, on },
    shown.map((column) => item(b, columnExpr(column))),
  );
}
