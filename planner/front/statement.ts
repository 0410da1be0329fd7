import type { Field, SqlType } from "../../runtime/contract/types.ts";

/** A piece of the user's text: `at` is its offset in the text that was typed (UTF-16 units), for positions in errors. */
export interface SqlText {
  readonly text: string;
  readonly at: number;
}

/** A possibly qualified name; unquoted parts are folded to lower case. */
export interface Name {
  readonly schema: string | null;
  readonly name: string;
  readonly at: number;
}

/** WITH (key = 'value', …): keys in lower case, dots kept; values as text. */
export type Options = ReadonlyMap<string, OptionValue>;
export interface OptionValue {
  readonly value: string;
  readonly at: number;
}

export interface ColumnDefinition {
  readonly name: string;
  readonly at: number;
  /** null for a computed column: its type comes from the binder. */
  readonly type: SqlType | null;
  readonly notNull: boolean;
  /** `c AS expr`. */
  readonly computed: SqlText | null;
  /** `c type METADATA [FROM 'key']`; the key defaults to the column's name. */
  readonly metadata: string | null;
  readonly defaultValue: SqlText | null;
}

export interface WatermarkDefinition {
  readonly column: string;
  readonly at: number;
  readonly expression: SqlText;
}

export interface TableDefinition {
  readonly columns: readonly ColumnDefinition[];
  readonly primaryKey: readonly string[];
  /** UNIQUE and CHECK constraints: tables have them. */
  readonly unique: readonly (readonly string[])[];
  readonly checks: readonly SqlText[];
  readonly watermark: WatermarkDefinition | null;
}

/** When a window's or a changelog's rows become visible; ON WINDOW CLOSE is the default. */
export type Emit =
  | { readonly kind: "onWindowClose" }
  | { readonly kind: "onUpdate" }
  | { readonly kind: "every"; readonly interval: SqlText };

export interface InsertBody {
  readonly sink: Name;
  readonly columns: readonly string[] | null;
  readonly query: SqlText;
  readonly emit: Emit | null;
}

export type JobBody =
  | { readonly kind: "select"; readonly query: SqlText; readonly emit: Emit | null }
  | { readonly kind: "insert"; readonly inserts: readonly InsertBody[] };

/** The parts of INSERT, UPDATE and DELETE, each as typed. */
export interface ModifyClauses {
  /** `WITH …` in front of the verb. */
  readonly with: SqlText | null;
  /** Another name of the target. */
  readonly alias: string | null;
  /** Of INSERT: the query that yields the rows; null for DEFAULT VALUES. */
  readonly rows: SqlText | null;
  readonly conflict: ConflictClause | null;
  /** Of UPDATE … SET. */
  readonly assignments: readonly Assignment[];
  /** UPDATE … FROM, DELETE … USING. */
  readonly from: SqlText | null;
  readonly where: SqlText | null;
  readonly returning: SqlText | null;
}

/** `column = value`; null: DEFAULT. */
export interface Assignment {
  readonly column: string;
  readonly at: number;
  readonly value: SqlText | null;
}

/** ON CONFLICT [(columns)] DO NOTHING | DO UPDATE SET … [WHERE …]. */
export interface ConflictClause {
  readonly at: number;
  /** ON CONSTRAINT, a key's name. */
  readonly constraint: string | null;
  /** null: whichever key is violated. */
  readonly columns: readonly string[] | null;
  /** null: DO NOTHING. */
  readonly update: { readonly assignments: readonly Assignment[]; readonly where: SqlText | null } | null;
}

export type CopySource = { readonly kind: "stdin" } | { readonly kind: "file"; readonly path: string; readonly at: number };

export type CopyTarget = { readonly kind: "stdout" } | { readonly kind: "file"; readonly path: string; readonly at: number };

/** How the data of COPY is written; the characters are single ones. */
export interface CopyFormat {
  readonly format: "text" | "csv";
  readonly delimiter: string;
  readonly nullText: string;
  readonly header: "none" | "skip" | "match";
  readonly quote: string;
  readonly escape: string;
}

export type FunctionLanguage = "sql" | "javascript";

export type RelationKind = "source" | "table" | "view" | "materializedView" | "streamingJob" | "sink";

export type ShowTarget =
  | "jobs"
  | "sources"
  | "tables"
  | "sinks"
  | "views"
  | "materializedViews"
  | "taskmanagers"
  | "savepoints"
  | "functions"
  | "functionTypes";

export type JobAction =
  | { readonly do: "pause" }
  | { readonly do: "resume" }
  | { readonly do: "set"; readonly options: Options }
  /** `body` is the whole text behind AS. */
  | { readonly do: "as"; readonly body: SqlText; readonly options: Options; readonly dryRun: boolean };

/** A savepoint to make; null: its file lies in the data directory. */
export interface SavepointTarget {
  readonly name: Name;
  readonly path: { readonly value: string; readonly at: number } | null;
}

export type TableAction =
  | { readonly do: "addColumn"; readonly table: TableDefinition; readonly at: number; readonly ifNotExists: boolean }
  | { readonly do: "renameColumn"; readonly column: string; readonly to: string; readonly at: number }
  | { readonly do: "alterType"; readonly column: string; readonly type: SqlType; readonly at: number }
  | { readonly do: "dropColumn"; readonly column: string; readonly at: number; readonly ifExists: boolean };

export type ExplainStage = "logical" | "stream" | "job";

interface At {
  /** Offset of the statement's first token. */
  readonly at: number;
  /** The statement's own text, without its semicolon. */
  readonly text: string;
}

export type Statement = At &
  (
    | {
        readonly kind: "createSource";
        readonly name: Name;
        readonly ifNotExists: boolean;
        readonly orReplace: boolean;
        readonly table: TableDefinition;
        readonly options: Options;
      }
    | {
        readonly kind: "createTable";
        readonly name: Name;
        readonly ifNotExists: boolean;
        readonly table: TableDefinition;
        readonly options: Options;
        readonly query: SqlText | null;
      }
    | {
        readonly kind: "createSink";
        readonly name: Name;
        readonly ifNotExists: boolean;
        /** Whose rows go into it, by a job of its own; `at` and `end` are where that was said. */
        readonly from: { readonly relation: Name; readonly at: number; readonly end: number } | null;
        readonly table: TableDefinition | null;
        readonly options: Options;
      }
    | {
        readonly kind: "createView";
        readonly name: Name;
        readonly ifNotExists: boolean;
        readonly orReplace: boolean;
        readonly columns: readonly string[] | null;
        readonly query: SqlText;
      }
    | {
        readonly kind: "createMaterializedView";
        readonly name: Name;
        readonly ifNotExists: boolean;
        readonly orReplace: boolean;
        readonly columns: readonly string[] | null;
        readonly options: Options;
        readonly query: SqlText;
        readonly emit: Emit | null;
      }
    | {
        readonly kind: "createStreamingJob";
        readonly name: Name;
        readonly ifNotExists: boolean;
        readonly orReplace: boolean;
        readonly options: Options;
        readonly body: JobBody;
      }
    | {
        readonly kind: "createFunction";
        readonly name: Name;
        readonly orReplace: boolean;
        /** One without a name is called `$1`, `$2`, … */
        readonly parameters: readonly Field[];
        readonly returns: SqlType;
        readonly language: FunctionLanguage;
        readonly body: SqlText;
        readonly strict: boolean;
      }
    | { readonly kind: "dropFunction"; readonly names: readonly Name[]; readonly ifExists: boolean; readonly cascade: boolean }
    | {
        readonly kind: "drop";
        readonly object: RelationKind;
        readonly names: readonly Name[];
        readonly ifExists: boolean;
        readonly cascade: boolean;
      }
    | { readonly kind: "alterJob"; readonly name: Name; readonly object: "streamingJob" | "materializedView"; readonly action: JobAction }
    | { readonly kind: "cancelJob"; readonly name: Name }
    | { readonly kind: "stopJob"; readonly name: Name; readonly drain: boolean; readonly savepoint: SavepointTarget | null }
    | { readonly kind: "createSavepoint"; readonly job: Name; readonly savepoint: SavepointTarget }
    | { readonly kind: "dropSavepoint"; readonly name: Name }
    | { readonly kind: "checkpointJob"; readonly name: Name }
    | { readonly kind: "show"; readonly what: ShowTarget }
    | { readonly kind: "showState"; readonly job: Name }
    | { readonly kind: "showCreate"; readonly of: "relation" | "function"; readonly name: Name }
    | { readonly kind: "describe"; readonly name: Name }
    | { readonly kind: "explainWatermark"; readonly job: Name }
    | { readonly kind: "explain"; readonly stages: readonly ExplainStage[]; readonly statement: Statement }
    | { readonly kind: "set"; readonly variable: string; readonly value: string | null; readonly local: boolean }
    | { readonly kind: "reset"; readonly variable: string | null }
    | { readonly kind: "showVariable"; readonly variable: string }
    | { readonly kind: "begin" }
    | { readonly kind: "commit" }
    | { readonly kind: "rollback" }
    | { readonly kind: "discard" }
    | { readonly kind: "flush" }
    | {
        readonly kind: "copy";
        readonly target: Name;
        /** null: all, in order. */
        readonly columns: readonly string[] | null;
        readonly from: CopySource;
        readonly format: CopyFormat;
      }
    /** COPY … TO: `query` reads the table where one was named. */
    | { readonly kind: "copyTo"; readonly query: SqlText; readonly to: CopyTarget; readonly format: CopyFormat }
    | { readonly kind: "truncate"; readonly tables: readonly Name[]; readonly cascade: boolean }
    | { readonly kind: "rename"; readonly object: RelationKind; readonly name: Name; readonly to: Name }
    | { readonly kind: "alterTable"; readonly name: Name; readonly actions: readonly TableAction[] }
    | { readonly kind: "deallocate"; readonly name: string | null }
    | { readonly kind: "prepare"; readonly name: string; readonly statement: Statement }
    | { readonly kind: "execute"; readonly name: string; readonly arguments: readonly SqlText[] }
    /** SELECT, VALUES, WITH … SELECT, TABLE t. */
    | { readonly kind: "query"; readonly query: SqlText }
    /** INSERT, UPDATE, DELETE on a table; `target` and `columns` (those of INSERT, in order, null for all) were read by node-sql-parser, the text goes to DuckDB after the checks. */
    | {
        readonly kind: "modify";
        readonly verb: "insert" | "update" | "delete";
        readonly target: Name;
        readonly columns: readonly string[] | null;
        readonly query: SqlText;
        readonly returning: boolean;
        readonly clauses: ModifyClauses;
      }
  );

export type StatementKind = Statement["kind"];
export type StatementOf<K extends StatementKind> = Extract<Statement, { readonly kind: K }>;
