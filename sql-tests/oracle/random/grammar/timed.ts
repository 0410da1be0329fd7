import type { Query } from "./query.ts";
import type { Builder } from "./scope.ts";
import { asofJoin, eventTimeOver, intervalJoin, versionJoin } from "./time-joins.ts";
import { calendarCall, cascaded, overWindows, windowCall, windowed, windowedSets, windowJoin } from "./windows.ts";

const kinds = ["TUMBLE", "TUMBLE", "HOP", "CUMULATE", "SESSION"] as const;

/** Over event time: what closes is compared at the end of the input. */
export function timed(b: Builder): Query {
  return b.random.weighted<() => Query>([
    [6, () => windowed(b, windowCall(b, b.random.of(["e", "g"]), kinds))],
    [1, () => windowedSets(b)],
    [2, () => windowed(b, calendarCall(b))],
    [2, () => cascaded(b)],
    [3, () => overWindows(b)],
    [2, () => windowJoin(b)],
    [2, () => intervalJoin(b)],
    [2, () => asofJoin(b)],
    [2, () => versionJoin(b)],
    [3, () => eventTimeOver(b)],
    [3, () => early(b)],
    [2, () => late(b)],
  ])();
}

/** Results before the window's end: in the end they are the window's. */
function early(b: Builder): Query {
  const isEvery = b.random.oneIn(2);
  b.asks.emit = isEvery ? "EVERY INTERVAL '5' SECOND" : "ON UPDATE";
  b.asks.clock = isEvery;
  b.uses(isEvery ? "EMIT EVERY" : "EMIT ON UPDATE");
  return windowed(b, windowCall(b, b.random.of(["e", "g"]), kinds));
}

/** Over rows that come behind the watermark: what is too late is put aside, and the rest is the answer. */
function late(b: Builder): Query {
  b.uses("late rows");
  b.asks.options["late_rows"] = "late_rows";
  if (b.random.oneIn(2)) {
    b.uses("allowed_lateness");
    b.asks.options["allowed_lateness"] = `${b.random.between(1, 6)}s`;
  }
  return windowed(b, windowCall(b, "l", ["TUMBLE"]));
}
