import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { eventually, fixture } from "./fixture.ts";

describe("rescaling", () => {
  const f = fixture();

  const write = (name: string, from: number, to: number): string =>
    f.file(
      `${name}.jsonl`,
      Array.from({ length: to - from }, (_, i) => JSON.stringify({ k: `k${(from + i) % 7}`, v: from + i })),
    );

  const shows = (job: string, n: number, ms_max = 40_000): Promise<void> =>
    eventually(`${job} comes to ${n}`, async () => (await f.cells(`SELECT coalesce(sum(n), 0) FROM ${job}`))[0]?.[0] === String(n), ms_max);

  const widths = async (job: string): Promise<readonly (readonly (string | null)[])[]> =>
    f.cells(`SELECT trigger, from_parallelism, to_parallelism FROM millrace.rescales WHERE job = '${job}'`);

  beforeAll(async () => {
    for (const name of ["ev", "load"]) {
      mkdirSync(join(f.directory, name));
      await f.rows(
        `CREATE SOURCE ${name} (k TEXT, v BIGINT) WITH (connector = 'filesystem', path = '${join(f.directory, name)}', format = 'json', watch = true, watch_interval = '50ms')`,
      );
    }
    write("ev/a", 0, 100);
  });

  it("a running job takes another parallelism, of one operator too, and tells what it cost", async () => {
    await f.rows("CREATE STREAMING JOB j WITH (checkpoint_interval = '100ms') AS SELECT k, count(*) AS n FROM ev GROUP BY k");
    await shows("j", 100);
    await f.rows("ALTER STREAMING JOB j SET (operator_parallelism = 'agg=2')");
    expect(await f.cells("SELECT name LIKE '%Aggregate%', parallelism FROM millrace.vertices WHERE job = 'j' ORDER BY 1")).toEqual([
      ["false", "1"],
      ["true", "2"],
    ]);
    await f.rows("ALTER STREAMING JOB j SET (parallelism = 3)");
    write("ev/b", 100, 150);
    await shows("j", 150);
    expect(await widths("j")).toEqual([
      ["manual", "1", "2"],
      ["manual", "2", "3"],
    ]);
    const [cost] = await f.rows("SELECT last_rescale_ms, (SELECT min(downtime_ms) FROM millrace.rescales) AS least FROM millrace.jobs");
    expect(Number(cost?.["last_rescale_ms"])).toBeGreaterThan(0);
    expect(Number(cost?.["least"])).toBeGreaterThan(0);
    expect(await f.refusal("ALTER STREAMING JOB j SET (operator_parallelism = 'nothing=2')")).toMatchObject({ code: "22023" });
    await f.rows("DROP STREAMING JOB j");
  });

  it("a job with bounds is made wider while its load is high and narrower when it is over, and counts every row once", async () => {
    await f.rows(`CREATE FUNCTION spin(v BIGINT) RETURNS BIGINT LANGUAGE javascript AS $$
      let x = 0; for (let i = 0; i < 20000; i++) x = (x + i) & 7;
      return v + BigInt(x - x);
    $$`);
    await f.rows(
      "CREATE STREAMING JOB s WITH (min_parallelism = 1, max_parallelism = 2, scale_interval = '1s', checkpoint_interval = '200ms') AS SELECT k, count(*) AS n, sum(spin(v)) AS total FROM load GROUP BY k",
    );
    let rows = 0;
    const load = async (): Promise<void> => {
      const [[taken]] = (await f.cells("SELECT coalesce(sum(n), 0) FROM s")) as [[string]];
      if (rows - Number(taken) > 30_000) return;
      write(`load/${rows}`, rows, rows + 10_000);
      rows += 10_000;
    };
    const isWider = async (): Promise<boolean> => {
      await load();
      return (await widths("s")).some(([, from, to]) => from === "1" && to === "2");
    };
    await eventually("it is wider", isWider, 90_000);
    await shows("s", rows, 90_000);
    await eventually(
      "it is narrow again",
      async () => (await f.cells("SELECT parallelism FROM millrace.jobs WHERE name = 's'"))[0]?.[0] === "1",
      60_000,
    );
    expect(new Set((await widths("s")).map(([trigger]) => trigger))).toEqual(new Set(["automatic"]));
    expect(await f.cells("SELECT sum(total) FROM s")).toEqual([[String(((rows - 1) * rows) / 2)]]);
  }, 240_000);
});
