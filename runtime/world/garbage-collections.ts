import { constants, type PerformanceEntry, PerformanceObserver } from "node:perf_hooks";
import type { GarbageCollections } from "../contract/control.ts";

const kinds: ReadonlyMap<number, string> = new Map([
  [constants.NODE_PERFORMANCE_GC_MINOR, "scavenge"],
  [constants.NODE_PERFORMANCE_GC_MAJOR, "mark-sweep-compact"],
  [constants.NODE_PERFORMANCE_GC_INCREMENTAL, "incremental-marking"],
  [constants.NODE_PERFORMANCE_GC_WEAKCB, "weak-callbacks"],
]);

const counts = new Map([...kinds.values()].map((name) => [name, { count: 0, time_ms: 0 }]));

const observer = new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) {
    const { detail, duration } = entry as PerformanceEntry & { readonly detail?: { readonly kind?: number } };
    const count = counts.get(kinds.get(detail?.kind ?? -1) ?? "");
    if (count === undefined) continue;
    count.count += 1;
    count.time_ms += duration;
  }
});
let observing = false;

/** Of this thread, since the first call. */
export function garbageCollections(): readonly GarbageCollections[] {
  if (!observing) observer.observe({ entryTypes: ["gc"] });
  observing = true;
  return [...counts].map(([name, { count, time_ms }]) => ({ name, count, time_ms: Math.round(time_ms) }));
}
