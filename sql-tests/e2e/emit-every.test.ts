import { describe, expect, it } from "vitest";
import { eventually, fixture } from "./fixture.ts";

describe("EMIT EVERY without windows", () => {
  const f = fixture();

  it("shows changes so often, and all of them after a restart at another parallelism", async () => {
    await f.rows("CREATE TABLE t (k INT PRIMARY KEY, g INT)");
    await f.rows(
      "CREATE MATERIALIZED VIEW quick WITH (parallelism = 2) AS SELECT g, count(*) AS n FROM t GROUP BY g EMIT EVERY INTERVAL '300' MILLISECONDS",
    );
    await f.rows(
      "CREATE MATERIALIZED VIEW slow WITH (parallelism = 2) AS SELECT g, count(*) AS n FROM t GROUP BY g EMIT EVERY INTERVAL '4' SECONDS",
    );
    await f.rows("INSERT INTO t SELECT i, i % 3 FROM range(30) r(i)");
    await f.rows("DELETE FROM t WHERE k < 6");
    const holds = (view: string): Promise<void> =>
      eventually(`${view} equals the batch`, async () => {
        const of = (from: string): ReturnType<typeof f.cells> => f.cells(`SELECT g, n FROM ${from} ORDER BY g`);
        return JSON.stringify(await of(view)) === JSON.stringify(await of("(SELECT g, count(*) AS n FROM t GROUP BY g)"));
      });
    await f.rows("FLUSH");
    await f.rows("ALTER MATERIALIZED VIEW slow SET (parallelism = 1)");
    await holds("quick");
    await f.restart();
    await holds("slow");
    await f.rows("UPDATE t SET g = 2 WHERE g = 1");
    await holds("quick");
    await holds("slow");
    expect(await f.cells("SELECT count(*) FROM slow")).toEqual([["2"]]);
  });

  it("hands on the rest when the input ends", async () => {
    await f.rows("CREATE SOURCE s (id BIGINT) WITH (connector = 'datagen', rows = 500, fields.id.kind = 'sequence')");
    await f.finish("ended", "SELECT id % 2 AS g, count(*) AS n FROM s GROUP BY id % 2 EMIT EVERY INTERVAL '1' HOUR");
    expect(await f.cells("SELECT n FROM ended ORDER BY g")).toEqual([["250"], ["250"]]);
    await f.finish("rows", "SELECT id FROM s WHERE id < 10 EMIT EVERY INTERVAL '1' HOUR");
    expect(await f.cells("SELECT count(DISTINCT id) FROM rows")).toEqual([["10"]]);
  });
});
