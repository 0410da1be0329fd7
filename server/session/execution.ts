import type { Statement } from "../../planner/front/statement.ts";
import type { QueryResult, StoreConnection } from "../../runtime/contract/store.ts";
import type { Schema, SqlType } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";

/**
 * The border between a door (Postgres wire, HTTP, CLI) and the statements: a door owns the session's protocol state,
 * an executor knows what statements do. Statements of one session run one after the other.
 */
export interface Executor {
  /** Splits and reads a text; positions are offsets in it. Throws SqlError. */
  parse(text: string): readonly Statement[];
  /**
   * What the statement will answer, without running it: null = no rows. For Describe of the extended protocol.
   * `declared`: types that the client gave for `$1`, `$2` …; null or absent = to be inferred.
   */
  describe(statement: Statement, session: Session, declared?: readonly (SqlType | null)[]): Promise<Description>;
  execute(statement: Statement, session: Session, parameters: readonly Parameter[]): Promise<Outcome>;
}

export interface Description {
  readonly parameters: readonly (SqlType | null)[];
  readonly columns: Schema | null;
}

/** A bound parameter `$1`, already decoded to a value; `type` is what the client declared or the inferred type, null = unknown (text). */
export interface Parameter {
  readonly type: SqlType | null;
  readonly value: Value;
}

export type Outcome =
  /** `CREATE SOURCE`, `INSERT 0 3`, `BEGIN`. */
  | { readonly kind: "command"; readonly tag: string; readonly notices: readonly Notice[] }
  /** The tag is built once all rows were sent: `SELECT 3`. */
  | { readonly kind: "rows"; readonly result: QueryResult; readonly tag: (rows: number) => string; readonly notices: readonly Notice[] }
  /** COPY TO STDOUT: the door passes on the data; the tag is right once all was read. */
  | {
      readonly kind: "copyOut";
      readonly columns: number;
      /** Batch by batch. */
      lines(): AsyncIterable<readonly string[]>;
      tag(): string;
      readonly notices: readonly Notice[];
    }
  /** COPY FROM STDIN: the door passes on what the client sends. `finish` does the work and resolves with the tag. */
  | {
      readonly kind: "copyIn";
      readonly columns: number;
      receive(bytes: Uint8Array): Promise<void>;
      finish(): Promise<string>;
      readonly notices: readonly Notice[];
    };

export interface Notice {
  readonly severity: "NOTICE" | "WARNING" | "INFO";
  readonly message: string;
  readonly hint?: string;
}

/** idle: no block; open: inside BEGIN; failed: inside BEGIN after an error, only ROLLBACK or COMMIT may follow. */
export type TransactionState = "idle" | "open" | "failed";

export interface Session {
  readonly id: number;
  readonly user: string;
  readonly database: string;
  /** The session's own connection to the store. */
  readonly connection: StoreConnection;
  /** Values of SET, keys in lower case; a door reads e.g. datestyle, timezone, application_name from here. */
  readonly variables: Map<string, string>;
  /** Statements of SQL-level PREPARE. */
  readonly prepared: Map<string, Statement>;
  transaction: TransactionState;
  /** Tables that the open transaction has changed; whether its changes are kept for jobs that read them (server/tables). */
  readonly changedTables: Map<string, boolean>;
  /** Called when the statement at work is canceled: what waits for something else than the connection hears of it here. */
  readonly onCancel: Set<() => void>;
}
