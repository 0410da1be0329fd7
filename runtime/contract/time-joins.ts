import type { Expression } from "./expressions.ts";

/** semi: left rows with a match, once; anti: left rows without one. */
export type JoinType = "inner" | "left" | "right" | "full" | "semi" | "anti";

/**
 * Equi-join of rows whose event times lie close: lower_us <= right time - left time <= upper_us. Rows stay until the watermark
 * says that no partner can come; outer rows are padded then. Output: left columns, right columns; of semi and anti the left ones.
 * The watermark is held back by as much as a time of the output may lie behind it.
 */
export interface IntervalJoinSpec {
  readonly op: "intervalJoin";
  readonly join: JoinType;
  readonly leftKeys: readonly number[];
  readonly rightKeys: readonly number[];
  /** Per key: NULL equals NULL (IS NOT DISTINCT FROM). */
  readonly nullSafe: readonly boolean[];
  readonly leftTime: number;
  readonly rightTime: number;
  /** Inclusive, each less than 2^52. */
  readonly lower_us: bigint;
  readonly upper_us: bigint;
  /** Over left columns ++ right columns; null = none. */
  readonly residual: Expression | null;
}

/**
 * Joins each left row with the latest right row of its key whose event time is not after its own (`strict`: is before it), once the
 * watermark has passed the left row. Right rows are versions: one of the same key and time replaces the one before. `residual` looks at
 * the version that was found. Output: left columns, right columns.
 */
export interface AsofJoinSpec {
  readonly op: "asofJoin";
  readonly join: "inner" | "left";
  readonly leftKeys: readonly number[];
  readonly rightKeys: readonly number[];
  /** Per key: NULL equals NULL (IS NOT DISTINCT FROM). */
  readonly nullSafe: readonly boolean[];
  readonly leftTime: number;
  readonly rightTime: number;
  readonly strict: boolean;
  /** Keys that were not touched for so long are forgotten, of an event-time join their versions; absent: never. */
  readonly ttl_ms?: number;
  /** Over left columns ++ right columns; null = none. */
  readonly residual: Expression | null;
}

/** left time OP right time: the latest right row up to (>=) or before (>), the first one from (<=) or after (<) the left row. */
export type AsofComparison = ">=" | ">" | "<=" | "<";

/**
 * The same for rows that may be taken back, for columns that no watermark speaks of, and for the next row in time: kept up to date, as a
 * changelog. NULL times have no neighbours and are none; among right rows of one time the whole row decides.
 */
export interface AsofChangelogJoinSpec extends Omit<AsofJoinSpec, "op" | "strict"> {
  readonly op: "asofChangelogJoin";
  readonly comparison: AsofComparison;
  /** Which inputs may take rows back. */
  readonly leftChangelog: boolean;
  readonly rightChangelog: boolean;
}

/**
 * Joins each left row once with the right rows of its key that are there when it comes; later changes of the right side change nothing.
 * Left rows wait until the right side's snapshot was read. Output: left columns, right columns.
 */
export interface LookupJoinSpec {
  readonly op: "lookupJoin";
  readonly join: "inner" | "left";
  readonly leftKeys: readonly number[];
  readonly rightKeys: readonly number[];
  /** Per key: NULL equals NULL (IS NOT DISTINCT FROM). */
  readonly nullSafe: readonly boolean[];
  /** Over left columns ++ right columns; null = none. */
  readonly residual: Expression | null;
}
