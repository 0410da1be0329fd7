import type { Planner } from "../../planner/api.ts";
import type { StatementKind, StatementOf } from "../../planner/front/statement.ts";
import type { Engine } from "../../runtime/contract/control.ts";
import type { FilePlaces } from "../../runtime/contract/file-places.ts";
import { batchOf } from "../../runtime/contract/rows.ts";
import type { QueryResult, Store } from "../../runtime/contract/store.ts";
import { bigint, type Schema, type SqlType, varchar } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import type { World } from "../../runtime/contract/world.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { CatalogStore } from "../catalog/catalog-store.ts";
import type { UserFunctions } from "../functions/user-functions.ts";
import type { Description, Executor, Notice, Outcome, Parameter, Session } from "../session/execution.ts";

/** What statements work on. */
export interface StatementContext {
  readonly catalog: Catalog;
  readonly catalogStore: CatalogStore;
  readonly planner: Planner;
  readonly engine: Engine;
  readonly store: Store;
  readonly world: World;
  /** Functions of users, as statements call them. */
  readonly functions: UserFunctions;
  /** For statements that run another one: EXECUTE. */
  readonly executor: Executor;
  /** Where savepoints go when no path is given. */
  readonly savepointDirectory: string;
  /** Where statements may name files. */
  readonly places: FilePlaces;
}

/** One statement kind: what it answers, and what it does. */
export interface Handler<K extends StatementKind> {
  /** null columns: no rows. Absent: never any rows. `declared` are the types that the client gave for the parameters. */
  readonly describe?: (
    statement: StatementOf<K>,
    context: StatementContext,
    session: Session,
    declared: readonly (SqlType | null)[],
  ) => Promise<Description>;
  readonly execute: (
    statement: StatementOf<K>,
    context: StatementContext,
    session: Session,
    parameters: readonly Parameter[],
  ) => Promise<Outcome>;
}

export const command = (tag: string, notices: readonly Notice[] = []): Outcome => ({ kind: "command", tag, notices });

export const notice = (message: string): Notice => ({ severity: "NOTICE", message });

/** Column lists of the small answers: `text` VARCHAR unless a type is named. */
export const columns = (...fields: readonly (string | readonly [string, SqlType])[]): Schema => ({
  columns: fields.map((f) => (typeof f === "string" ? { name: f, type: varchar } : { name: f[0], type: f[1] })),
});

export const count = (name: string): readonly [string, SqlType] => [name, bigint];

/** A small answer from values. */
export const rowsOutcome = (schema: Schema, rows: readonly (readonly Value[])[], tag: (n: number) => string): Outcome => ({
  kind: "rows",
  result: valuesResult(schema, rows),
  tag,
  notices: [],
});

export function valuesResult(schema: Schema, rows: readonly (readonly Value[])[]): QueryResult {
  let read = false;
  return {
    schema,
    changed: 0,
    next: async () => {
      if (read || rows.length === 0) return null;
      read = true;
      return batchOf(schema, rows);
    },
    rows: async () => rows.map((row) => [...row]),
    close: () => {
      read = true;
    },
  };
}

export const staticColumns = (schema: Schema) => async (): Promise<Description> => ({ parameters: [], columns: schema });
