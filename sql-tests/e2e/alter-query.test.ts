import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { eventually, fixture } from "./fixture.ts";

describe("ALTER … AS", () => {
  const f = fixture();
  const options = "WITH (parallelism = 2, checkpoint_interval = '100ms')";

  const write = (name: string, from: number, to: number): string =>
    f.file(
      `in/${name}.jsonl`,
      Array.from({ length: to - from }, (_, i) => JSON.stringify({ k: `k${(from + i) % 5}`, v: from + i, price: (from + i) / 4 })),
    );

  /** The job's counts add up to so many rows: all were read, each once. */
  const shows = (job: string, n: number): Promise<void> =>
    eventually(`${job} comes to ${n}`, async () => (await f.cells(`SELECT coalesce(sum(n), 0) FROM ${job}`))[0]?.[0] === String(n), 40_000);

  const dryRun = async (statement: string): Promise<readonly (readonly (string | null)[])[]> =>
    (await f.cells(`${statement} DRY RUN`)).map(([operator, , verdict, rows, reason]) => [
      operator ?? "",
      verdict ?? "",
      rows ?? "",
      reason ?? "",
    ]);

  beforeAll(async () => {
    mkdirSync(join(f.directory, "in"));
    write("a", 0, 100);
    await f.rows(
      `CREATE SOURCE ev (k TEXT, v BIGINT, price DECIMAL(10,2)) WITH (connector = 'filesystem', path = '${join(f.directory, "in")}', format = 'json', watch = true, watch_interval = '50ms')`,
    );
    await f.rows("CREATE TABLE t (id INT PRIMARY KEY, k TEXT, v INT)");
    await f.rows("INSERT INTO t SELECT x, 'k' || x % 3, x FROM range(30) r(x)");
    await f.rows(`CREATE STREAMING JOB totals ${options} AS SELECT k, count(*) AS n, sum(v) AS total FROM ev GROUP BY k`);
    await shows("totals", 100);
  });

  it("DRY RUN says what would become of each operator, and changes nothing", async () => {
    const added = await dryRun("ALTER STREAMING JOB totals AS SELECT k, count(*) AS n, max(v) AS top FROM ev GROUP BY k");
    expect(added).toEqual([
      ["Source ev", "kept", "1", ""],
      ["GroupAggregate", "migrated", "5", expect.stringContaining("added max_v; dropped sum_v, sum_v_count")],
      ["Result totals", "migrated", "5", expect.stringContaining("added top; dropped total")],
    ]);
    const other = await dryRun("ALTER STREAMING JOB totals AS SELECT k, v % 2 AS odd, count(*) AS n FROM ev GROUP BY k, v % 2");
    expect(other.map(([operator, verdict]) => [operator, verdict])).toEqual([
      ["Source ev", "kept"],
      ["GroupAggregate", "rebuilt"],
      ["GroupAggregate", "dropped"],
      ["Result totals", "rebuilt"],
    ]);
    expect(other[1]?.[3]).toMatch(/^refused: /);
    expect((await f.cells("SHOW CREATE STREAMING JOB totals"))[0]?.join()).toContain("sum(v)");
  });

  it("an added aggregate begins with the rows that come, a dropped one goes, and no row is lost or doubled", async () => {
    await f.rows("ALTER STREAMING JOB totals AS SELECT k, count(*) AS n, max(v) AS top FROM ev GROUP BY k");
    expect(await f.cells("SELECT k, n, top FROM totals ORDER BY k LIMIT 1")).toEqual([["k0", "20", null]]);
    write("b", 100, 150);
    await shows("totals", 150);
    expect(await f.cells("SELECT k, n, top FROM totals ORDER BY k LIMIT 1")).toEqual([["k0", "30", "145"]]);
    await f.server().kill();
    await f.restart();
    write("c", 150, 160);
    await shows("totals", 160);
    expect((await f.cells("SHOW CREATE STREAMING JOB totals"))[0]?.join()).toContain("max(v)");
  });

  it("a wider type is converted", async () => {
    await f.rows(`CREATE STREAMING JOB prices ${options} AS SELECT k, max(price) AS top, count(*) AS n FROM ev GROUP BY k`);
    await shows("prices", 160);
    const wider = "SELECT k, max(CAST(price AS DECIMAL(18,2))) AS top, count(*) AS n FROM ev GROUP BY k";
    expect(await f.refusal(`ALTER STREAMING JOB prices AS ${wider.replace("k, max", "k, min")} garbage end`)).toMatchObject({
      code: "42601",
    });
    expect((await dryRun(`ALTER STREAMING JOB prices AS ${wider}`))[1]).toEqual([
      "GroupAggregate",
      "migrated",
      "5",
      "widened max_price DECIMAL(10,2) to DECIMAL(18,2)",
    ]);
    await f.rows(`ALTER STREAMING JOB prices AS ${wider}`);
    expect(await f.cells("SELECT sum(n) FROM prices")).toEqual([["160"]]);
    expect(await f.cells("SELECT max(top), typeof(max(top)) FROM prices")).toEqual([["39.75", "DECIMAL(18,2)"]]);
  });

  it("what does not fit is refused with the operator's name, at the query", async () => {
    const refused = await f.refusal("ALTER STREAMING JOB totals AS SELECT v % 2 AS odd, count(*) AS n FROM ev GROUP BY v % 2");
    expect(refused).toMatchObject({ code: "0A000", message: expect.stringMatching(/GroupAggregate \(groupAggregate-v-2-/) });
    expect(refused.hint).toContain("rebuild");
    expect(await f.refusal("ALTER STREAMING JOB totals AS SELECT nothing FROM ev")).toMatchObject({ code: "42703", word: "nothing" });
    await shows("totals", 160);
  });

  it("a rebuilt job has the answer to the new query over all rows", async () => {
    await f.rows(
      "ALTER STREAMING JOB totals WITH (rebuild = on) AS SELECT v % 2 AS odd, count(*) AS n, sum(v) AS s FROM ev GROUP BY v % 2",
    );
    await shows("totals", 160);
    expect(await f.cells("SELECT odd, n, s FROM totals ORDER BY odd")).toEqual([
      ["0", "80", "6320"],
      ["1", "80", "6400"],
    ]);
  });

  it("if the job does not run with the new query, it runs on as before", async () => {
    const before = await f.cells("SELECT * FROM totals ORDER BY odd");
    const failing =
      "SELECT v % 2 AS odd, count(*) AS n, sum(CASE WHEN v >= 160 THEN CAST('x' || k AS INTEGER) ELSE v END) AS s FROM ev GROUP BY v % 2";
    write("d", 160, 170);
    const refused = await f.refusal(`ALTER STREAMING JOB totals WITH (rebuild = on) AS ${failing}`);
    expect(refused).toMatchObject({ code: "58000", message: expect.stringContaining("runs on as before") });
    await shows("totals", 170);
    expect((await f.cells("SELECT * FROM totals ORDER BY odd")).length).toBe(before.length);
    expect(await f.cells("SELECT sum(s) FROM totals")).toEqual([[String((169 * 170) / 2)]]);
  });

  it("an aggregate over a table that takes rows back cannot begin empty, but can be computed anew", async () => {
    await f.rows(`CREATE MATERIALIZED VIEW m ${options} AS SELECT k, count(*) AS n FROM t GROUP BY k`);
    await shows("m", 30);
    const wanted = "SELECT k, count(*) AS n, sum(v) AS s FROM t GROUP BY k";
    expect(await f.refusal(`ALTER MATERIALIZED VIEW m AS ${wanted}`)).toMatchObject({
      code: "0A000",
      message: expect.stringContaining("sum_v"),
    });
    await f.rows(`ALTER MATERIALIZED VIEW m WITH (rebuild = on) AS ${wanted}`);
    await f.rows("DELETE FROM t WHERE id = 3");
    await shows("m", 29);
    expect(await f.cells("SELECT k, n, s FROM m EXCEPT ALL (SELECT k, count(*), sum(v) FROM t GROUP BY k)")).toEqual([]);
  });
});
