import type { Batch, Column } from "./batch.ts";
import type { ConnectorOptions, SinkSpec, SourceSpec } from "./job-graph.ts";
import type { OperatorContext, RowOrigin } from "./operator.ts";
import type { Schema, SqlType } from "./types.ts";

/** An option of a connector or a format: its SQL name, meaning and check. */
export interface OptionSpec {
  readonly name: string;
  readonly doc: string;
  readonly required?: boolean;
  readonly values?: readonly string[];
  readonly kind: "text" | "integer" | "number" | "boolean" | "duration" | "size" | "path";
  readonly default?: string;
}

export interface BadRow {
  readonly file: string;
  /** From 1; 0 where the format has no lines. */
  readonly line: number;
  readonly reason: string;
  readonly raw: string;
}

/** What a reader needs beside the spec. `bad` applies the source's policy: it throws for `fail`. */
export interface ReaderContext extends OperatorContext {
  bad(row: BadRow): void;
}

/**
 * Position of one split. Splits do not depend on the parallelism: a subtask reads the splits with
 * `splitOwner(split, parallelism) === subtaskIndex`, at first and after a restore with another parallelism.
 */
export interface SplitPosition {
  readonly split: string;
  /** The connector's own JSON text. */
  readonly position: string;
}

/** A value that a connector knows of each row beside the row itself: `c type METADATA FROM 'key'`. */
export interface MetadataSpec {
  readonly key: string;
  readonly type: SqlType;
  readonly doc: string;
}

export type ReadResult = { readonly kind: "batch"; readonly batch: Batch } | { readonly kind: "wait" } | { readonly kind: "end" };

/** Reads the splits of one subtask. Column order of its batches = spec.schema. */
export interface SourceReader {
  /** `restored` holds the positions of *all* subtasks; empty at a fresh start. */
  open(restored: readonly SplitPosition[]): Promise<void>;
  /** The batch is borrowed until the next call. Should return within a few ms. */
  read(): ReadResult | Promise<ReadResult>;
  /** Positions behind the last batch that `read` returned; only this subtask's splits. */
  positions(): readonly SplitPosition[];
  /** Where a row of the last batch stands; null where the connector has no such places. */
  originOf?(row: number): RowOrigin | null;
  /** A metadata column of the last batch, by a key of the connector's `metadata`. */
  metadata?(key: string, rows: number): Column;
  /** What was there at the beginning has been read: from now on the source holds no watermark back. */
  caughtUp?(): boolean;
  close(): Promise<void>;
}

/** Writes rows to the outside. Exactly-once by two-phase commit: `prepare` stages, `commit` is idempotent and may be called again. */
export interface SinkWriter {
  open(): Promise<void>;
  /** Synchronous: buffers, or writes with synchronous calls; the batch is borrowed. */
  write(batch: Batch): void;
  /** Everything written so far is staged; returns what `commit` needs (may be empty). */
  prepare(checkpointId: number): Promise<readonly string[]> | readonly string[];
  commit(committables: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export interface SourceConnector {
  readonly name: string;
  readonly doc: string;
  readonly options: readonly OptionSpec[];
  /** What columns with METADATA can show; absent: nothing. */
  readonly metadata?: readonly MetadataSpec[];
  /** Columns a source has when none are declared (nexmark); null: they must be declared. */
  readonly columns?: (options: ConnectorOptions) => Schema | null;
  /** The reader never says `end` unless this is true for the options. */
  readonly bounded: (options: ConnectorOptions) => boolean;
  createReader(spec: SourceSpec, context: ReaderContext): SourceReader;
}

export interface SinkConnector {
  readonly name: string;
  readonly doc: string;
  readonly options: readonly OptionSpec[];
  readonly exactlyOnce: boolean;
  createWriter(spec: SinkSpec, context: OperatorContext): SinkWriter;
}
