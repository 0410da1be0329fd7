import { beforeAll, describe, expect, it } from "vitest";
import { eventually, fixture } from "./fixture.ts";

const rows = [
  '{"k":"a","v":1,"ts":"2024-01-01 00:00:00"}',
  '{"k":"b","v":"zwei","ts":"2024-01-01 00:00:01"}',
  '{"k":"c","v":3,"ts":null}',
  '{"k":"d",',
  '{"k":"e","v":9223372036854775807,"ts":"2024-01-01 00:00:02"}',
];

const source = (name: string, options: string): string =>
  `CREATE SOURCE ${name} (k TEXT, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts) WITH (connector = 'filesystem', ${options})`;

interface Case {
  readonly sql: string;
  readonly code: string;
  readonly word?: string;
  readonly message?: RegExp;
  readonly hint?: RegExp;
}

/** A slip in each kind of word: what stands at the position that the client is told, and what it is offered. */
const slips: readonly Case[] = [
  { sql: "SELEC 1", code: "42601", word: "SELEC", hint: /"SELECT"/ },
  { sql: "CREATE STREMING JOB j AS SELECT k FROM ev", code: "42601", word: "STREMING", hint: /"STREAMING"/ },
  { sql: "SELECT kx FROM done", code: "42703", word: "kx", message: /kx/ },
  { sql: "SELECT * FROM dome", code: "42P01", word: "dome", hint: /"done"/ },
  { sql: "SELECT cuont(*) FROM done", code: "42883", word: "cuont", hint: /"count"/ },
  { sql: "CREATE STREAMING JOB j AS SELECT kk FROM ev", code: "42703", word: "kk" },
  { sql: "CREATE STREAMING JOB j AS SELECT k FROM evv", code: "42P01", word: "evv", hint: /"ev"/ },
  { sql: "CREATE STREAMING JOB j AS SELECT uper(k) AS u FROM ev", code: "42883", word: "uper", hint: /"upper"/ },
  {
    sql: "CREATE STREAMING JOB j AS SELECT count(*) FROM TUMBEL(ev, ts, INTERVAL '1 day') GROUP BY window_start, window_end",
    code: "42883",
    word: "TUMBEL",
    hint: /"tumble"/,
  },
  { sql: "CREATE STREAMING JOB j WITH (paralelism = 2) AS SELECT k FROM ev", code: "22023", hint: /"parallelism"/ },
  { sql: "CREATE STREAMING JOB j WITH (parallelism = 0) AS SELECT k FROM ev", code: "22023", message: /from 1 to/ },
  { sql: "CREATE STREAMING JOB j WITH (checkpoint_interval = 'soon') AS SELECT k FROM ev", code: "22023", message: /duration/ },
  { sql: "CREATE SOURCE s (a BIGNT) WITH (connector = 'datagen')", code: "42704", word: "BIGNT", hint: /"bigint"/ },
  { sql: "CREATE SOURCE s (a BIGINT) WITH (connector = 'datgen')", code: "22023", word: "'datgen'", hint: /"datagen"/ },
  {
    sql: "CREATE SOURCE s (a BIGINT) WITH (connector = 'filesystem', path = 'x', format = 'jsn')",
    code: "22023",
    word: "'jsn'",
    hint: /json/,
  },
  { sql: "CREATE SOURCE s (a BIGINT) WITH (connector = 'datagen', rwos = 3)", code: "22023", hint: /rows/ },
  { sql: source("s", "path = 'x', format = 'json', bad_rows = 'ignore'"), code: "22023", message: /fail, skip or table/ },
];

/** Questions that are well written and cannot be answered. */
const refused: readonly Case[] = [
  {
    sql: "CREATE STREAMING JOB j AS SELECT count(*) FROM TUMBLE(ev, v, INTERVAL '1 day') GROUP BY window_start, window_end",
    code: "42883",
    message: /^TUMBLE needs a time column .* not BIGINT$/,
  },
  {
    sql: "CREATE STREAMING JOB j AS SELECT count(*) FROM HOP(ev, ts, INTERVAL '3' SECOND, INTERVAL '10' SECOND) GROUP BY window_start, window_end",
    code: "22023",
    message: /multiple/,
  },
  { sql: "CREATE STREAMING JOB j AS SELECT v + k AS x FROM ev", code: "42883", word: "+", hint: /type casts/ },
  { sql: "CREATE STREAMING JOB j AS SELECT k, k FROM ev", code: "42701" },
  { sql: "CREATE STREAMING JOB done AS SELECT k FROM ev", code: "42P07", word: "done" },
  { sql: "SELECT * FROM ev", code: "0A000", word: "ev", hint: /CREATE STREAMING JOB/ },
  { sql: "ALTER STREAMING JOB nope PAUSE", code: "42P01", word: "nope" },
  { sql: "CANCEL STREAMING JOB nope", code: "42P01", word: "nope" },
  { sql: "CHECKPOINT STREAMING JOB nope", code: "42P01", word: "nope" },
  { sql: "DROP STREAMING JOB nope", code: "42P01", word: "nope" },
  { sql: "DROP TABLE done", code: "42809", word: "done", message: /is a streaming job/ },
  { sql: `SELECT ${"(".repeat(1_000)}1${")".repeat(1_000)}`, code: "54001", message: /too complex/ },
  { sql: `SELECT '${"x".repeat(20_000_000)}'`, code: "54000" },
];

const matching = (pattern: RegExp | undefined, found: string | undefined): unknown =>
  pattern === undefined ? found : expect.stringMatching(pattern);

describe("bad input", () => {
  const f = fixture();
  let json = "";

  beforeAll(async () => {
    json = f.file("bad.jsonl", rows);
    await f.rows(source("ev", `path = '${f.file("ev.jsonl", [rows[0] ?? ""])}', format = 'json'`));
    await f.finish("done", "SELECT k, v FROM ev");
  });

  it.each([...slips, ...refused].map((c) => ({ ...c, title: c.sql.slice(0, 90) })))(
    "$title",
    async ({ sql, code, word, message, hint }) => {
      const found = await f.refusal(sql);
      expect(found).toEqual({
        code,
        word: word ?? found.word,
        message: matching(message, found.message),
        hint: matching(hint, found.hint),
      });
      expect(await f.cells("SELECT k, v FROM done")).toEqual([["a", "1"]]);
    },
  );

  it("a bad row fails the job at its file and line, by default", async () => {
    await f.rows(source("failing", `path = '${json}', format = 'json'`));
    expect(await f.run("failed", "SELECT k, v, ts FROM failing")).toBe(
      `FAILED: source "failing" met a bad row at ${json}:2: column "v": "zwei" is no BIGINT`,
    );
    const csv = f.file("bad.csv", ["k,v,ts", "a,1,2024-01-01", "b,zwei,2024-01-01"]);
    await f.rows(source("failing_csv", `path = '${csv}', format = 'csv'`));
    expect(await f.run("failed_csv", "SELECT k, v, ts FROM failing_csv")).toMatch(
      `FAILED: source "failing_csv" met a bad row at ${csv}:3: column "v"`,
    );
  });

  it("a NULL event time fails the job, by default", async () => {
    await f.rows(source("timeless", `path = '${f.file("null.jsonl", [rows[2] ?? ""])}', format = 'json'`));
    expect(await f.run("timeless_job", "SELECT k, ts FROM timeless")).toMatch(
      /^FAILED: source "timeless" met a bad row at .*null.jsonl:1: event time "ts" is NULL/,
    );
  });

  it("bad rows are skipped and counted", async () => {
    await f.rows(source("skipping", `path = '${json}', format = 'json', bad_rows = 'skip'`));
    expect(await f.run("skipped", "SELECT k, v, ts FROM skipping")).toBe("FINISHED");
    expect(await f.cells("SELECT k FROM skipped ORDER BY k")).toEqual([["a"], ["e"]]);
    const counter = "SELECT sum(value) FROM millrace.metrics WHERE job = 'skipped' AND metric = 'numBadRecords'";
    expect(await f.cells(counter)).toEqual([["3"]]);
  });

  it("bad rows are kept in a table, as they were read", async () => {
    await f.rows(source("keeping", `path = '${json}', format = 'json', bad_rows = 'table:bad'`));
    expect(await f.run("kept", "SELECT k, v, ts FROM keeping")).toBe("FINISHED");
    expect(await f.cells("SELECT k FROM kept ORDER BY k")).toEqual([["a"], ["e"]]);
    expect(await f.cells("SELECT source, line, raw FROM bad ORDER BY raw")).toEqual(
      [
        ["keeping", "3", rows[2]],
        ["keeping", "2", rows[1]],
        ["keeping", "4", rows[3]],
      ].toSorted((a, b) => String(a[2]).localeCompare(String(b[2]))),
    );
    expect(await f.cells("SELECT file, reason FROM bad WHERE line = 3")).toEqual([[json, 'event time "ts" is NULL']]);
  });

  it("metadata columns show where a row was read", async () => {
    const metadata = "name TEXT METADATA FROM 'file.name', line BIGINT METADATA FROM 'row.number'";
    await f.rows(
      `CREATE SOURCE placed (${metadata}, k TEXT, v BIGINT) WITH (connector = 'filesystem', path = '${json}', format = 'json', bad_rows = 'skip')`,
    );
    expect(await f.run("places", "SELECT name, line FROM placed WHERE k IS NOT NULL AND v > 0")).toBe("FINISHED");
    const cells = await f.cells("SELECT name, line FROM places ORDER BY line");
    expect(cells.length).toBeGreaterThan(0);
    for (const [name, line] of cells) expect([json.endsWith(`/${name}`), rows[Number(line) - 1] !== undefined]).toEqual([true, true]);
    const wrong = (column: string): string =>
      `CREATE SOURCE wrong (k TEXT, ${column}) WITH (connector = 'filesystem', path = '${json}', format = 'json')`;
    expect(await f.refusal(wrong("p TEXT METADATA FROM 'file.pth'"))).toMatchObject({
      code: "42703",
      hint: /^Perhaps you meant "file.path"; it has file.path, /,
      word: "p",
    });
    expect(await f.refusal(wrong("p BIGINT METADATA FROM 'file.path'"))).toMatchObject({ code: "42804", word: "p" });
  });

  it("an overflow and a bad cast fail the job with their SQLSTATE", async () => {
    await f.rows(source("big", `path = '${f.file("big.jsonl", [rows[4] ?? ""])}', format = 'json'`));
    expect(await f.run("over", "SELECT v + 1 AS w FROM big")).toMatch(/^FAILED: .*overflow/);
    expect(await f.run("wrong", "SELECT CAST(k AS INTEGER) AS w FROM big")).toMatch(/^FAILED: invalid input syntax for type INTEGER/);
    const states = "SELECT job, sqlstate FROM millrace.exceptions WHERE job IN ('over', 'wrong') ORDER BY job";
    expect(await f.cells(states)).toEqual([
      ["over", "22003"],
      ["wrong", "22P02"],
    ]);
  });

  it("a missing file makes the job wait or fail, and the job goes on once it is there", async () => {
    const path = `${f.directory}/later.jsonl`;
    await f.rows(source("later", `path = '${path}', format = 'json'`));
    expect(await f.run("at_once", "SELECT k FROM later", "WITH (restart_strategy = 'none')")).toMatch(
      /^FAILED: cannot open .*later.jsonl.*no such file/,
    );
    await f.rows("CREATE STREAMING JOB waiting WITH (restart_delay = '200ms') AS SELECT k FROM later");
    const state = (): Promise<readonly (readonly (string | null)[])[]> =>
      f.cells("SELECT state, error FROM millrace.jobs WHERE name = 'waiting'");
    await eventually("the job restarts", async () => (await state())[0]?.[0] === "RESTARTING");
    expect((await state())[0]?.[1]).toMatch(/cannot open .*later.jsonl.*no such file/);
    f.file("later.jsonl", [rows[0] ?? ""]);
    await eventually("the job finishes", async () => (await state())[0]?.[0] === "FINISHED");
    expect(await f.cells("SELECT k FROM waiting")).toEqual([["a"]]);
  });

  it("a sink whose directory cannot be made fails the job, and its slot goes on with others", async () => {
    const under = f.file("no-directory", [""]);
    for (const [name, path] of [
      ["under_a_file", `${under}/out`],
      ["under_proc", "/proc/nope/out"],
    ] as const) {
      await f.rows(`CREATE SINK ${name} (k TEXT) WITH (connector = 'filesystem', path = '${path}', format = 'json')`);
      const ended = await f.run(`to_${name}`, `INSERT INTO ${name} SELECT k FROM ev`, "WITH (restart_strategy = 'none')");
      expect(ended).toMatch(/^FAILED: cannot /);
    }
    expect(await f.run("after", "SELECT k FROM ev", "WITH (parallelism = 2)")).toBe("FINISHED");
  });

  it("files that are not what they should be are named", async () => {
    const failed = async (name: string, format: string, lines: readonly string[]): Promise<string> => {
      await f.rows(source(name, `path = '${f.file(`${name}.txt`, lines)}', format = '${format}'`));
      return f.run(`${name}_job`, `SELECT k FROM ${name}`, "WITH (restart_strategy = 'none')");
    };
    expect(await failed("other_header", "csv", ["k;v;ts", "a;1;2024-01-01"])).toMatch(
      /^FAILED: .*other_header.txt" has no column "k"; its header has k;v;ts/,
    );
    expect(await failed("no_parquet", "parquet", ["k,v,ts"])).toMatch(/^FAILED: .*no_parquet.txt" is not a Parquet file/);
    expect(await failed("empty", "json", [])).toBe("FINISHED");
    expect(await f.cells("SELECT * FROM empty_job")).toEqual([]);
  });

  it("DROP refuses what others need, and CASCADE takes them along", async () => {
    await f.rows(source("base", `path = '${json}', format = 'json', bad_rows = 'skip'`));
    await f.rows("CREATE VIEW above AS SELECT k FROM base");
    expect(await f.run("top", "SELECT k FROM above")).toBe("FINISHED");
    for (const sql of ["DROP SOURCE base", "DROP SOURCE base RESTRICT", "DROP VIEW above"]) {
      expect(await f.refusal(sql)).toMatchObject({ code: "2BP01", hint: expect.stringContaining("CASCADE") as string });
    }
    await f.rows("DROP SOURCE base CASCADE");
    expect(await f.cells("SELECT name FROM millrace.jobs WHERE name = 'top'")).toEqual([]);
    expect((await f.refusal("SELECT * FROM top")).code).toBe("42P01");
    expect((await f.refusal("SELECT * FROM above")).code).toBe("42P01");
    await f.rows("DROP SOURCE IF EXISTS base");
  });
});
