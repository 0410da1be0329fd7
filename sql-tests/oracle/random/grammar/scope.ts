import { tableNamed } from "../tables.ts";
import type { SinkName } from "../sinks.ts";
import type { Random } from "../random.ts";
import type { Expr, Kind, Query } from "./query.ts";

/** A column that an expression may name. */
export interface ScopeColumn {
  readonly sql: string;
  readonly type: Kind;
  /** Identifies a row of its relation: for orders without ties. */
  readonly unique: boolean;
}

/** What a query under construction may read, and the choices that make it. */
export interface Scope {
  readonly random: Random;
  readonly columns: readonly ScopeColumn[];
}

/** A query that others read by its name: a view, or the result of a job of its own. */
export interface View {
  readonly name: string;
  readonly kind: "view" | "materialized view";
  readonly query: Query;
}

export interface Insert {
  readonly sink: SinkName;
  readonly query: Query;
}

/** What a query asks of its job and of its rows, besides its text. */
export interface Asks {
  emit: "ON UPDATE" | "EVERY INTERVAL '5' SECOND" | null;
  readonly options: Record<string, string>;
  readonly views: View[];
  /** More queries of the same job, whose own becomes an INSERT too. */
  readonly inserts: Insert[];
  /** The clock moves between the steps. */
  clock: boolean;
  /** A table whose rows all come at first: what comes later must not be seen. */
  settled: string | null;
}

/** State of one query's generation. */
export class Builder {
  readonly random: Random;
  /** A query of the grammar, up to so many levels deep. */
  readonly query: (b: Builder, depth: number) => Query;
  /** Names of what the query uses, for the count of what ran and what was refused. */
  readonly features = new Set<string>();
  readonly asks: Asks = { emit: null, options: {}, views: [], inserts: [], clock: false, settled: null };
  #aliases = 0;
  #names = 0;

  constructor(random: Random, query: (b: Builder, depth: number) => Query) {
    this.random = random;
    this.query = query;
  }

  alias(): string {
    return `r${++this.#aliases}`;
  }

  name(): string {
    return `c${++this.#names}`;
  }

  uses(feature: string): void {
    this.features.add(feature);
  }
}

export const columnExpr = ({ sql, type }: ScopeColumn): Expr => ({ type, text: [sql] });

export const tableColumns = (name: string, alias: string): ScopeColumn[] =>
  tableNamed(name).columns.map((column) => ({ sql: `${alias}.${column.name}`, type: column.kind, unique: column.name === "id" }));

/** The columns of a derived table. */
export function queryColumns(query: Query, alias: string): ScopeColumn[] {
  if (query.kind === "set") return queryColumns(query.left, alias).map((column) => ({ ...column, unique: false }));
  if (query.kind === "with") return queryColumns(query.body, alias);
  return query.items.map(({ expr, name }) => ({ sql: `${alias}.${name}`, type: expr.type, unique: false }));
}

export const ofKind = (columns: readonly ScopeColumn[], ...kinds: readonly Kind[]): readonly ScopeColumn[] =>
  columns.filter(({ type }) => kinds.includes(type));
