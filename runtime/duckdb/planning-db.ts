import {
  ANY,
  BIGINT,
  type DuckDBConnection,
  DuckDBInstance,
  type DuckDBPreparedStatement,
  DuckDBScalarFunction,
  type DuckDBType,
  INTERVAL,
  LIST,
  STRUCT,
  TIMESTAMP,
  TIMESTAMPTZ,
  VARCHAR,
} from "@duckdb/node-api";
import type { OpenPlanningDb, PlanningDb } from "../contract/planning-db.ts";
import { type JavascriptFunction, markerOf } from "../contract/javascript.ts";
import { formatType } from "../contract/types.ts";
import { fromDuckdbError } from "./errors.ts";
import { registerNativeFunctions } from "./native-functions.ts";
import { toDuckdbType } from "./types.ts";

/**
 * What reasons from the (empty) tables, or rewrites a query into a shape that only suits a batch engine
 * (notes: "Optimisers and settings"). The setting is global to an instance, so planning has one of its own.
 */
const disabledOptimizers = [
  "empty_result_pullup",
  "regex_range",
  "in_clause",
  "join_order",
  "statistics_propagation",
  "common_subexpressions",
  "limit_pushdown",
  "row_group_pruner",
  "top_n_window_elimination",
  "build_side_probe_side",
  "compressed_materialization",
  "reorder_filter",
  "sampling_pushdown",
  "join_filter_pushdown",
  "extension",
  "materialized_cte",
  "sum_rewriter",
  "late_materialization",
  "window_self_join",
] as const;

const disable = (optimizers: readonly string[]): string => `SET disabled_optimizers = '${optimizers.join(",")}'`;

// Never skip_empty: it removes `{}` from lists and so shifts every index behind it.
const planCall = "SELECT json_serialize_plan($1::VARCHAR, optimize := true, skip_default := true)";

/** Opens DuckDB as a binder, with the marker functions that window calls and now() become. Macros are the caller's to create. */
export const openPlanningDb: OpenPlanningDb = async () => {
  const instance = await DuckDBInstance.create(":memory:", {
    threads: "1",
    memory_limit: "256MB",
    default_null_order: "postgres",
    scalar_subquery_error_on_multiple_rows: "true",
    errors_as_json: "true",
    autoinstall_known_extensions: "false",
    autoload_known_extensions: "false",
    allow_community_extensions: "false",
  });
  const connection = await instance.connect();
  await connection.run("SET GLOBAL TimeZone = 'UTC'");
  await connection.run(disable(disabledOptimizers));
  registerNativeFunctions(connection);
  registerMarkers(connection);
  await connection.run("SET enable_external_access = false");
  const plan = await connection.prepare(planCall);
  // After the prepare: before it, the parameter would read as NULL. It makes pruned CTEs and unnests serialise.
  await connection.run("PRAGMA verify_serializer");
  // Under that pragma parameters of other statements read as NULL, too: those have a connection without it.
  return new DuckdbPlanningDb(instance, connection, plan, await instance.connect());
};

/** Markers are never evaluated: constant folding calls them, and an error leaves the call in the plan. */
function registerMarkers(connection: DuckDBConnection): void {
  const marker = (name: string, returnType: DuckDBType, parameterTypes: readonly DuckDBType[]): void =>
    registerMarker(connection, name, returnType, parameterTypes, false);
  for (const time of [TIMESTAMP, TIMESTAMPTZ]) {
    const window = STRUCT({ window_start: time, window_end: time, window_time: time });
    marker("mr_tumble", window, [time, INTERVAL, INTERVAL, VARCHAR]);
    marker("mr_hop", LIST(window), [time, INTERVAL, INTERVAL, INTERVAL, VARCHAR]);
    marker("mr_cumulate", LIST(window), [time, INTERVAL, INTERVAL, INTERVAL, VARCHAR]);
    marker("mr_session", window, [time, INTERVAL]);
  }
  // A join with versions of a table: the left side's time, or any of its columns for "now", against the right side as a whole.
  for (const time of [TIMESTAMP, TIMESTAMPTZ]) marker("mr_as_of", BIGINT, [time]);
  marker("mr_lookup", BIGINT, [ANY]);
  marker("mr_version", BIGINT, [ANY]);
  marker("mr_now", TIMESTAMPTZ, []);
}

function registerMarker(
  connection: DuckDBConnection,
  name: string,
  returnType: DuckDBType,
  parameterTypes: readonly DuckDBType[],
  takesNull: boolean,
): void {
  connection.registerScalarFunction(
    DuckDBScalarFunction.create({
      name,
      returnType,
      parameterTypes: [...parameterTypes],
      specialHandling: takesNull,
      mainFunction: () => {
        throw new Error(`${name} is a marker for the planner`);
      },
    }),
  );
}

class DuckdbPlanningDb implements PlanningDb {
  readonly #instance: DuckDBInstance;
  readonly #connection: DuckDBConnection;
  readonly #plan: DuckDBPreparedStatement;
  readonly #plain: DuckDBConnection;
  readonly #declared = new Set<string>();

  constructor(instance: DuckDBInstance, connection: DuckDBConnection, plan: DuckDBPreparedStatement, plain: DuckDBConnection) {
    this.#instance = instance;
    this.#connection = connection;
    this.#plan = plan;
    this.#plain = plain;
  }

  async run(sql: string): Promise<void> {
    try {
      await this.#connection.run(sql);
    } catch (error) {
      throw fromDuckdbError(error, sql);
    }
  }

  declareFunction(definition: JavascriptFunction): void {
    const name = markerOf(definition, formatType);
    if (this.#declared.has(name)) return;
    this.#declared.add(name);
    const { parameters, returns, strict } = definition;
    const types = parameters.map((p) => toDuckdbType(p.type));
    registerMarker(this.#connection, name, toDuckdbType(returns), types, !strict);
  }

  async plan(sql: string, { reorderJoins } = { reorderJoins: false }): Promise<string> {
    if (!reorderJoins) return this.#serialized(sql);
    await this.#connection.run(disable(disabledOptimizers.filter((name) => name !== "join_order")));
    try {
      return await this.#serialized(sql);
    } finally {
      await this.#connection.run(disable(disabledOptimizers));
    }
  }

  async #serialized(sql: string): Promise<string> {
    this.#plan.bindVarchar(1, sql);
    const rows = (await this.#plan.runAndReadAll()).getRows();
    return String(rows[0]?.[0] ?? "");
  }

  async describe(sql: string): Promise<readonly { readonly name: string; readonly type: string }[]> {
    try {
      const statement = await this.#connection.prepare(sql);
      try {
        return Array.from({ length: statement.columnCount }, (_, i) => ({
          name: statement.columnName(i),
          type: statement.columnType(i).toString(),
        }));
      } finally {
        statement.destroySync();
      }
    } catch (error) {
      throw fromDuckdbError(error, sql);
    }
  }

  async texts(sql: string, parameters: readonly string[] = []): Promise<readonly (readonly (string | null)[])[]> {
    const rows = (await this.#plain.runAndReadAll(sql, [...parameters])).getRows();
    return rows.map((row) => row.map((value) => (value === null ? null : String(value))));
  }

  close(): void {
    this.#plan.destroySync();
    this.#plain.closeSync();
    this.#connection.closeSync();
    this.#instance.closeSync();
  }
}
