import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { jobEnded } from "../runner/server.ts";
import { eventually, fixture } from "./fixture.ts";

/** One row every 5 s from 00:00:00; k alternates between a and b, v counts from 1. */
const lines = Array.from({ length: 24 }, (_, i) =>
  JSON.stringify({ k: i % 2 === 0 ? "a" : "b", v: i + 1, ts: new Date(i * 5_000).toISOString().slice(0, 19) }),
);
const end = "strftime(window_end, '%M:%S') AS e";

const visibleFiles = (directory: string): readonly string[] =>
  existsSync(directory) ? readdirSync(directory).filter((name) => !name.startsWith(".")) : [];

describe("queries as jobs", () => {
  const f = fixture();
  const result = async (name: string, query: string, options = ""): Promise<readonly string[]> => {
    expect(await f.run(name, query, options)).toBe("FINISHED");
    return (await f.cells(`SELECT * FROM ${name}`)).map((row) => row.join(" ")).toSorted((a, b) => a.localeCompare(b));
  };

  beforeAll(async () => {
    await f.rows(`CREATE SOURCE ev (k TEXT, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)
      WITH (connector = 'filesystem', path = '${f.file("ev.jsonl", lines)}', format = 'json')`);
    await f.rows(`CREATE VIEW halves AS SELECT k, window_start, window_end, window_time, count(*) AS n, sum(v) AS v
      FROM TUMBLE(ev, ts, INTERVAL '30 seconds') GROUP BY k, window_start, window_end, window_time`);
  });

  it("HOP counts a row in each window that holds it", async () => {
    const query = `SELECT ${end}, count(*) AS n FROM HOP(ev, ts, INTERVAL '30 seconds', INTERVAL '1 minute') GROUP BY window_start, window_end`;
    expect(await result("hop", query)).toEqual(["00:30 6", "01:00 12", "01:30 12", "02:00 12", "02:30 6"]);
  });

  it("CUMULATE grows to its full size", async () => {
    const query = `SELECT ${end}, count(*) AS n, sum(v) AS v FROM CUMULATE(ev, ts, INTERVAL '20 seconds', INTERVAL '1 minute') GROUP BY window_start, window_end`;
    expect(await result("cumulate", query)).toEqual([
      "00:20 4 10",
      "00:40 8 36",
      "01:00 12 78",
      "01:20 4 58",
      "01:40 8 132",
      "02:00 12 222",
    ]);
  });

  it("SESSION without a key joins what a key keeps apart", async () => {
    const all = `SELECT ${end}, count(*) AS n FROM SESSION(ev, ts, INTERVAL '5 seconds') GROUP BY window_start, window_end`;
    expect(await result("session_all", all)).toEqual(["02:00 24"]);
    const keyed = `SELECT k, count(*) AS n FROM SESSION(ev PARTITION BY k, ts, INTERVAL '9 seconds') GROUP BY k, window_start, window_end`;
    expect(await result("session_keyed", keyed, "WITH (parallelism = 2)")).toEqual(
      Array.from({ length: 24 }, (_, i) => (i < 12 ? "a 1" : "b 1")),
    );
  });

  it("a window aggregate over the windows of another, of a view", async () => {
    const query = `SELECT ${end}, max(n) AS n, sum(v) AS v, count(*) AS ks FROM halves GROUP BY window_start, window_end`;
    expect(await result("attached", query)).toEqual(["00:30 3 21 2", "01:00 3 57 2", "01:30 3 93 2", "02:00 3 129 2"]);
  });

  it("a wider window over window_time of a narrower one", async () => {
    const query = `SELECT ${end}, k, sum(n) AS n, sum(v) AS v FROM TUMBLE(halves, window_time, INTERVAL '1 minute') GROUP BY k, window_start, window_end`;
    expect(await result("wider", query, "WITH (parallelism = 2)")).toEqual([
      "01:00 a 6 36",
      "01:00 b 6 42",
      "02:00 a 6 108",
      "02:00 b 6 114",
    ]);
  });

  it("UNION ALL, SELECT DISTINCT, and a count of everything", async () => {
    const union = "SELECT k, v FROM ev WHERE v <= 2 UNION ALL SELECT upper(k), v * 10 FROM ev WHERE v <= 2";
    expect(await result("united", union)).toEqual(["a 1", "A 10", "b 2", "B 20"]);
    expect(await result("keys", "SELECT DISTINCT k FROM ev", "WITH (parallelism = 2)")).toEqual(["a", "b"]);
    expect(await result("counted", "SELECT count(*) AS n, sum(v) AS v FROM ev")).toEqual(["24 300"]);
    expect(await result("none", "SELECT count(*) AS n, sum(v) AS v FROM ev WHERE v > 99")).toEqual(["0 "]);
  });

  it("an unbounded GROUP BY keeps one row per key up to date while rows come", async () => {
    await f.rows("CREATE SOURCE ticks (id BIGINT) WITH (connector = 'datagen', rows_per_second = 500, 'fields.id.kind' = 'sequence')");
    await f.rows(
      "CREATE STREAMING JOB totals WITH (checkpoint_interval = '100ms') AS SELECT id % 4 AS g, count(*) AS n FROM ticks GROUP BY 1",
    );
    const seen = async (): Promise<readonly number[]> =>
      (await f.cells("SELECT count(*) AS r, count(DISTINCT g) AS g, coalesce(sum(n), 0) AS n FROM totals"))[0]?.map(Number) ?? [];
    let before = 0;
    for (let look = 0; look < 3; look++) {
      await eventually("the total grows", async () => ((await seen())[2] ?? 0) > before);
      const [rows = 0, groups = 0, total = 0] = await seen();
      expect([rows, groups]).toEqual([4, 4]);
      before = total;
    }
    await f.rows("DROP STREAMING JOB totals");
  });

  it("INSERT INTO files: only whole files of completed checkpoints are seen, and they hold each row once", async () => {
    const out = join(f.directory, "out");
    await f.rows(
      "CREATE SOURCE numbers (id BIGINT) WITH (connector = 'datagen', rows = 3000, rows_per_second = 3000, 'fields.id.kind' = 'sequence')",
    );
    await f.rows(`CREATE SINK files (id BIGINT, twice BIGINT) WITH (connector = 'filesystem', path = '${out}', format = 'json')`);
    await f.rows("CREATE STREAMING JOB export WITH (checkpoint_interval = '200ms') AS INSERT INTO files SELECT id, id * 2 FROM numbers");
    const visible = (): readonly string[] => visibleFiles(out);
    const read = (): readonly { readonly id: number; readonly twice: number }[] =>
      visible().flatMap((name) =>
        readFileSync(join(out, name), "utf8")
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => JSON.parse(line) as { readonly id: number; readonly twice: number }),
      );
    await eventually("a first file appears", async () => visible().length > 0);
    // What is visible before the end is whole: every line parses, and no id comes twice.
    expect(new Set(read().map(({ id }) => id)).size).toBe(read().length);
    expect(await jobEnded(f.server(), "export")).toBe("FINISHED");
    await eventually("the last file appears", async () => read().length === 3000);
    expect(visible().length).toBeGreaterThan(1);
    expect(new Set(read().map(({ id }) => id)).size).toBe(3000);
    expect(read().every(({ id, twice }) => twice === id * 2)).toBe(true);
    expect(readdirSync(out).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("BEGIN … END over HTTP is one job with several sinks, read back through sources", async () => {
    const [a, b] = [join(f.directory, "a"), join(f.directory, "b")];
    await f.rows(`CREATE SINK a (k TEXT, v BIGINT) WITH (connector = 'filesystem', path = '${a}', format = 'csv')`);
    await f.rows(`CREATE SINK b (n BIGINT, e TIMESTAMP) WITH (connector = 'filesystem', path = '${b}', format = 'parquet')`);
    const sql = `CREATE STREAMING JOB pair AS BEGIN
        INSERT INTO a (v, k) SELECT v, k FROM ev WHERE v > 22;
        INSERT INTO b SELECT count(*), window_end FROM TUMBLE(ev, ts, INTERVAL '1 minute') GROUP BY window_start, window_end;
      END; SHOW JOBS`;
    const response = await fetch(`${f.server().httpUrl}/v1/query`, { method: "POST", body: JSON.stringify({ sql }) });
    expect(response.status).toBe(200);
    expect(await jobEnded(f.server(), "pair")).toBe("FINISHED");
    await eventually("both directories have files", async () => [a, b].every((d) => visibleFiles(d).length > 0));
    await f.rows(`CREATE SOURCE a_back (k TEXT, v BIGINT) WITH (connector = 'filesystem', path = '${a}', format = 'csv')`);
    await f.rows(`CREATE SOURCE b_back (n BIGINT, e TIMESTAMP) WITH (connector = 'filesystem', path = '${b}', format = 'parquet')`);
    expect(await result("a_read", "SELECT k, v FROM a_back")).toEqual(["a 23", "b 24"]);
    expect(await result("b_read", "SELECT n, strftime(e, '%M:%S') AS e FROM b_back")).toEqual(["12 01:00", "12 02:00"]);
  });
});
