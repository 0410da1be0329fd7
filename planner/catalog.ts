import type { ResultTable } from "../runtime/contract/control.ts";
import type { JavascriptFunction } from "../runtime/contract/javascript.ts";
import type { ConnectorOptions, SinkMode } from "../runtime/contract/job-graph.ts";
import type { Field, Schema, SqlType } from "../runtime/contract/types.ts";

/** The objects that a query can name, as the planner sees them. The server keeps them; names are unique over all kinds. */
export type CatalogObject = SourceObject | TableObject | ViewObject | JobObject | SinkObject;

export interface CatalogColumn {
  readonly name: string;
  readonly type: SqlType;
  readonly notNull: boolean;
  /** SQL of a computed column over the physical ones, as the user wrote it. */
  readonly computed: string | null;
  readonly metadata: string | null;
  readonly defaultValue: string | null;
}

/** `c AS PROCTIME()`: processing time, by which windows can be. */
export const isProcessingTime = ({ computed }: CatalogColumn): boolean => computed !== null && /^\s*proctime\s*\(\s*\)\s*$/i.test(computed);

interface Named {
  readonly name: string;
  /** The CREATE statement as typed: SHOW CREATE, and planning again after a restart. */
  readonly definition: string;
}

export interface SourceObject extends Named {
  readonly kind: "source";
  readonly columns: readonly CatalogColumn[];
  readonly primaryKey: readonly string[];
  readonly watermark: { readonly column: string; readonly expression: string } | null;
  readonly connector: string;
  /** All WITH options but `connector`, as text; includes format, bad_rows, idle_timeout. */
  readonly options: ConnectorOptions;
  /** Whether its rows carry weights: those of a table that changes do (planner/binder/table-source.ts). */
  readonly isChangelog: boolean;
}

/** Rows by INSERT/UPDATE/DELETE, kept in the store. */
export interface TableObject extends Named {
  readonly kind: "table";
  readonly columns: readonly CatalogColumn[];
  readonly primaryKey: readonly string[];
  readonly unique: readonly (readonly string[])[];
  /** With a watermark, rows are only added. */
  readonly watermark: SourceObject["watermark"];
}

export interface ViewObject extends Named {
  readonly kind: "view";
  /** The query as typed, window calls included. */
  readonly query: string;
  readonly columns: Schema["columns"];
  /** Names that its query reads. */
  readonly dependencies: readonly string[];
}

/** A streaming job or materialized view; with a SELECT body it has a result table of its name. */
export interface JobObject extends Named {
  readonly kind: "streamingJob" | "materializedView";
  readonly result: ResultTable | null;
  /** Names that its body reads or writes. */
  readonly dependencies: readonly string[];
  /** Tables of late and bad rows. */
  readonly sideTables: readonly ResultTable[];
}

/** A function of a user's. Names of functions are apart from those of relations; each has one function. */
export interface FunctionObject extends Named {
  readonly language: "sql" | "javascript";
  readonly parameters: readonly Field[];
  readonly returns: SqlType;
  /** DuckDB's DDL: what a call is expanded to. */
  readonly macro: string;
  readonly javascript: JavascriptFunction | null;
  /** Functions of users that it calls. */
  readonly dependencies: readonly string[];
}

export interface SinkObject extends Named {
  readonly kind: "sink";
  /** null: the query decides. */
  readonly columns: readonly CatalogColumn[] | null;
  readonly primaryKey: readonly string[];
  /** null: changes get a column op. */
  readonly mode: SinkMode | null;
  readonly connector: string;
  readonly options: ConnectorOptions;
}

export interface CatalogView {
  get(name: string): CatalogObject | null;
  all(): readonly CatalogObject[];
  /** Tables of `public` that jobs keep for late and bad rows. */
  sideTables(): readonly ResultTable[];
  functions(): readonly FunctionObject[];
  /** Changes with every change of the catalog, so that a mirror knows when to follow. */
  readonly version: number;
}
