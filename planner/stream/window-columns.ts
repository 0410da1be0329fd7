import { SqlError } from "../../runtime/contract/errors.ts";
import type { Expression } from "../../runtime/contract/expressions.ts";
import { type CatalogView, isProcessingTime } from "../catalog.ts";
import type { WindowCall } from "../front/rewrite/window-calls.ts";
import { interval } from "../../runtime/contract/types.ts";
import type { Locate } from "../logical/locate.ts";
import { type WindowColumnName, windowColumnNames } from "../logical/nodes.ts";
import { columnExpression } from "./calc.ts";
import type { StreamPlan, WindowColumn, WindowIdentity } from "./nodes.ts";

/** Refuses a time column that no watermark speaks of: its windows would never close. */
export function requireTime(input: StreamPlan, column: number, call: string, locate: Locate): void {
  if (input.traits.times.includes(column)) return;
  const name = input.schema.columns[column]?.name ?? "";
  const window = input.traits.windows.get(column);
  const times = input.traits.times.map((t) => `"${input.schema.columns[t]?.name}"`).join(", ");
  const at = locate(name, call);
  if (!input.traits.isChangelog && window === undefined) throw noEventTime(name, times, at);
  throw new SqlError({
    sqlState: "42809",
    message: input.traits.isChangelog
      ? `${call.toUpperCase()} over a changelog is not supported`
      : `"${name}" is not an event time column: no watermark speaks of it`,
    hint: "Pass window_time on from the inner query and window by it.",
    at,
  });
}

/**
 * The same for window calls right over a source. A call whose window columns nobody reads is gone from the bound plan,
 * but the query still speaks of windows that cannot be.
 */
export function requireWatermarks(calls: readonly WindowCall[], catalog: CatalogView, relations: readonly string[]): void {
  for (const { relation, timeColumn, at } of calls) {
    const source = relations.includes(relation) ? catalog.get(relation) : null;
    if (source?.kind !== "source" || source.watermark?.column === timeColumn) continue;
    const column = source.columns.find((c) => c.name === timeColumn);
    if (source.watermark === null && column !== undefined && isProcessingTime(column)) continue;
    throw noEventTime(timeColumn, source.watermark === null ? "" : `"${source.watermark.column}"`, at);
  }
}

const noEventTime = (column: string, times: string, at: number | undefined): SqlError =>
  new SqlError({
    sqlState: "42809",
    message: `"${column}" is not an event time column: no watermark speaks of it`,
    hint: times === "" ? "Declare it in the source: WATERMARK FOR ts AS ts - INTERVAL '5' SECOND." : `Event time here is ${times}.`,
    at,
  });

/** The window columns that a windowing operator appends, from column `width` on. */
export function appendedWindows(width: number, window: WindowIdentity): ReadonlyMap<number, WindowColumn> {
  return new Map(windowColumnNames.map((role, i) => [width + i, { role, window }] as const));
}

const windowTime_us = 1_000n;

const shift = (e: Expression, micros: bigint): Expression => ({
  kind: "call",
  name: micros < 0n ? "-" : "+",
  arguments: [e, { kind: "literal", value: { months: 0, days: 0, micros: micros < 0n ? -micros : micros }, type: interval }],
  type: e.type,
});

/** One bound of a window that rows carry: its own column, or computed from another bound; null when that is impossible. */
export function windowBound(input: StreamPlan, window: WindowIdentity, role: "window_start" | "window_end"): Expression | null {
  const at = (name: WindowColumnName): Expression | null => {
    const found = [...input.traits.windows].find(([, w]) => w.window === window && w.role === name);
    return found === undefined ? null : columnExpression(input.schema, found[0]);
  };
  const own = at(role);
  if (own !== null) return own;
  const size_us = window.spec.kind === "tumble" || window.spec.kind === "hop" ? window.spec.size_us : null;
  const time = at("window_time");
  if (role === "window_end") {
    const start = at("window_start");
    if (time !== null) return shift(time, windowTime_us);
    return start === null || size_us === null ? null : shift(start, size_us);
  }
  const end = windowBound(input, window, "window_end");
  return end === null || size_us === null ? null : shift(end, -size_us);
}
