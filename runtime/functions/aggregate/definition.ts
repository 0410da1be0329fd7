import type { Column } from "../../contract/batch.ts";
import type { AggregateCall } from "../../contract/job-graph.ts";
import type { Field, SqlType } from "../../contract/types.ts";
import type { Pointer } from "../../kernels/kernels.ts";
import type { StringDictionary } from "../../state/string-dictionary.ts";
import type { AggregateInput } from "./input.ts";

/**
 * An aggregate function: what the planner asks (names, types, changelogs, the columns of its accumulators), and how it runs.
 * Importing a definition does nothing; `create` is called inside a slot.
 */
export interface AggregateDefinition {
  /** DuckDB's resolved name, and other names of the same function. */
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly doc: string;
  /** A query over VALUES (or generated rows) that shows it; a test runs it here and in DuckDB. */
  readonly example: AggregateExample;
  /** Whether these arguments have an implementation; other types need a cast, or the call is refused. */
  accepts(argumentTypes: readonly SqlType[]): boolean;
  /** The accumulators' columns: between the local and the global phase, and in checkpoints. Names are unique within the call. */
  accumulators(call: AggregateCall): readonly Field[];
  /** Exact for negative weights: rows may be taken back (changelog inputs). */
  retractable(call: AggregateCall): boolean;
  /** The result depends on the set of values alone, neither on their order nor on how often they come. */
  readonly ofSet?: boolean;
  create(call: AggregateCall, place: AccumulatorPlace): Accumulator;
}

/** Rows of arguments, the arguments' types, and constants (string_agg's separator). */
export interface AggregateExample {
  readonly sql: string;
}

/** Where a call's accumulator lies in each packed row, and what the calls of one operator share. */
export interface AccumulatorPlace {
  readonly offset: number;
  readonly dictionary: StringDictionary;
}

/**
 * The running state of one call in packed rows. `rows` is a staged array of `count` row addresses; a row may occur many times.
 * Fresh rows are zero in the accumulator's bytes. Columns that come back are reused: good until the next call of the same method.
 */
export interface Accumulator {
  /** Bytes in each row, a multiple of 8. */
  readonly bytes: number;
  /** Row i of the input goes to rows[i]; `input.mask` says which count. */
  add(rows: Pointer, count: number, input: AggregateInput): void;
  /** Adds accumulators, given as the columns of `accumulators(call)`. */
  merge(rows: Pointer, count: number, columns: readonly Column[]): void;
  /** Adds the accumulator of from[i] to into[i]. */
  mergeRows(into: Pointer, from: Pointer, count: number): void;
  /** Takes the accumulator of from[i] out of into[i], exactly; absent where that cannot be done. */
  unmergeRows?(into: Pointer, from: Pointer, count: number): void;
  store(rows: Pointer, count: number): readonly Column[];
  finish(rows: Pointer, count: number): Column;
  /** Gives up what the rows hold outside of themselves; called once before their table is freed or they are erased. */
  release?(rows: Pointer, count: number): void;
  /** Frees what the accumulator holds beside the rows. */
  free?(): void;
}
