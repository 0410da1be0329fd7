import type { AggregateCall } from "./job-graph.ts";
import type { SqlType } from "./types.ts";

/** One column that rows are sorted by. Rows equal in all of them are peers; among peers the whole row decides, so that an order is total. */
export interface SortKey {
  readonly column: number;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/** Peers share a rank (`rank` leaves gaps behind them, `denseRank` none); row numbers differ. */
export type RankFunction = "rowNumber" | "rank" | "denseRank";

/** A constant, or a column of the input that has it per row. */
export type Offset = { readonly constant: number } | { readonly column: number };

/** Where a frame starts or ends, seen from the current row. */
export type FrameBound =
  | { readonly kind: "unboundedPreceding" | "unboundedFollowing" }
  /** Of unit range and groups: the first (as a start) or last (as an end) peer of the row. */
  | { readonly kind: "currentRow"; readonly unit: "rows" | "range" | "groups" }
  | { readonly kind: "preceding" | "following"; readonly unit: "rows" | "groups"; readonly offset: Offset }
  /** RANGE with an offset: a column of the sort key's type has the value at which the frame ends. `span_us`: its distance, where that is a constant time. */
  | { readonly kind: "value"; readonly column: number; readonly span_us: bigint | null };

export interface Frame {
  readonly start: FrameBound;
  readonly end: FrameBound;
  readonly exclude: "nothing" | "currentRow" | "group" | "ties";
}

/** A window function over the sorted rows of a partition. Numbers are columns of the input. */
export type OverCall =
  | { readonly kind: RankFunction | "percentRank" | "cumeDist"; readonly type: SqlType }
  | { readonly kind: "ntile"; readonly buckets: number; readonly type: SqlType }
  /** `offset` BIGINT; without `fallback` NULL. */
  | {
      readonly kind: "lag" | "lead";
      readonly value: number;
      readonly offset: Offset;
      readonly fallback: number | null;
      readonly ignoreNulls: boolean;
      readonly type: SqlType;
    }
  | {
      readonly kind: "firstValue" | "lastValue";
      readonly value: number;
      readonly ignoreNulls: boolean;
      readonly frame: Frame;
      readonly type: SqlType;
    }
  | {
      readonly kind: "nthValue";
      readonly value: number;
      readonly nth: number;
      readonly ignoreNulls: boolean;
      readonly frame: Frame;
      readonly type: SqlType;
    }
  | { readonly kind: "aggregate"; readonly call: AggregateCall; readonly frame: Frame; readonly type: SqlType };
