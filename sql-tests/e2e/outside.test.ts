import { existsSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { fixture } from "./fixture.ts";

/** Calls that reach files, settings, other catalogs or the process. */
const tableCalls = (file: string, store: string): readonly string[] => [
  `read_csv('${file}')`,
  `read_csv_auto('${file}')`,
  `read_text('${file}')`,
  `read_blob('${store}')`,
  `read_json('${file}')`,
  `read_parquet('${file}')`,
  `parquet_metadata('${file}')`,
  `sniff_csv('${file}')`,
  `glob('${file}')`,
  "duckdb_settings()",
  "duckdb_tables()",
  "duckdb_secrets()",
  "duckdb_logs()",
  "pragma_database_list()",
  "query('SELECT 42 AS secret')",
  "query_table('j')",
  "json_execute_serialized_sql(json_serialize_sql('SELECT 42 AS secret'))",
];

const scalarCalls = [
  "getenv('HOME')",
  "current_setting('memory_limit')",
  "getvariable('x')",
  "nextval('x')",
  "write_log('x')",
  "current_query()",
];

/** Statements of DuckDB that are none of ours. */
const statements = (file: string, out: string, store: string): readonly string[] => [
  `COPY (SELECT 1) TO '${store}'`,
  `COPY j TO '${store}.wal'`,
  `COPY j FROM '${file}'`,
  `ATTACH '${out}' AS other`,
  "DETACH store",
  "USE memory",
  "PRAGMA database_list",
  "INSTALL httpfs",
  "LOAD httpfs",
  `EXPORT DATABASE '${out}'`,
  "CALL enable_logging()",
  "SET memory_limit = '1GB'",
  "SET enable_external_access = true",
  "SET lock_configuration = false",
  "RESET memory_limit",
  "SHOW memory_limit",
  "CREATE MACRO f(x) AS x",
  "CREATE SECRET s (TYPE s3)",
  "DELETE FROM millrace.jobs",
  "DROP TABLE millrace.catalog",
  "INSERT INTO j VALUES ('x', 1)",
];

const secret = "a-line-of-a-file-that-no-query-may-read";

describe("ad-hoc queries stay inside of the store", () => {
  const f = fixture();
  const file = join(f.directory, "secret.csv");
  const store = join(f.directory, "data/store.duckdb");
  const out = join(f.directory, "written");

  beforeAll(async () => {
    f.file("secret.csv", [secret]);
    const path = f.file("ev.jsonl", ['{"k":"a","v":1}']);
    await f.rows(`CREATE SOURCE ev (k TEXT, v BIGINT) WITH (connector = 'filesystem', path = '${path}', format = 'json')`);
    await f.finish("j", "SELECT k, v FROM ev");
    await f.rows("CREATE TABLE t (a TEXT)");
  });

  /** Those that were answered, or refused for another reason than that the call is not allowed. */
  const leaks = async (texts: readonly string[]): Promise<readonly string[]> => {
    const found: string[] = [];
    for (const sql of texts) {
      const { code, message } = await f.refusal(sql).catch((error: unknown) => ({ code: "", message: String(error) }));
      if (code !== "42501" || message.includes(secret)) found.push(`${sql}: ${code} ${message}`);
    }
    return found;
  };

  it.each(tableCalls("FILE", "STORE"))("FROM %s", async (template) => {
    const call = template.replace("FILE", file).replace("STORE", store);
    const found = await leaks([
      `SELECT * FROM ${call}`,
      `WITH c AS (SELECT * FROM ${call}) SELECT * FROM c`,
      `SELECT k FROM j WHERE EXISTS (SELECT 1 FROM ${call})`,
      `SELECT * FROM j, LATERAL (SELECT * FROM ${call}) AS l`,
      `INSERT INTO t SELECT 'x' FROM ${call}`,
      `EXPLAIN SELECT * FROM ${call}`,
      `CREATE VIEW reader AS SELECT * FROM ${call}`,
      `CREATE TABLE reader AS SELECT * FROM ${call}`,
      `CREATE STREAMING JOB reader AS SELECT * FROM ${call}`,
    ]);
    expect(found).toEqual([]);
  });

  it.each(scalarCalls)("SELECT %s", async (call) => {
    const found = await leaks([
      `SELECT ${call}`,
      `SELECT k FROM j WHERE k = CAST(${call} AS TEXT)`,
      `SELECT k FROM j ORDER BY ${call}`,
      `SELECT list_transform([1], lambda x: ${call})`,
      `INSERT INTO t VALUES (CAST(${call} AS TEXT))`,
      `CREATE TABLE reader (a TEXT DEFAULT ${call})`,
      `CREATE VIEW reader AS SELECT ${call} AS x`,
      `CREATE STREAMING JOB reader AS SELECT ${call} AS x, k FROM ev`,
      `CREATE SOURCE reader (k TEXT, x AS ${call}) WITH (connector = 'datagen')`,
    ]);
    expect(found).toEqual([]);
  });

  it.each(statements("FILE", "OUT", "STORE"))("%s", async (template) => {
    const { code, message } = await f.refusal(template.replace("FILE", file).replace("OUT", out).replace("STORE", store));
    expect(["0A000", "42601", "42704", "42809", "3F000", "42501", "42P01"]).toContain(code);
    expect(message).not.toContain(secret);
    expect(existsSync(out)).toBe(false);
  });

  it("a file is not a relation", async () => {
    expect((await f.refusal(`SELECT * FROM '${file}'`)).code).toBe("42P01");
    expect((await f.refusal(`SELECT * FROM "${file}"`)).code).toBe("42P01");
  });

  it("what is harmless is answered", async () => {
    expect(await f.cells("SELECT * FROM unnest([1, 2]) AS u(x)")).toEqual([["1"], ["2"]]);
    expect(await f.cells("SELECT * FROM generate_series(1, 2) AS g(x)")).toEqual([["1"], ["2"]]);
    expect(await f.cells("SELECT count(*) AS n FROM t")).toEqual([["0"]]);
    expect(await f.cells("SELECT k FROM j")).toEqual([["a"]]);
  });
});
