import { grouped, projection } from "./select.ts";
import { item, type Relation, select } from "./make.ts";
import type { Query } from "./query.ts";
import { join, table } from "./relations.ts";
import { predicate, sql } from "./scalar.ts";
import { type Builder, columnExpr, queryColumns } from "./scope.ts";
import { seconds, windowCall, windowed } from "./windows.ts";

/** By the clock, which the steps move. */
export function clocked(b: Builder): Query {
  b.asks.clock = true;
  return b.random.oneIn(3) ? processingTime(b) : temporalFilter(b);
}

/** Rows come and go as time passes. */
function temporalFilter(b: Builder): Query {
  const { random } = b;
  const rows = table(b, random.of(["t", "u", "e", "g"]));
  const ts = rows.columns.find((column) => column.type === "timestamp");
  if (ts === undefined) throw new Error("invariant: the table has a time");
  const past = (n: number): string => `now() - ${seconds(n)}`;
  const condition = random.of([
    () => `${ts.sql} ${random.of([">", ">="])} ${past(random.between(0, 12))}`,
    () => `${ts.sql} ${random.of(["<", "<="])} ${random.of(["now()", past(random.between(0, 6)), `now() + ${seconds(3)}`])}`,
    () => `${ts.sql} BETWEEN ${past(random.between(5, 12))} AND ${past(random.between(0, 4))}`,
  ])();
  b.uses(`temporal filter ${condition.includes("BETWEEN") ? "between" : condition.includes("<") ? "begins" : "ends"}`);
  const other = random.oneIn(4) ? [" AND ", predicate({ random, columns: rows.columns }, 1)] : [];
  const shown = rows.columns.filter(({ type }) => type !== "other").map((column) => item(b, columnExpr(column)));
  const inner = select(rows.from, shown, { where: sql("bool", condition, ...other) });
  const alias = b.alias();
  const filtered: Relation = { from: { kind: "query", query: inner, alias, lateral: false }, columns: queryColumns(inner, alias) };
  const choice = random.below(4);
  if (choice === 0) return inner;
  if (choice === 1) return grouped(b, filtered);
  if (choice === 2) return projection(b, filtered);
  return grouped(b, join(b, 1, filtered));
}

/** Windows over the time at which rows are read. */
function processingTime(b: Builder): Query {
  b.uses("PROCTIME windows");
  return windowed(b, windowCall(b, "p", ["TUMBLE", "TUMBLE", "HOP", "CUMULATE", "SESSION"]));
}
