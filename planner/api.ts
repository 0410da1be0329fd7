import type { AdhocQuery } from "./adhoc/plan-query.ts";
import type { AutoscaleOptions, CheckpointOptions, RestartStrategy, ResultTable, SavepointOrigin } from "../runtime/contract/control.ts";
import type { JobGraph } from "../runtime/contract/job-graph.ts";
import type { Schema } from "../runtime/contract/types.ts";
import type { ModifyPlan } from "./adhoc/plan-modify.ts";
import type { CatalogColumn, CatalogView, FunctionObject, TableObject } from "./catalog.ts";
import type { ExplainStage, JobBody, Options, SqlText, StatementOf, TableDefinition } from "./front/statement.ts";

/** What server/statements asks of the planner. Every method throws SqlError with positions in the user's text. */
export interface Planner {
  /** Types of computed columns, the watermark's type; checks names and that the watermark is a TIMESTAMP or TIMESTAMPTZ. */
  bindTable(table: TableDefinition): Promise<BoundTable>;
  /** Columns and relations of a view's query. */
  bindQuery(query: SqlText, catalog: CatalogView): Promise<BoundQuery>;
  /** Checks a function's definition and what it calls. */
  bindFunction(statement: StatementOf<"createFunction">, catalog: CatalogView): Promise<FunctionObject>;
  planJob(request: JobRequest): Promise<PlannedJob>;
  /**
   * An ad-hoc query as DuckDB SQL over the store: window calls replaced by their batch macros, Postgres spellings by DuckDB's,
   * views expanded, relations and functions checked against the allow-list (design section 7). `relations` are the store's tables read.
   */
  planQuery(query: SqlText, catalog: CatalogView): Promise<AdhocQuery>;
  /** The same for a query put together from pieces of the user's and text of ours. */
  planComposed(parts: readonly (string | SqlText)[], catalog: CatalogView): Promise<AdhocQuery>;
  /** An INSERT, UPDATE or DELETE on a table as queries of the store, checked as planQuery does. */
  planModify(statement: StatementOf<"modify">, table: TableObject, catalog: CatalogView): Promise<ModifyPlan>;
  /** A CHECK constraint of the table as DuckDB SQL, checked as planQuery does. */
  planCheck(expression: SqlText, table: TableObject, catalog: CatalogView): Promise<string>;
  /** A scalar expression (a column's default) as DuckDB SQL, checked as planQuery does. */
  planExpression(expression: SqlText, catalog: CatalogView): Promise<string>;
  /** Begins to open the planning instance and to ask it for its functions, which the first calls wait for. */
  warmUp(): void;
  /** Closes the planning instance. */
  close(): void;
}

export interface BoundTable {
  readonly columns: readonly CatalogColumn[];
  readonly watermark: { readonly column: string; readonly expression: string } | null;
}

export interface BoundQuery {
  readonly schema: Schema;
  readonly relations: readonly string[];
}

export interface JobRequest {
  readonly name: string;
  readonly body: JobBody;
  readonly options: Options;
  readonly catalog: CatalogView;
}

export interface PlannedJob {
  readonly graph: JobGraph;
  readonly resultTables: readonly ResultTable[];
  readonly checkpoints: CheckpointOptions;
  readonly restart: RestartStrategy;
  readonly autoscale: AutoscaleOptions | null;
  readonly savepoint: SavepointOrigin | null;
  /** Catalog names that the body reads or writes. */
  readonly dependencies: readonly string[];
  /** For NOTICEs: what will grow without bound and the remedy. */
  readonly notices: readonly string[];
  /** EXPLAIN's text per stage, lines without trailing spaces. */
  readonly explain: Readonly<Record<ExplainStage, string>>;
}
