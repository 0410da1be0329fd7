import type { Expression } from "./expressions.ts";
import type { JavascriptCalcSpec } from "./javascript.ts";
import type { TemporalFilterSpec } from "./temporal.ts";
import type { EventTimeOverSpec, OverSpec, RankSpec, WindowOverSpec, WindowRankSpec } from "./over-specs.ts";
import type { Schema, SqlType } from "./types.ts";
import type { Value } from "./value.ts";
import type { AsofChangelogJoinSpec, AsofJoinSpec, IntervalJoinSpec, JoinType, LookupJoinSpec } from "./time-joins.ts";

export type { AsofChangelogJoinSpec, AsofJoinSpec, IntervalJoinSpec, JoinType, LookupJoinSpec } from "./time-joins.ts";

export type { EventTimeOverSpec, OverSpec, RankSpec, WindowOverSpec, WindowRankSpec } from "./over-specs.ts";

/**
 * What the planner hands to the runtime (Flink's JobGraph): vertices are chains of operators, edges say how rows travel.
 * The whole graph is structured-cloneable and JSON-printable but for its bigint literals.
 */
export interface JobGraph {
  readonly vertices: readonly JobVertex[];
  readonly edges: readonly JobEdge[];
  /** Number of key groups; fixed once a job has state. */
  readonly maxParallelism: number;
}

export interface JobVertex {
  readonly id: string;
  /** `Source flights -> Calc -> LocalWindowAggregate`. */
  readonly name: string;
  readonly parallelism: number;
  readonly slotSharingGroup: string;
  /** The chain, head first. Each operator feeds the next; the last one feeds the vertex's out-edges. */
  readonly operators: readonly OperatorNode[];
}

export interface OperatorNode {
  /** Stable identity of the operator's state: from what it does and by which keys, never from counters over the whole plan. */
  readonly uid: string;
  readonly name: string;
  readonly spec: OperatorSpec;
  /** The schema of each input; a source has none. Names are those that state knows the columns by. */
  readonly inputs: readonly Schema[];
  readonly output: Schema;
  /** What its rows had to meet on their way from the operators with state, or sources, below: `delay > 10`. Absent or empty: nothing. */
  readonly conditions?: string;
}

export interface JobEdge {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Which input of the target vertex's head operator. Several edges may feed one input (UNION ALL). */
  readonly toInput: number;
  /** Rows of the chain's end, or the rows an operator of the chain put aside (late rows, bad rows). */
  readonly output: "main" | SideOutputRef;
  readonly ship: Ship;
  readonly schema: Schema;
}

export interface SideOutputRef {
  readonly uid: string;
  readonly tag: SideOutputTag;
}
export type SideOutputTag = "late" | "bad";

/** Columns of every `bad` side output: what could not be read, where it was, and why. */
export const badRowSchema: Schema = {
  columns: [
    { name: "source", type: { id: "varchar" } },
    { name: "file", type: { id: "varchar" } },
    { name: "line", type: { id: "bigint" } },
    { name: "reason", type: { id: "varchar" } },
    { name: "raw", type: { id: "varchar" } },
  ],
};

export type Ship =
  | { readonly kind: "forward" }
  | { readonly kind: "hash"; readonly keys: readonly number[] }
  | { readonly kind: "rebalance" }
  | { readonly kind: "broadcast" };

/** One spec per operator in runtime/operators; `op` picks the definition in its registry. */
export type OperatorSpec =
  | SourceSpec
  | ValuesSpec
  | WatermarkSpec
  | ProcessingTimeSpec
  | TemporalFilterSpec
  | CalcSpec
  | DuckdbCalcSpec
  | JavascriptCalcSpec
  | WindowAssignSpec
  | WindowAggregateSpec
  | WindowGroupAggregateSpec
  | SessionAssignSpec
  | SessionAggregateSpec
  | GroupAggregateSpec
  | WindowJoinSpec
  | JoinSpec
  | SetOperationSpec
  | EmitEverySpec
  | UnnestSpec
  | IntervalJoinSpec
  | RankSpec
  | WindowRankSpec
  | OverSpec
  | EventTimeOverSpec
  | WindowOverSpec
  | ChangeEnvelopeSpec
  | AsofJoinSpec
  | AsofChangelogJoinSpec
  | LookupJoinSpec
  | SinkSpec;

export type ConnectorOptions = Readonly<Record<string, string>>;

export type BadRowPolicy = "fail" | "skip" | "side";

/**
 * Reads rows with a connector, or those of a table of the store (`table`). Always the head of a chain. Output = `schema`, the source's
 * physical columns, with the metadata columns in their places.
 */
export interface SourceSpec {
  readonly op: "source";
  readonly connector: string;
  /** The name in the catalog, for messages. */
  readonly source: string;
  readonly options: ConnectorOptions;
  /** The physical columns that the query reads, pruned, in order: what the reader produces. */
  readonly schema: Schema;
  /** All physical columns as declared (the file's layout, e.g. for CSV without a header). */
  readonly declared: Schema;
  readonly badRows: BadRowPolicy;
  /** Whether its batches carry weights: only a table's do. */
  readonly changelog: boolean;
  /** Which columns of the output the connector makes of what it knows of a row; they are no part of `schema`. Ascending. */
  readonly metadata?: readonly MetadataColumn[];
}

export interface MetadataColumn {
  /** Position in the output. */
  readonly column: number;
  readonly key: string;
}

/**
 * Makes event time (Flink's WatermarkAssigner): watermark = max so far of `expression`, computed row by row, strict.
 * A batch is split before a row that is late as a row, so that the watermark in front of it is visible (design section 5).
 * Output columns = input columns. NULL or infinite event time goes to `badRows`. Upstream watermarks but the last are ignored.
 */
export interface WatermarkSpec {
  readonly op: "watermark";
  readonly timeColumn: number;
  /** Of the time column's type; NULL is ignored. */
  readonly expression: Expression;
  /** No rows for this long marks the output idle; null = never. */
  readonly idleTimeout_ms: number | null;
  readonly badRows: BadRowPolicy;
  readonly source: string;
}

/** Filter, then project (Flink's Calc): keeps rows where `filter` is true. */
export interface CalcSpec {
  readonly op: "calc";
  readonly filter: Expression | null;
  readonly projections: readonly Expression[];
}

/** The same through the slot's own DuckDB, for expressions without a kernel (design D10). Asynchronous: always the head of a chain. */
export interface DuckdbCalcSpec {
  readonly op: "duckdbCalc";
  readonly filter: Expression | null;
  readonly projections: readonly Expression[];
}

/** Makes processing time an event time: gives each row the present instant, and sends it on as watermark. */
export interface ProcessingTimeSpec {
  readonly op: "processingTime";
  /** TIMESTAMPTZ; overwritten. */
  readonly timeColumn: number;
}

/** A window kind with its sizes in µs. Offsets are reduced modulo the size (modulo the slide or step for hop and cumulate). */
export type WindowSpec =
  | { readonly kind: "tumble"; readonly size_us: bigint; readonly offset_us: bigint }
  | { readonly kind: "hop"; readonly size_us: bigint; readonly slide_us: bigint; readonly offset_us: bigint }
  | { readonly kind: "cumulate"; readonly maxSize_us: bigint; readonly step_us: bigint; readonly offset_us: bigint };

/** A length of months, or of µs of a clock on the wall. */
export interface CalendarLength {
  readonly months: number;
  readonly micros: bigint;
}

/** Windows whose lengths in µs differ: months and years, and days of a time zone whose clocks are changed. */
export interface CalendarWindowSpec {
  readonly kind: "calendar";
  readonly shape: WindowSpec["kind"];
  readonly size: CalendarLength;
  /** HOP's slide and CUMULATE's step, in the unit of the size, which is a multiple; TUMBLE's size. */
  readonly step: CalendarLength;
  readonly offset: CalendarLength;
  /** The IANA name of a zone. */
  readonly zone: string;
}

export type AnyWindowSpec = WindowSpec | CalendarWindowSpec;

/** Appends window_start, window_end, window_time (= end - 1 ms) to each row; one row per window that holds it. Stateless. */
export interface WindowAssignSpec {
  readonly op: "windowAssign";
  readonly timeColumn: number;
  readonly window: AnyWindowSpec;
}

/**
 * One aggregate call. `distinct` and `filter` as in SQL. Arguments are column numbers of the operator's input (a calc in
 * front computes expressions), `filter` a BOOLEAN column or null. `constants` are literal parameters (string_agg's separator).
 */
export interface AggregateCall {
  /** DuckDB's resolved name: count_star, count, sum, avg, min, max, bool_and, arg_min, first, string_agg, stddev_samp … */
  readonly name: string;
  readonly arguments: readonly number[];
  readonly argumentTypes: readonly SqlType[];
  readonly distinct: boolean;
  readonly filter: number | null;
  readonly constants: readonly Expression[];
  readonly type: SqlType;
  /** Names what it aggregates in the names of its state's columns, with its condition: `price`. Absent: the number of the call does. */
  readonly label?: string;
  /**
   * Set: the operator keeps the arguments of all rows and computes the result from them, in this order; the ORDER BY
   * expressions are the last of `arguments`.
   */
  readonly collect?: { readonly orders: readonly SortOrder[] };
}

export interface SortOrder {
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}

/**
 * Aggregates per key and window. Output: keys, aggregates, then the window columns asked for in `windowColumns`.
 * phase `single` and `global` keep state and fire on the watermark; `local` pre-aggregates in front of an exchange, keeps no
 * checkpointed state, flushes at watermarks that end a slice, at barriers and when it is full.
 * Output of `local`: keys, `slice_end` TIMESTAMP, then the accumulators of the calls (`accumulatorSchema`), then `rows` BIGINT.
 */
export interface WindowAggregateSpec {
  readonly op: "windowAggregate";
  readonly phase: "single" | "local" | "global";
  /** `attached`: rows carry their window already (an aggregate over another's windows); then `timeColumn` is the window_end column and `startColumn` is set. */
  readonly window: WindowSpec | { readonly kind: "attached"; readonly startColumn: number };
  /** In phase `global`: ignored, the slice end is the column after the keys. */
  readonly timeColumn: number;
  /** Column numbers of the input in phases single and local; in phase global the keys are the first columns. */
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCall[];
  readonly windowColumns: readonly ("window_start" | "window_end" | "window_time")[];
  /** Type of the window columns: timestamp or timestamptz. */
  readonly timeType: SqlType;
}

/** When results are shown beside the end of the window. */
export interface Emission {
  /** Before it: not at all (null), or changes of results every so many ms of processing time (0: with each batch of input). */
  readonly earlyEvery_ms: number | null;
  /** A window is kept for this long beyond its end; its late rows change the result at once. */
  readonly allowedLateness_us: bigint;
}

/** Results may be shown more than once: then they are a changelog. */
export const isRevised = ({ earlyEvery_ms, allowedLateness_us }: Emission): boolean => earlyEvery_ms !== null || allowedLateness_us > 0n;

/**
 * Aggregates per key and window with one state row for each: for early and corrected results, windows of calendar lengths and
 * inputs that are changelogs. Output as WindowAggregateSpec; a changelog unless results come once, at the window's end.
 */
export interface WindowGroupAggregateSpec {
  readonly op: "windowGroupAggregate";
  readonly window: WindowAggregateSpec["window"] | CalendarWindowSpec;
  readonly timeColumn: number;
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCall[];
  readonly windowColumns: readonly ("window_start" | "window_end" | "window_time")[];
  readonly timeType: SqlType;
  readonly emission: Emission;
  /** Rows of the input may be taken back. */
  readonly changelog?: boolean;
}

/**
 * Appends window_start, window_end, window_time of the session that each row falls into. Keeps the rows of open sessions: they leave
 * when theirs ends, or at once where results are early, and again whenever it changes; then the output is a changelog.
 */
export interface SessionAssignSpec {
  readonly op: "sessionAssign";
  readonly timeColumn: number;
  readonly gap_us: bigint;
  readonly partitionKeys: readonly number[];
  readonly timeType: SqlType;
  /** Early at all is early with each batch here: an aggregate behind waits for its interval. */
  readonly emission: Emission;
}

/** SESSION aggregate per key; rows exactly `gap` apart are one session. Output as WindowAggregateSpec. */
export interface SessionAggregateSpec {
  readonly op: "sessionAggregate";
  readonly timeColumn: number;
  readonly gap_us: bigint;
  /** The PARTITION BY of the window call: sessions are built per these; they are the first keys of `keys`. */
  readonly partitionKeys: readonly number[];
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCall[];
  readonly windowColumns: readonly ("window_start" | "window_end" | "window_time")[];
  readonly timeType: SqlType;
}

/** Unbounded GROUP BY. Output: keys, aggregates, as a changelog with weights, compacted per batch. Without keys: one row from the start. */
export interface GroupAggregateSpec {
  readonly op: "groupAggregate";
  readonly keys: readonly number[];
  readonly aggregates: readonly AggregateCall[];
  /** Rows of the input may be taken back. */
  readonly changelog?: boolean;
  /** Groups that no row has touched for so long are forgotten, and nothing is taken back; absent: never. */
  readonly ttl_ms?: number;
}

/** Equi-join of two inputs that carry windows; fires per window_end, then drops it. Output: left columns, right columns; of semi and anti the left ones. */
export interface WindowJoinSpec {
  readonly op: "windowJoin";
  readonly join: JoinType;
  readonly leftKeys: readonly number[];
  readonly rightKeys: readonly number[];
  /** The window_end column of each side; always among the keys. */
  readonly leftWindowEnd: number;
  readonly rightWindowEnd: number;
  /** Positions in both key lists that are compared within a window: the other keys are equal when the window ends are. */
  readonly matched: readonly number[];
  /** Over left columns ++ right columns; null = none. */
  readonly residual: Expression | null;
}

/**
 * INTERSECT and EXCEPT of two inputs with the same columns: counts each row per side. Output: the input columns, with the
 * multiplicities that the operation gives (`all`) or once.
 */
export interface SetOperationSpec {
  readonly op: "setOperation";
  readonly operation: "intersect" | "except";
  readonly all: boolean;
  /** false: rows are only ever added, and leave without weights, one by one. */
  readonly changelog: boolean;
  /** Rows that came from neither side for so long are forgotten, and nothing is taken back; absent: never. */
  readonly ttl_ms?: number;
}

/** Holds changes for so long and hands on what has become of them; rows come distributed by `keys`. */
export interface EmitEverySpec {
  readonly op: "emitEvery";
  readonly every_ms: number;
  readonly keys: readonly number[];
  /** false: rows are only ever added, and leave without weights. */
  readonly changelog: boolean;
}

/**
 * One row per element of the lists side by side; shorter lists give NULL, no element no row (one row of NULLs when `outer`).
 * Output: input columns, one column per list, then the position from 1 (BIGINT) when `ordinality`.
 */
export interface UnnestSpec {
  readonly op: "unnest";
  /** Column numbers of lists. */
  readonly lists: readonly number[];
  readonly outer: boolean;
  readonly ordinality: boolean;
}

/** A bounded input without a connector: literal rows, or a series of BIGINT or timestamps. Subtask 0 emits, once. */
export interface ValuesSpec {
  readonly op: "values";
  readonly content: ValuesContent;
}

export type ValuesContent =
  | { readonly kind: "rows"; readonly rows: readonly (readonly Value[])[] }
  /** `start`, `start + step` …: `count` values of one column. */
  | { readonly kind: "series"; readonly start: bigint; readonly step: bigint; readonly count: number };

/** How a sink is told of changes: inserts alone, a record per key, or the row before and after. */
export type SinkMode = "append" | "upsert" | "debezium";

/**
 * Changes as records, for sinks. It emits at barriers: what came and went between two of them is never seen. Output of `upsert`: key
 * STRUCT, value STRUCT, NULL for a row that is gone; of `debezium`: before STRUCT, after STRUCT, op VARCHAR (c, u, d).
 */
export interface ChangeEnvelopeSpec {
  readonly op: "changeEnvelope";
  readonly mode: Exclude<SinkMode, "append">;
  /** Columns that identify a row; null: whole rows, never updated. */
  readonly key: readonly number[] | null;
}

export type JoinKind = JoinType | "mark" | "single";

/**
 * Join of two inputs without windows: keeps the rows of both. Output: left columns, right columns; of semi and anti the left ones;
 * of mark the left ones and a BOOLEAN: whether a right row matches, NULL when none does but a comparison is NULL.
 * `single` is a left join that fails when a left row matches twice. No keys: every pair of rows is a candidate.
 */
export interface JoinSpec {
  readonly op: "join";
  readonly kind: JoinKind;
  readonly leftKeys: readonly number[];
  readonly rightKeys: readonly number[];
  /** Per key: NULL equals NULL (IS NOT DISTINCT FROM). */
  readonly nullsMatch: readonly boolean[];
  /** Over left columns ++ right columns; null = none. */
  readonly residual: Expression | null;
  /** Which inputs may take rows back. */
  readonly leftChangelog: boolean;
  readonly rightChangelog: boolean;
  /** Rows of the left and of the right input are forgotten so long after they were last written, and nothing is taken back; null: never. */
  readonly ttl_ms?: readonly [number | null, number | null];
}

/** Ends a chain. `result` writes the job's result table inside the checkpoint's transaction; others are connectors. */
export interface SinkSpec {
  readonly op: "sink";
  readonly connector: string;
  /** Result table, or the catalog's sink. */
  readonly sink: string;
  readonly options: ConnectorOptions;
  readonly schema: Schema;
  /** Columns that identify a row when `changelog`; null = whole rows. */
  readonly uniqueKey: readonly number[] | null;
  readonly changelog: boolean;
}
