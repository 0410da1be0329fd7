import { describe, expect, it } from "vitest";
import { parseStatements } from "./parse.ts";
import type { Statement } from "./statement.ts";

const one = (text: string): Statement => {
  const [statement, ...others] = parseStatements(text);
  expect(others).toEqual([]);
  return statement as Statement;
};

describe("parseStatements", () => {
  it("reads a source: columns, computed and metadata columns, key, watermark, options", () => {
    const sql = `CREATE SOURCE IF NOT EXISTS "Web".clicks (id BIGINT NOT NULL, name VARCHAR(20) DEFAULT 'a, b', at_s BIGINT,
      ts AS to_timestamp(at_s, 'x'), file TEXT METADATA FROM 'path', line BIGINT METADATA,
      tags ARRAY<ROW<k STRING, v DECIMAL(10, 2)>>, PRIMARY KEY (id) NOT ENFORCED, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
      WITH (connector = 'filesystem', 'csv.header' = true, rate = -1_000, Format.Kind = json, watch)`;
    const statement = one(sql);
    if (statement.kind !== "createSource") throw new Error("expected a source");
    expect(statement).toMatchObject({
      name: { schema: "Web", name: "clicks", at: 28 },
      ifNotExists: true,
      orReplace: false,
      at: 0,
      text: sql,
    });
    expect(statement.table.columns.map(({ name, type, notNull, metadata }) => ({ name, type: type?.id, notNull, metadata }))).toEqual([
      { name: "id", type: "bigint", notNull: true, metadata: null },
      { name: "name", type: "varchar", notNull: false, metadata: null },
      { name: "at_s", type: "bigint", notNull: false, metadata: null },
      { name: "ts", type: undefined, notNull: false, metadata: null },
      { name: "file", type: "varchar", notNull: false, metadata: "path" },
      { name: "line", type: "bigint", notNull: false, metadata: "line" },
      { name: "tags", type: "list", notNull: false, metadata: null },
    ]);
    expect(statement.table.columns[1]?.defaultValue?.text).toBe("'a, b'");
    expect(statement.table.columns[3]?.computed).toEqual({ text: "to_timestamp(at_s, 'x')", at: sql.indexOf("to_timestamp") });
    expect(statement.table.primaryKey).toEqual(["id"]);
    expect(statement.table.watermark).toMatchObject({ column: "ts", expression: { text: "ts - INTERVAL '5' SECOND" } });
    expect([...statement.options].map(([key, { value }]) => [key, value])).toEqual([
      ["connector", "filesystem"],
      ["csv.header", "true"],
      ["rate", "-1000"],
      ["format.kind", "json"],
      ["watch", "true"],
    ]);
    expect(statement.options.get("connector")?.at).toBe(sql.indexOf("'filesystem'"));
  });

  it("gives key columns NOT NULL, whichever way the key is written", () => {
    for (const sql of ["CREATE TABLE t (a INT PRIMARY KEY, b INT)", "CREATE TABLE t (a INT, b INT, CONSTRAINT k PRIMARY KEY (a))"]) {
      const statement = one(sql);
      expect(statement).toMatchObject({
        kind: "createTable",
        table: { primaryKey: ["a"], columns: [{ notNull: true }, { notNull: false }] },
        query: null,
      });
    }
  });

  it("keeps NOT NULL out of the default before it, and IS NOT NULL in a computed column", () => {
    const columns = [
      { defaultValue: { text: "1 + 2" }, notNull: true },
      { computed: { text: "a IS NOT NULL" } },
      { defaultValue: { text: "NULL" } },
    ];
    expect(one("CREATE TABLE t (a INT DEFAULT 1 + 2 NOT NULL, b AS a IS NOT NULL, c INT DEFAULT NULL)")).toMatchObject({
      table: { columns },
    });
  });

  it.each([
    [
      "CREATE STREAMING JOB j WITH (parallelism = 2) AS SELECT 1 FROM t EMIT ON WINDOW CLOSE",
      { kind: "select", query: { text: "SELECT 1 FROM t", at: 49 }, emit: { kind: "onWindowClose" } },
    ],
    [
      "CREATE STREAMING JOB j AS WITH x AS (SELECT 1) SELECT emit FROM x emit EMIT ON UPDATE",
      { kind: "select", emit: { kind: "onUpdate" } },
    ],
    [
      "CREATE STREAMING JOB j AS SELECT 1 EMIT EVERY INTERVAL '2 s'",
      { kind: "select", emit: { kind: "every", interval: { text: "INTERVAL '2 s'" } } },
    ],
    [
      "CREATE STREAMING JOB j AS INSERT INTO k (a, b) (SELECT 1, 2)",
      { kind: "insert", inserts: [{ sink: { name: "k" }, columns: ["a", "b"], query: { text: "(SELECT 1, 2)" }, emit: null }] },
    ],
    [
      "CREATE STREAMING JOB j AS BEGIN INSERT INTO k (SELECT 1); INSERT INTO l SELECT case when 1 then 2 end EMIT ON UPDATE; END;",
      {
        kind: "insert",
        inserts: [
          { columns: null, query: { text: "(SELECT 1)" } },
          { sink: { name: "l" }, emit: { kind: "onUpdate" } },
        ],
      },
    ],
  ])("reads the job %s", (sql, body) => expect(one(sql)).toMatchObject({ kind: "createStreamingJob", body }));

  it.each<[string, Partial<Statement>]>([
    [
      "CREATE MATERIALIZED VIEW m (a, b) WITH (parallelism = 2) AS SELECT 1, 2 EMIT ON UPDATE WITH DATA",
      { kind: "createMaterializedView", columns: ["a", "b"], emit: { kind: "onUpdate" } },
    ],
    ["CREATE OR REPLACE VIEW v AS VALUES (1)", { kind: "createView", orReplace: true, query: { text: "VALUES (1)", at: 28 } }],
    ["CREATE TABLE t AS SELECT 1", { kind: "createTable", query: { text: "SELECT 1", at: 18 } }],
    ["CREATE SINK k WITH (connector = 'print')", { kind: "createSink", table: null }],
    ['CREATE SINK "order" WITH (order = 1, offset.table = 2)', { kind: "createSink" }],
    ["DROP MATERIALIZED VIEW IF EXISTS a, s.b CASCADE", { kind: "drop", object: "materializedView", ifExists: true, cascade: true }],
    ["DROP STREAMING JOB j RESTRICT", { kind: "drop", object: "streamingJob", cascade: false }],
    ["ALTER STREAMING JOB j RENAME TO k", { kind: "rename", object: "streamingJob", to: { schema: null, name: "k", at: 32 } }],
    ["ALTER TABLE t RENAME TO s.u", { kind: "rename", object: "table", to: { schema: "s", name: "u", at: 24 } }],
    ["ALTER VIEW v RENAME TO w", { kind: "rename", object: "view" }],
    [
      "ALTER TABLE t ADD COLUMN IF NOT EXISTS a INT DEFAULT 1, DROP b",
      {
        kind: "alterTable",
        actions: [
          expect.objectContaining({ do: "addColumn", at: 39, ifNotExists: true }),
          { do: "dropColumn", column: "b", at: 61, ifExists: false },
        ],
      },
    ],
    [
      "COPY t (a, b) FROM STDIN WITH (FORMAT csv, HEADER, NULL 'x')",
      {
        kind: "copy",
        columns: ["a", "b"],
        from: { kind: "stdin" },
        format: { format: "csv", delimiter: ",", nullText: "x", header: "skip", quote: '"', escape: '"' },
      },
    ],
    ["COPY t FROM '/x' DELIMITER AS '|'", { kind: "copy", columns: null, from: { kind: "file", path: "/x", at: 12 } }],
    ["TRUNCATE TABLE a, b CASCADE", { kind: "truncate", cascade: true }],
    ["FLUSH", { kind: "flush" }],
    [
      "ALTER STREAMING JOB j WITH (rebuild = on) AS SELECT dry, run FROM t DRY RUN",
      {
        kind: "alterJob",
        action: {
          do: "as",
          dryRun: true,
          body: { text: "SELECT dry, run FROM t", at: 45 },
          options: new Map([["rebuild", { value: "on", at: 38 }]]),
        },
      },
    ],
    ["ALTER STREAMING JOB j AS BEGIN INSERT INTO a SELECT 1; INSERT INTO b SELECT 2; END", { kind: "alterJob", object: "streamingJob" }],
    ["ALTER MATERIALIZED VIEW j PAUSE", { kind: "alterJob", object: "materializedView", action: { do: "pause" } }],
    ["CANCEL STREAMING JOB j", { kind: "cancelJob" }],
    ["STOP STREAMING JOB j WITH DRAIN", { kind: "stopJob", drain: true }],
    ["CHECKPOINT STREAMING JOB j", { kind: "checkpointJob" }],
    ["STOP STREAMING JOB j WITH SAVEPOINT s", { kind: "stopJob", drain: false }],
    ["CREATE SAVEPOINT s FOR STREAMING JOB j TO 'x.duckdb'", { kind: "createSavepoint" }],
    ["DROP SAVEPOINT s", { kind: "dropSavepoint" }],
    ["SHOW STREAMING JOBS", { kind: "show", what: "jobs" }],
    ["SHOW MATERIALIZED VIEWS", { kind: "show", what: "materializedViews" }],
    ["SHOW CREATE STREAMING JOB j", { kind: "showCreate", name: { schema: null, name: "j", at: 26 } }],
    ["SHOW CREATE j", { kind: "showCreate", name: { schema: null, name: "j", at: 12 } }],
    ["SHOW transaction_isolation", { kind: "showVariable", variable: "transaction_isolation" }],
    ["SHOW TRANSACTION ISOLATION LEVEL", { kind: "showVariable", variable: "transaction_isolation" }],
    ["SHOW ALL", { kind: "showVariable", variable: "all" }],
    ["DESC a.b", { kind: "describe", name: { schema: "a", name: "b", at: 5 } }],
    ["SET DateStyle = iso, mdy", { kind: "set", variable: "datestyle", value: "iso, mdy", local: false }],
    ["SET LOCAL x TO DEFAULT", { kind: "set", variable: "x", value: null, local: true }],
    ["SET SESSION x = -1", { kind: "set", variable: "x", value: "-1" }],
    ["SET TIME ZONE 'Europe/Berlin'", { kind: "set", variable: "timezone", value: "Europe/Berlin" }],
    ["SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", { kind: "set", variable: "default_transaction_read_only", value: "on" }],
    [
      "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE",
      { kind: "set", variable: "transaction_isolation", value: "repeatable read", local: true },
    ],
    ["SET NAMES 'utf8'", { kind: "set", variable: "client_encoding", value: "utf8" }],
    ["RESET ALL", { kind: "reset", variable: null }],
    ["BEGIN TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ ONLY, NOT DEFERRABLE", { kind: "begin" }],
    ["START TRANSACTION READ WRITE", { kind: "begin" }],
    ["END WORK", { kind: "commit" }],
    ["COMMIT AND NO CHAIN", { kind: "commit" }],
    ["ABORT", { kind: "rollback" }],
    ["DISCARD ALL", { kind: "discard" }],
    ["DEALLOCATE PREPARE ALL", { kind: "deallocate", name: null }],
    ["EXECUTE p", { kind: "execute", name: "p", arguments: [] }],
    [
      "EXECUTE p (1, f(2, 3))",
      {
        kind: "execute",
        arguments: [
          { text: "1", at: 11 },
          { text: "f(2, 3)", at: 14 },
        ],
      },
    ],
    ["(SELECT 1) UNION (SELECT 2)", { kind: "query", query: { text: "(SELECT 1) UNION (SELECT 2)", at: 0 } }],
    ["TABLE t", { kind: "query", query: { text: "TABLE t", at: 0 } }],
    ["WITH insert AS (SELECT 1) SELECT * FROM insert", { kind: "query" }],
    ['INSERT INTO t (a, "B") VALUES (1, 2) RETURNING *', { kind: "modify", verb: "insert", columns: ["a", "B"], returning: true }],
    ["INSERT INTO t DEFAULT VALUES", { kind: "modify", verb: "insert", columns: null, returning: false }],
    ["INSERT INTO t (SELECT 1)", { kind: "modify", columns: null }],
    [
      "WITH x AS (SELECT 1) INSERT INTO s.t SELECT * FROM x",
      {
        kind: "modify",
        target: { schema: "s", name: "t", at: 33 },
        query: { text: "WITH x AS (SELECT 1) INSERT INTO s.t SELECT * FROM x", at: 0 },
      },
    ],
    [
      "UPDATE ONLY t AS x SET a = (SELECT 1) WHERE b RETURNING a",
      { kind: "modify", verb: "update", target: { schema: null, name: "t", at: 12 }, returning: true },
    ],
    ["DELETE FROM t WHERE a = 'returning'", { kind: "modify", verb: "delete", returning: false }],
  ])("reads %s", (sql, expected) => expect(one(sql)).toMatchObject(expected));

  it("reads statements within statements, with their own places", () => {
    const sql = "SELECT 1; EXPLAIN (STREAM, JOB) CREATE STREAMING JOB j AS SELECT 2; PREPARE p (int, text) AS SELECT $1";
    const [, explained, prepared] = parseStatements(sql);
    expect(explained).toMatchObject({
      kind: "explain",
      at: 10,
      stages: ["stream", "job"],
      statement: { kind: "createStreamingJob", at: 32, text: "CREATE STREAMING JOB j AS SELECT 2" },
    });
    expect(prepared).toMatchObject({ kind: "prepare", name: "p", statement: { kind: "query", query: { text: "SELECT $1" } } });
    expect(one("EXPLAIN SELECT 1")).toMatchObject({ stages: ["logical", "stream", "job"] });
    expect(one("EXPLAIN (SELECT 1)")).toMatchObject({ statement: { query: { text: "(SELECT 1)" } } });
  });

  it("reads an empty text as no statement", () => expect(parseStatements(" ;; -- nothing\n")).toEqual([]));
});
