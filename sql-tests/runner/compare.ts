import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { registerNativeFunctions } from "../../runtime/duckdb/native-functions.ts";
import { batchPrelude } from "../../planner/front/prelude-sql.ts";
import { rewriteQuery } from "../../planner/front/rewrite/rewrite-query.ts";

/** A result table of a stopped server's store, and the batch question that it must equal. */
export interface Comparison {
  readonly table: string;
  readonly query: string;
}

export interface Difference {
  readonly table: string;
  readonly rows: number;
  readonly expected_rows: number;
  /** Rows of the job that the batch does not have, and the other way round (bags). */
  readonly extra: number;
  readonly missing: number;
  readonly samples: readonly string[];
}

/**
 * The oracle (design D9): DuckDB answers each question as a batch and compares bags with the job's table, inside one instance.
 * `setup` makes the sources as views, so that the questions read them under their names.
 */
export async function compareWithBatch(
  dataDirectory: string,
  setup: readonly string[],
  comparisons: readonly Comparison[],
): Promise<readonly Difference[]> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2", default_null_order: "nulls_last_on_asc_first_on_desc" });
  const connection = await instance.connect();
  const rows = async (sql: string): Promise<readonly string[]> =>
    (await connection.runAndReadAll(sql)).getRowsJson().map((row) => JSON.stringify(row));
  const one = async (sql: string): Promise<number> => Number(JSON.parse((await rows(sql))[0] as string)[0]);
  try {
    registerNativeFunctions(connection);
    for (const sql of ["SET TimeZone = 'UTC'", ...batchPrelude, ...setup]) await connection.run(sql);
    await connection.run(`ATTACH '${join(dataDirectory, "store.duckdb")}' AS job (READ_ONLY)`);
    const differences: Difference[] = [];
    for (const { table, query } of comparisons) {
      await connection.run(`CREATE OR REPLACE TEMP TABLE expected AS ${rewriteQuery({ text: query, at: 0 }).text}`);
      await connection.run(`CREATE OR REPLACE TEMP TABLE actual AS SELECT * FROM job.public."${table}"`);
      await connection.run("CREATE OR REPLACE TEMP TABLE extra AS SELECT * FROM actual EXCEPT ALL SELECT * FROM expected");
      await connection.run("CREATE OR REPLACE TEMP TABLE missing AS SELECT * FROM expected EXCEPT ALL SELECT * FROM actual");
      differences.push({
        table,
        rows: await one("SELECT count(*) FROM actual"),
        expected_rows: await one("SELECT count(*) FROM expected"),
        extra: await one("SELECT count(*) FROM extra"),
        missing: await one("SELECT count(*) FROM missing"),
        samples: [
          ...(await rows("SELECT 'extra', * FROM extra ORDER BY ALL LIMIT 3")),
          ...(await rows("SELECT 'missing', * FROM missing ORDER BY ALL LIMIT 3")),
        ],
      });
    }
    return differences;
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

/** For expectations: what a job that equals its batch looks like. */
export const equal = (table: string): object => ({ table, extra: 0, missing: 0, samples: [] });
