import type { WindowSpec } from "../contract/job-graph.ts";

/** One window [start, end), µs since 1970. */
export interface Window {
  readonly start_us: bigint;
  readonly end_us: bigint;
}

/**
 * A window kind that assigns by a row's time alone. Aggregates keep state per *slice*, the grid on which all its windows
 * start and end, and put windows together from slices when they fire.
 */
export interface WindowKind<S extends WindowSpec> {
  readonly kind: S["kind"];
  /** The call in SQL, for docs/reference. */
  readonly signature: string;
  readonly doc: string;
  readonly sliceLength_us: (spec: S) => bigint;
  /** What is wrong with the sizes, in the words of an error message; null when nothing. */
  readonly invalid: (spec: S) => string | null;
  /** Every window that holds `time_us`, by ascending end. */
  readonly assign: (spec: S, time_us: bigint) => readonly Window[];
  /** How many windows hold a row. */
  readonly windowsPerRow: (spec: S) => number;
  /** `tumble(10s)`: for EXPLAIN. */
  readonly print: (spec: S) => string;
}
