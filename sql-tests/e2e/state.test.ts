import { execFile } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { eventually, fixture } from "./fixture.ts";

const cli = async (words: readonly string[]): Promise<string> => {
  const main = join(import.meta.dirname, "../../dist/server/main.js");
  return (await promisify(execFile)(process.execPath, [main, ...words])).stdout;
};

describe("the state of jobs", () => {
  const f = fixture();
  let uid = "";

  const write = (name: string, from: number, to: number): string =>
    f.file(
      `in/${name}.jsonl`,
      Array.from({ length: to - from }, (_, i) => JSON.stringify({ k: `k${(from + i) % 3}`, v: from + i })),
    );

  const shows = (n: number): Promise<void> =>
    eventually(`j comes to ${n}`, async () => (await f.cells("SELECT coalesce(sum(n), 0) FROM j"))[0]?.[0] === String(n), 40_000);

  beforeAll(async () => {
    mkdirSync(join(f.directory, "in"));
    write("a", 0, 30);
    await f.rows(
      `CREATE SOURCE ev (k TEXT, v BIGINT) WITH (connector = 'filesystem', path = '${join(f.directory, "in")}', format = 'json', watch = true, watch_interval = '50ms')`,
    );
    await f.rows(
      "CREATE STREAMING JOB j WITH (parallelism = 2, checkpoint_interval = '1h', retained_checkpoints = 3) AS SELECT k, count(*) AS n, sum(v) AS total FROM ev GROUP BY k",
    );
    await shows(30);
  });

  it("SHOW STATE FOR and millrace.operators tell the uids, with rows, bytes and columns", async () => {
    const shown = await f.rows("SHOW STATE FOR j");
    expect(shown.map((row) => [row["operator"], row["state_table"], Number(row["rows"])])).toEqual([
      ["Source ev", "splits", 1],
      ["GroupAggregate", "groups", 3],
    ]);
    uid = String(shown[1]?.["uid"]);
    expect(shown[1]).toMatchObject({ key: "k varchar", columns: "count_star bigint, sum_v hugeint, sum_v_count bigint, rows bigint" });
    expect(Number(shown[1]?.["bytes"])).toBeGreaterThan(3 * 30);
    expect(await f.cells("SELECT count(*) FROM millrace.operators WHERE job = 'j'")).toEqual([["2"]]);
  });

  it("millrace.state has an operator's rows, typed, in any SELECT", async () => {
    expect(await f.cells(`SELECT k, count_star, sum_v, typeof(count_star) FROM millrace.state('j', '${uid}') ORDER BY k`)).toEqual([
      ["k0", "10", "135", "BIGINT"],
      ["k1", "10", "145", "BIGINT"],
      ["k2", "10", "155", "BIGINT"],
    ]);
    const joined = `SELECT j.k FROM j JOIN millrace.state('j', '${uid}/groups') s ON s.k = j.k AND s.sum_v = j.total WHERE j.n <> 0`;
    expect(await f.cells(`WITH x AS (${joined}) SELECT count(*) FROM x`)).toEqual([["3"]]);
  });

  it("of an older checkpoint, and the difference of two", async () => {
    const [[before]] = (await f.cells("CHECKPOINT STREAMING JOB j")) as [[string]];
    write("b", 30, 31);
    await eventually("the row is counted", async () => {
      await f.rows("CHECKPOINT STREAMING JOB j");
      return (await f.cells("SELECT sum(n) FROM j"))[0]?.[0] === "31";
    });
    const at = (checkpoint: string): string => `SELECT k, count_star FROM millrace.state('j', '${uid}'${checkpoint})`;
    expect(await f.cells(`${at(`, ${before}`)} EXCEPT ${at("")}`)).toEqual([["k0", "10"]]);
    expect(await f.cells(`${at("")} EXCEPT ${at(`, ${before}`)}`)).toEqual([["k0", "11"]]);
    expect(await f.refusal(at(", 999"))).toMatchObject({ code: "22023", word: "999" });
  });

  it("of a savepoint by its name", async () => {
    await f.rows("CREATE SAVEPOINT sp FOR STREAMING JOB j");
    write("c", 31, 32);
    await eventually("the row is counted", async () => {
      await f.rows("CHECKPOINT STREAMING JOB j");
      return (await f.cells("SELECT sum(n) FROM j"))[0]?.[0] === "32";
    });
    const difference = `SELECT * FROM millrace.state('j', '${uid}') EXCEPT SELECT * FROM millrace.state('sp', '${uid}')`;
    expect((await f.rows(difference)).map((row) => [row["k"], Number(row["count_star"])])).toEqual([["k1", 11]]);
  });

  it("`millrace state` lists operators, of a job and of a savepoint, and prints the rows of one", async () => {
    const url = ["--url", f.server().httpUrl];
    expect(await cli(["state", "j", ...url])).toContain("GroupAggregate");
    expect(await cli(["state", "sp", ...url])).toContain(uid);
    const [first] = (await cli(["state", "j", uid, "--limit", "1", "--json", ...url])).split("\n");
    expect(JSON.parse(first ?? "")).toMatchObject({ k: expect.stringMatching(/^k\d$/), count_star: expect.anything() });
  });

  it("mistakes are told at their place", async () => {
    expect(await f.refusal("SELECT * FROM millrace.state('jj', 'x')")).toMatchObject({ code: "42704", word: "'jj'" });
    expect(await f.refusal("SELECT * FROM millrace.state('j', 'groupAggregate')")).toMatchObject({
      code: "42704",
      word: "'groupAggregate'",
    });
    expect(await f.refusal("SELECT * FROM millrace.state('j')")).toMatchObject({ code: "42601" });
    expect(await f.refusal(`SELECT nothing FROM millrace.state('j', '${uid}')`)).toMatchObject({ code: "42703", word: "nothing" });
    expect(await f.refusal(`CREATE VIEW v AS SELECT * FROM millrace.state('j', '${uid}')`)).toMatchObject({ code: "42501" });
  });

  it("RENAME takes the job's savepoints along", async () => {
    await f.rows("ALTER STREAMING JOB j RENAME TO renamed");
    expect(await f.cells("SELECT job FROM millrace.savepoints")).toEqual([["renamed"]]);
    await f.rows("ALTER STREAMING JOB renamed RENAME TO j");
  });

  it("STOP … WITH DRAIN fires what is open, takes a last checkpoint and finishes", async () => {
    // Which subtask reads which file hangs on the directory's name: one without a file must hold no watermark back.
    await f.rows(
      `CREATE SOURCE timed (k TEXT, v BIGINT, ts AS make_timestamp(v * 1000000), WATERMARK FOR ts AS ts) WITH (connector = 'filesystem', path = '${join(f.directory, "in")}', format = 'json', watch = true, watch_interval = '50ms', idle_timeout = '1s')`,
    );
    const query = "SELECT window_end, count(*) AS n FROM TUMBLE(timed, ts, INTERVAL '20' SECOND) GROUP BY window_start, window_end";
    await f.rows(`CREATE STREAMING JOB w WITH (parallelism = 2, checkpoint_interval = '100ms') AS ${query}`);
    await eventually("the first window shows", async () => (await f.cells("SELECT count(*) FROM w"))[0]?.[0] === "1", 30_000);
    await f.rows("STOP STREAMING JOB w WITH DRAIN");
    expect(await f.cells("SELECT state FROM millrace.jobs WHERE name = 'w'")).toEqual([["FINISHED"]]);
    expect(await f.cells("SELECT sum(n), count(*) FROM w")).toEqual([["32", "2"]]);
    await f.server().kill();
    await f.restart();
    expect(await f.cells("SELECT state FROM millrace.jobs WHERE name = 'w'")).toEqual([["FINISHED"]]);
    expect(await f.refusal("STOP STREAMING JOB w WITH DRAIN")).toMatchObject({ code: "55000" });
  });
});
