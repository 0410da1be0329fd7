import { existsSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fixture } from "./fixture.ts";

describe("the server's data directory", () => {
  const f = fixture();
  const data = (path: string): string => join(f.directory, "data", path);
  const inside = { code: "42501", message: expect.stringMatching(/lies in the server's data directory/) };
  const source = (path: string): string =>
    `CREATE SOURCE s (line TEXT) WITH (connector = 'filesystem', format = 'json', path = '${path}', watch = true, watch_interval = '20ms')`;
  const sink = (path: string): string => `CREATE SINK k WITH (connector = 'filesystem', format = 'json', path = '${path}')`;

  /** A link that lies elsewhere and leads into the data directory. */
  const link = (name: string, target: string): string => {
    const path = join(f.directory, name);
    symlinkSync(data(target), path);
    return path;
  };

  it("is closed to sources, sinks, savepoints and COPY, at the path's place in the statement", async () => {
    await f.rows("CREATE TABLE t (a BIGINT)");
    await f.rows("CREATE STREAMING JOB j AS SELECT count(*) AS n FROM t");
    for (const path of [data("store.duckdb"), data("scratch/new/x"), link("there", "store.duckdb"), link("not-there", "scratch/none")]) {
      const word = `'${path}'`;
      expect(await f.refusal(source(path))).toMatchObject({ ...inside, word });
      expect(await f.refusal(sink(path))).toMatchObject({ ...inside, word });
      expect(await f.refusal(`COPY t TO '${path}'`)).toMatchObject({ ...inside, word });
      expect(await f.refusal(`CREATE SAVEPOINT p FOR STREAMING JOB j TO '${path}'`)).toMatchObject({ ...inside, word });
      expect(await f.refusal(`STOP STREAMING JOB j WITH SAVEPOINT p TO '${path}'`)).toMatchObject({ ...inside, word });
      expect(await f.refusal(`CREATE STREAMING JOB y WITH (from_savepoint = '${path}') AS SELECT a FROM t`)).toMatchObject({
        ...inside,
        word,
      });
    }
    expect(await f.refusal(`COPY t FROM '${data("store.duckdb")}'`)).toMatchObject(inside);
    expect(await f.refusal(source(data("**/*.json")))).toMatchObject(inside);
    expect(await f.cells("SELECT state FROM millrace.jobs WHERE name = 'j'")).toEqual([["RUNNING"]]);
    expect(readdirSync(data("scratch"))).toEqual([]);
  });

  it("is closed to what a path leads to later", async () => {
    await f.rows(source(join(f.directory, "files/*")).replace("SOURCE s", "SOURCE later"));
    await f.rows(sink(join(f.directory, "out")).replace("SINK k", "SINK later_out"));
    symlinkSync(data("."), join(f.directory, "files"));
    expect(await f.run("reads", "SELECT line FROM later")).toMatch(/^FAILED.*lies in the server's data directory/s);
    symlinkSync(data("scratch"), join(f.directory, "out"));
    await f.rows("CREATE STREAMING JOB writes AS INSERT INTO later_out SELECT a FROM t");
    await f.rows("INSERT INTO t VALUES (1)");
    await expect
      .poll(() => f.cells("SELECT state, error FROM millrace.jobs WHERE name = 'writes'"), { timeout: 10_000 })
      .toEqual([["FAILED", expect.stringMatching(/lies in the server's data directory/)]]);
  });

  it("has a place for savepoints, which may be named by path", async () => {
    const path = data("savepoints/by-path.duckdb");
    await f.rows(`CREATE SAVEPOINT named FOR STREAMING JOB j TO '${path}'`);
    expect(existsSync(path)).toBe(true);
    await f.rows("DROP SAVEPOINT named");
  });
});
