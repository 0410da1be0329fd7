import type { OverCall, RankFunction, SortKey } from "./ordering.ts";

/** The rows of each partition whose rank is in a range (top N, LIMIT with OFFSET, DISTINCT ON), kept up to date as a changelog. */
export interface RankSpec {
  readonly op: "rank";
  readonly function: RankFunction;
  /** Columns; none: all rows are one partition. */
  readonly partition: readonly number[];
  readonly order: readonly SortKey[];
  /** Ranks from `from`, at least 1, to `to` inclusive; null: all from there on. */
  readonly from: number;
  readonly to: number | null;
  /** The output ends with the rank, a BIGINT: then a row is sent again when its rank changes. */
  readonly withRank: boolean;
  /** Rows of the input may be taken back: so all are kept. Else those beyond `to` are forgotten. */
  readonly changelog: boolean;
  /** Partitions that no row has touched for so long are forgotten, and nothing is taken back; absent: never. */
  readonly ttl_ms?: number;
}

/** The same over rows that carry their windows: each window's rows go out once, when the watermark passes it. Append-only. */
export interface WindowRankSpec extends Omit<RankSpec, "op" | "changelog" | "ttl_ms"> {
  readonly op: "windowRank";
  /** The window_end column; always among `partition`. */
  readonly windowEnd: number;
}

/** Window functions (OVER) with one PARTITION BY and ORDER BY. Output: the input's columns, then one per call, kept up to date as a changelog. */
export interface OverSpec {
  readonly op: "over";
  readonly partition: readonly number[];
  readonly order: readonly SortKey[];
  readonly calls: readonly OverCall[];
  /** Partitions that no row has touched for so long are forgotten, and nothing is taken back; absent: never. */
  readonly ttl_ms?: number;
}

/** The same over append-only rows that carry their windows: a window's rows are answered once, when the watermark passes it. Append-only. */
export interface WindowOverSpec extends Omit<OverSpec, "op" | "ttl_ms"> {
  readonly op: "windowOver";
  /** The window_end column; always among `partition`. */
  readonly windowEnd: number;
}

/**
 * The same over append-only rows in the order of event time, with functions that do not look ahead: a row goes out once, when
 * the watermark has passed it. Append-only.
 */
export interface EventTimeOverSpec extends Omit<OverSpec, "op"> {
  readonly op: "eventTimeOver";
  /** The first sort key's column, ascending. */
  readonly timeColumn: number;
}
