import { describe, expect, it } from "vitest";
import { eventually, fixture } from "./fixture.ts";

const query = `SELECT g, list(v ORDER BY v DESC) AS l, string_agg(s, ',' ORDER BY v, s) AS a, median(k) AS m, quantile_cont(d, 0.5) AS q, count(DISTINCT d) AS n,
  histogram(l) AS h, sum(DISTINCT v) AS t FROM t GROUP BY g`;

describe("the values that groups keep", () => {
  const f = fixture();
  const rowsOf = (from: string): Promise<readonly (readonly (string | null)[])[]> =>
    f.cells(`SELECT g, l::TEXT AS l, a, m, q, n, map_entries(h).list_sort()::TEXT AS h, t FROM ${from} ORDER BY g NULLS LAST`);
  const maintained = async (): ReturnType<typeof rowsOf> => {
    await f.rows("FLUSH");
    return rowsOf("m");
  };
  const batch = (): ReturnType<typeof rowsOf> => rowsOf(`(${query})`);
  const rescale = async (parallelism: number): Promise<void> => {
    await f.rows(`ALTER MATERIALIZED VIEW m SET (parallelism = ${parallelism})`);
    await eventually("it runs", async () => (await f.cells("SHOW JOBS"))[0]?.[1] === "RUNNING");
  };

  it("are rows of their own in checkpoints, and come back at another parallelism and after a crash", async () => {
    await f.rows("CREATE TABLE t (k INT PRIMARY KEY, g TEXT, v INT, s TEXT, d DOUBLE, l INT[])");
    await f.rows(`INSERT INTO t SELECT i, CASE WHEN i % 4 < 3 THEN 'g' || i % 4 END, CASE WHEN i % 7 > 0 THEN i % 5 END, 's' || i % 3,
      CASE i % 6 WHEN 0 THEN NULL WHEN 1 THEN 'NaN'::DOUBLE WHEN 2 THEN -0.0::DOUBLE ELSE i % 6 END, CASE WHEN i % 3 > 0 THEN [i % 2, NULL] END FROM range(200) r(i)`);
    await f.rows(`CREATE MATERIALIZED VIEW m WITH (parallelism = 2) AS ${query}`);
    expect(await maintained()).toEqual(await batch());
    await rescale(1);
    await f.rows("UPDATE t SET v = v + 1, d = 7, l = [9] WHERE k % 9 = 0");
    await f.rows("DELETE FROM t WHERE g = 'g1' OR k % 11 = 0");
    expect(await maintained()).toEqual(await batch());
    await f.restart();
    await f.rows("INSERT INTO t VALUES (1000, 'g1', NULL, NULL, NULL, NULL), (1001, NULL, 3, 's', 0.0, [1, NULL])");
    expect(await maintained()).toEqual(await batch());
    await rescale(2);
    await f.rows("UPDATE t SET d = NULL, s = 'x' WHERE g IS NULL");
    expect(await maintained()).toEqual(await batch());
  });

  it("are written as they change, not with their whole group", async () => {
    await f.rows("CREATE TABLE big (k INT PRIMARY KEY, v INT)");
    await f.rows("INSERT INTO big SELECT i, i FROM range(5000) r(i)");
    await f.rows("CREATE MATERIALIZED VIEW med AS SELECT median(v) AS m, count(DISTINCT v) AS n FROM big");
    await f.rows("FLUSH");
    await f.rows("INSERT INTO big VALUES (9000, 9000)");
    await f.rows("FLUSH");
    expect(await f.cells("SELECT n FROM med")).toEqual([["5001"]]);
    const rows = await f.cells("SELECT state_rows FROM millrace.checkpoints WHERE job = 'med' ORDER BY id DESC LIMIT 1");
    expect(rows.map(([n]) => Number(n)).filter((n) => n > 100)).toEqual([]);
  });
});
