import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { fixture } from "./fixture.ts";

/** The watermark is 5 s behind. At v = 5 it stands at 00:00:10: [0, 10) is closed, so v = 6 and v = 9 are late for TUMBLE(10 s). */
const events = [
  ["a", 1, "1969-12-31 23:59:51"],
  ["a", 2, "1969-12-31 23:59:59.999"],
  ["b", 3, "1970-01-01 00:00:09"],
  ["a", 4, "1970-01-01 00:00:04"],
  ["b", 5, "1970-01-01 00:00:15"],
  ["a", 6, "1970-01-01 00:00:08"],
  ["a", 7, "1970-01-01 00:00:11"],
  ["c", 8, "1970-01-01 00:00:30"],
  ["c", 9, "1969-12-31 23:59:00"],
] as const;

const grouped = "strftime(window_start, '%H:%M:%S.%g') AS s, strftime(window_end, '%H:%M:%S.%g') AS e, count(*) AS n, sum(v) AS v";
const by = "GROUP BY k, window_start, window_end";
const sorted = (rows: readonly (readonly (string | null)[])[]): readonly string[] =>
  rows.map((row) => row.join(" ")).toSorted((a, b) => a.localeCompare(b));

const onTime = [
  ["b", "00:00:00.000", "00:00:10.000", "1", "3"],
  ["a", "23:59:50.000", "00:00:00.000", "2", "3"],
  ["a", "00:00:00.000", "00:00:10.000", "1", "4"],
  ["b", "00:00:10.000", "00:00:20.000", "1", "5"],
  ["a", "00:00:10.000", "00:00:20.000", "1", "7"],
  ["c", "00:00:30.000", "00:00:40.000", "1", "8"],
] as const;

describe("out-of-order and late rows", () => {
  const f = fixture();
  const answer = async (job: string): Promise<readonly string[]> => sorted(await f.cells(`SELECT * FROM ${job}`));
  const dropped = async (job: string): Promise<number> =>
    Number((await f.cells(`SELECT sum(value) FROM millrace.metrics WHERE job = '${job}' AND metric = 'numLateRecordsDropped'`))[0]?.[0]);

  beforeAll(async () => {
    const json = f.file(
      "events.jsonl",
      events.map(([k, v, ts]) => JSON.stringify({ k, v, ts })),
    );
    const csv = f.file("events.csv", ["k,v,ts", ...events.map((e) => e.join(","))]);
    const columns = "(k TEXT, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '5' SECOND)";
    await f.rows(`CREATE SOURCE json ${columns} WITH (connector = 'filesystem', path = '${json}', format = 'json')`);
    await f.rows(`CREATE SOURCE csv ${columns} WITH (connector = 'filesystem', path = '${csv}', format = 'csv')`);
  });

  it.each(["json", "csv"])("are dropped from TUMBLE and counted, though they came in one batch of a %s file", async (format) => {
    const query = `SELECT k, ${grouped} FROM TUMBLE(${format}, ts, INTERVAL '10 seconds') ${by}`;
    expect(await f.run(`tumbled_${format}`, query)).toBe("FINISHED");
    expect(await answer(`tumbled_${format}`)).toEqual(sorted(onTime));
    expect(await dropped(`tumbled_${format}`)).toBe(2);
  });

  it("are found in the table that late_rows names", async () => {
    const query = `SELECT k, ${grouped} FROM TUMBLE(json, ts, INTERVAL '10 seconds') ${by}`;
    expect(await f.run("kept", query, "WITH (late_rows = 'too_late')")).toBe("FINISHED");
    expect(await answer("kept")).toEqual(sorted(onTime));
    expect(await f.cells("SELECT k, v, CAST(ts AS TEXT) FROM too_late ORDER BY v")).toEqual([
      ["a", "6", "1970-01-01 00:00:08"],
      ["c", "9", "1969-12-31 23:59:00"],
    ]);
  });

  it("within the allowed lateness correct the result; those beyond it are late", async () => {
    const query = `SELECT k, ${grouped} FROM TUMBLE(json, ts, INTERVAL '10 seconds') ${by}`;
    expect(await f.run("corrected", query, "WITH (late_rows = 'far_too_late', allowed_lateness = '20 seconds')")).toBe("FINISHED");
    const corrected = onTime.map((row) => (row.join() === "a,00:00:00.000,00:00:10.000,1,4" ? ["a", ...row.slice(1, 3), "2", "10"] : row));
    expect(await answer("corrected")).toEqual(sorted(corrected));
    expect(await f.cells("SELECT k, v FROM far_too_late")).toEqual([["c", "9"]]);
  });

  it("fall into windows moved by an offset, before 1970 too", async () => {
    const query = `SELECT k, ${grouped} FROM TUMBLE(json, ts, INTERVAL '10 seconds', INTERVAL '4 seconds') ${by}`;
    expect(await f.run("moved", query)).toBe("FINISHED");
    expect(await answer("moved")).toEqual(
      sorted([
        ["a", "23:59:44.000", "23:59:54.000", "1", "1"],
        ["a", "23:59:54.000", "00:00:04.000", "1", "2"],
        ["b", "00:00:04.000", "00:00:14.000", "1", "3"],
        ["b", "00:00:14.000", "00:00:24.000", "1", "5"],
        ["c", "00:00:24.000", "00:00:34.000", "1", "8"],
        ["a", "00:00:04.000", "00:00:14.000", "3", "17"],
      ]),
    );
    expect(await dropped("moved")).toBe(1);
  });

  it("are one session when exactly the gap apart, and begin a new one once theirs is closed", async () => {
    const query = `SELECT k, ${grouped} FROM SESSION(json PARTITION BY k, ts, INTERVAL '6 seconds') ${by}`;
    expect(await f.run("sessions", query)).toBe("FINISHED");
    expect(await answer("sessions")).toEqual(
      sorted([
        ["a", "23:59:51.000", "23:59:57.000", "1", "1"],
        // 00:00:09 and 00:00:15 are the gap apart.
        ["b", "00:00:09.000", "00:00:21.000", "2", "8"],
        // Closed by the watermark of 00:00:10 when 00:00:08 comes, which would have lengthened it.
        ["a", "23:59:59.999", "00:00:10.000", "2", "6"],
        ["a", "00:00:08.000", "00:00:17.000", "2", "13"],
        ["c", "00:00:30.000", "00:00:36.000", "1", "8"],
      ]),
    );
  });

  it("are two sessions when a millisecond more than the gap apart", async () => {
    const query = `SELECT k, ${grouped} FROM SESSION(json PARTITION BY k, ts, INTERVAL '5.999 seconds') WHERE k = 'b' ${by}`;
    expect(await f.run("apart", query)).toBe("FINISHED");
    expect(await answer("apart")).toEqual(
      sorted([
        ["b", "00:00:09.000", "00:00:14.999", "1", "3"],
        ["b", "00:00:15.000", "00:00:20.999", "1", "5"],
      ]),
    );
  });

  it("stay in HOP as long as one window that holds them is open", async () => {
    const query = `SELECT k, ${grouped} FROM HOP(json, ts, INTERVAL '5 seconds', INTERVAL '10 seconds') ${by}`;
    expect(await f.run("hopped", query)).toBe("FINISHED");
    expect((await answer("hopped")).filter((row) => row.startsWith("a"))).toEqual(
      sorted([
        ["a", "23:59:45.000", "23:59:55.000", "1", "1"],
        ["a", "23:59:50.000", "00:00:00.000", "2", "3"],
        ["a", "23:59:55.000", "00:00:05.000", "2", "6"],
        ["a", "00:00:00.000", "00:00:10.000", "1", "4"],
        ["a", "00:00:05.000", "00:00:15.000", "2", "13"],
        ["a", "00:00:10.000", "00:00:20.000", "1", "7"],
      ]),
    );
  });
});

describe("processing time", () => {
  const f = fixture();

  it("counts rows in windows of their arrival", async () => {
    await f.rows(
      "CREATE SOURCE arrivals (v BIGINT, arrived AS PROCTIME()) WITH (connector = 'datagen', rows = 3000, rows_per_second = 4000, fields.v.kind = 'sequence')",
    );
    const query =
      "SELECT window_start, window_end, count(*) AS n, min(v) AS first FROM TUMBLE(arrivals, arrived, INTERVAL '200' MILLISECOND) GROUP BY window_start, window_end";
    expect(await f.run("rate", query, "WITH (parallelism = 2)")).toBe("FINISHED");
    const [windows, rows] = (await f.cells("SELECT count(*), sum(n) FROM rate"))[0]?.map(Number) ?? [];
    expect(rows).toBe(3_000);
    expect(windows).toBeGreaterThan(1);
  });

  it("lets rows go when now() leaves them behind", async () => {
    const rows = [
      ["old", "2001-01-01 00:00:00"],
      ["fresh", new Date().toISOString().replace("T", " ").replace("Z", "")],
      ["later", "2999-01-01 00:00:00"],
    ];
    const path = f.file(
      "recent.jsonl",
      rows.map(([k, ts]) => JSON.stringify({ k, ts })),
    );
    await f.rows(
      `CREATE SOURCE recent (k TEXT, ts TIMESTAMP) WITH (connector = 'filesystem', path = '${path}', format = 'json', watch = true)`,
    );
    await f.rows(
      "CREATE STREAMING JOB last_seconds WITH (checkpoint_interval = '100ms') AS SELECT k, count(*) AS n FROM recent WHERE ts > now() - INTERVAL '3 seconds' AND ts <= now() GROUP BY k",
    );
    const answer = (): Promise<readonly (readonly (string | null)[])[]> => f.cells("SELECT k, n FROM last_seconds");
    await expect.poll(answer, { timeout: 3_000, interval: 50 }).toEqual([["fresh", "1"]]);
    await expect.poll(answer, { timeout: 6_000, interval: 100 }).toEqual([]);
    await f.rows("DROP STREAMING JOB last_seconds");
  }, 15_000);
});

describe("several watermarks", () => {
  const f = fixture();
  /** `ahead` stands at 00:01:00, `behind` at 00:00:05, and neither ends. */
  const source = (name: string, times: readonly string[], idle: string): string => {
    const path = f.file(
      `${name}.jsonl`,
      times.map((ts) => JSON.stringify({ ts: `1970-01-01 ${ts}` })),
    );
    return `CREATE SOURCE ${name} (ts TIMESTAMP, WATERMARK FOR ts AS ts) WITH (connector = 'filesystem', path = '${path}', format = 'json', watch = true${idle})`;
  };
  const union = (ahead: string, behind: string): string =>
    `CREATE STREAMING JOB ${ahead}_${behind} WITH (checkpoint_interval = '100ms') AS SELECT strftime(window_start, '%S') AS s, count(*) AS n
     FROM TUMBLE((SELECT ts FROM ${ahead} UNION ALL SELECT ts FROM ${behind}), ts, INTERVAL '10 seconds') GROUP BY window_start, window_end`;

  it("of a union are the least of its inputs', without those that are idle", async () => {
    await f.rows(source("ahead", ["00:00:01", "00:01:00"], ""));
    await f.rows(source("behind", ["00:00:05"], ""));
    await f.rows(source("resting", ["00:00:05"], ", idle_timeout = '300ms'"));
    await f.rows(union("ahead", "behind"));
    await f.rows(union("ahead", "resting"));
    const answer = (job: string): Promise<readonly (readonly (string | null)[])[]> => f.cells(`SELECT s, n FROM ${job} ORDER BY s`);
    await expect.poll(() => answer("ahead_resting"), { timeout: 8_000, interval: 100 }).toEqual([["00", "2"]]);
    // The other job has had as long, and waits for what may still come before 00:00:10.
    expect(await answer("ahead_behind")).toEqual([]);
  }, 15_000);

  it("of a join and a union leave out an idle source, which counts again when it wakes", async () => {
    await f.rows(source("steady", ["00:00:01", "00:01:00"], ", watch_interval = '50ms'"));
    await f.rows(source("sleeper", ["00:00:05"], ", watch_interval = '50ms', idle_timeout = '1s'"));
    await f.rows(union("steady", "sleeper"));
    await f.rows(
      `CREATE STREAMING JOB latest WITH (checkpoint_interval = '100ms') AS
       SELECT strftime(l.ts, '%M:%S') AS l, strftime(r.ts, '%M:%S') AS r FROM steady l ASOF LEFT JOIN sleeper r ON l.ts >= r.ts`,
    );
    const holds = (query: string, rows: readonly (readonly (string | null)[])[]): Promise<void> =>
      expect.poll(() => f.cells(query), { timeout: 15_000, interval: 100 }).toEqual(rows);
    const add = (name: string, ...times: readonly string[]): void =>
      appendFileSync(join(f.directory, `${name}.jsonl`), times.map((ts) => `${JSON.stringify({ ts: `1970-01-01 ${ts}` })}\n`).join(""));
    const windows = "SELECT s, n FROM steady_sleeper ORDER BY s, n";
    const pairs = "SELECT l, r FROM latest ORDER BY l";
    await holds(windows, [["00", "2"]]);
    await holds(pairs, [
      ["00:01", null],
      ["01:00", "00:05"],
    ]);
    // Of the rows that it wakes with one is late, the window of the other is open.
    add("sleeper", "00:00:07", "00:01:02");
    const dropped = "SELECT sum(value) FROM millrace.metrics WHERE job = 'steady_sleeper' AND metric = 'numLateRecordsDropped'";
    await holds(dropped, [["1"]]);
    add("steady", "00:01:03", "00:02:00");
    await holds(windows, [
      ["00", "2"],
      ["00", "3"],
    ]);
    await holds(pairs, [
      ["00:01", null],
      ["01:00", "00:05"],
      ["01:03", "01:02"],
      ["02:00", "01:02"],
    ]);
  }, 40_000);

  it("of a job that reads one source twice are those of the source", async () => {
    const path = f.file(
      "twice.jsonl",
      ["00:00:01", "00:00:12", "00:00:25"].map((ts, i) => JSON.stringify({ ts: `1970-01-01 ${ts}`, v: i })),
    );
    await f.rows(
      `CREATE SOURCE twice (ts TIMESTAMP, v BIGINT, WATERMARK FOR ts AS ts - INTERVAL '1 second') WITH (connector = 'filesystem', path = '${path}', format = 'json')`,
    );
    const query = `SELECT strftime(window_start, '%S') AS s, count(*) AS n FROM TUMBLE((SELECT ts FROM twice WHERE v > 0 UNION ALL SELECT ts FROM twice), ts, INTERVAL '10 seconds') GROUP BY window_start, window_end`;
    expect(await f.run("read_twice", query)).toBe("FINISHED");
    expect(await f.cells("SELECT s, n FROM read_twice ORDER BY s")).toEqual([
      ["00", "1"],
      ["10", "2"],
      ["20", "2"],
    ]);
  });
});
