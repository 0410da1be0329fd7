import { beforeAll, describe, expect, it } from "vitest";
import { millrace, type Ran } from "../runner/command-line.ts";
import { fixture } from "./fixture.ts";

interface Answer {
  readonly status: number;
  readonly body: unknown;
}

describe("monitoring", () => {
  const f = fixture();
  const get = async (path: string): Promise<Answer> => {
    const response = await fetch(`${f.server().httpUrl}${path}`);
    return { status: response.status, body: await response.json() };
  };
  let id = "";

  beforeAll(async () => {
    const query = (sql: string) => f.server().query(sql);
    await query(`CREATE SOURCE ticks (n BIGINT, at TIMESTAMP, WATERMARK FOR at AS at)
      WITH (connector = 'datagen', rows = 500, fields.n.kind = 'sequence', fields.at.kind = 'sequence')`);
    await f.finish("copied", "SELECT n FROM ticks");
    const { jobs } = (await get("/jobs")).body as { readonly jobs: readonly { readonly id: string; readonly status: string }[] };
    id = jobs[0]?.id ?? "";
  });

  it("answers on the paths of Flink's interface, with its keys", async () => {
    expect((await get("/jobs")).body).toEqual({ jobs: [{ id: expect.stringMatching(/^[0-9a-f]{32}$/), status: "FINISHED" }] });
    expect((await get("/overview")).body).toMatchObject({ taskmanagers: 1, "jobs-running": 0, "jobs-finished": 1, "jobs-failed": 0 });
    expect((await get("/config")).body).toMatchObject({ "refresh-interval": 3000, "flink-version": expect.stringMatching(/^millrace \d/) });
    expect((await get("/taskmanagers")).body).toMatchObject({ taskmanagers: [{ id: "local", slotsNumber: expect.any(Number) }] });
    const { jobs } = (await get("/jobs/overview")).body as { readonly jobs: readonly object[] };
    expect(jobs).toMatchObject([{ jid: id, name: "copied", state: "FINISHED", tasks: { total: 1, finished: 1, running: 0 } }]);
    expect((await get(`/jobs/${id}/status`)).body).toEqual({ status: "FINISHED" });
    expect((await get(`/jobs/${id}/exceptions`)).body).toEqual({ exceptionHistory: { entries: [], truncated: false } });
  });

  it("shows a job with its vertices and checkpoints", async () => {
    const job = (await get(`/jobs/${id}`)).body as { readonly vertices: readonly { readonly id: string; readonly metrics: object }[] };
    expect(job).toMatchObject({ jid: id, state: "FINISHED", isStoppable: false, "status-counts": { FINISHED: 1 } });
    const [vertex] = job.vertices;
    const detail = await get(`/jobs/${id}/vertices/${vertex?.id}`);
    expect(detail.body).toMatchObject({ parallelism: 1, subtasks: [{ subtask: 0, status: "FINISHED", attempt: 1 }] });
    expect((await get(`/jobs/${id}/vertices/${vertex?.id}/watermarks`)).body).toMatchObject([{ id: "0.currentInputWatermark" }]);
    const { counts, history } = (await get(`/jobs/${id}/checkpoints`)).body as {
      readonly counts: { readonly completed: number };
      readonly history: readonly { readonly id: number; readonly status: string }[];
    };
    expect(counts.completed).toBeGreaterThan(0);
    expect(history[0]).toMatchObject({ status: "COMPLETED", is_savepoint: false, result_rows: expect.any(Number) });
    expect((await get(`/jobs/${id}/checkpoints/config`)).body).toMatchObject({ mode: "exactly_once", interval: 1000, max_concurrent: 1 });
    const details = `/jobs/${id}/checkpoints/details/${history[0]?.id}`;
    expect((await get(details)).body).toMatchObject({ "@class": "completed", tasks: { [vertex?.id ?? ""]: { num_subtasks: 1 } } });
    const subtasks = (await get(`${details}/subtasks/${vertex?.id}`)).body;
    expect(subtasks).toMatchObject({
      subtasks: [{ index: 0, status: "completed", alignment: { persisted: 0 }, unaligned_checkpoint: false }],
    });
    expect((await get(`${details}/subtasks/nowhere`)).status).toBe(404);
  });

  it("shows what checkpoints cost in SQL", async () => {
    const rows = await f
      .server()
      .query("SELECT subtask, sync_ms >= 0 AS cut, bytes > 0 AS filled FROM millrace.checkpoint_subtasks WHERE job = 'copied'");
    expect(rows).toContainEqual({ subtask: "0", cut: true, filled: true });
    const recorded = await f.server().query("SELECT DISTINCT type, persisted_bytes FROM millrace.checkpoints WHERE job = 'copied'");
    expect(recorded).toEqual([{ type: "CHECKPOINT", persisted_bytes: "0" }]);
  });

  it("says what is not there", async () => {
    expect(await get("/jobs/00000000000000000000000000000000")).toEqual({
      status: 404,
      body: { errors: ["job 00000000000000000000000000000000 not found"] },
    });
    const response = await fetch(`${f.server().httpUrl}/jobs/${id}?mode=stop`, { method: "PATCH" });
    expect([response.status, await response.json()]).toEqual([400, { errors: ["mode must be cancel"] }]);
  });

  it("cancels a job", async () => {
    const query = (sql: string) => f.server().query(sql);
    await query("CREATE SOURCE endless (n BIGINT) WITH (connector = 'datagen', rows_per_second = 10)");
    await query("CREATE STREAMING JOB goes_on AS SELECT n FROM endless");
    const { jobs } = (await get("/jobs/overview")).body as { readonly jobs: readonly { readonly jid: string; readonly name: string }[] };
    const jid = jobs.find((job) => job.name === "goes_on")?.jid;
    expect((await fetch(`${f.server().httpUrl}/jobs/${jid}?mode=cancel`, { method: "PATCH" })).status).toBe(202);
    expect((await get(`/jobs/${jid}/status`)).body).toEqual({ status: "CANCELED" });
  });

  it("gives Prometheus its text, one line per value", async () => {
    const response = await fetch(`${f.server().httpUrl}/metrics`);
    expect(response.headers.get("content-type")).toMatch(/^text\/plain; version=0\.0\.4/);
    const lines = (await response.text()).trimEnd().split("\n");
    for (const line of lines)
      expect(line).toMatch(/^(# (HELP|TYPE) flink_\w+ .+|flink_\w+(\{(\w+="([^"\\]|\\.)*",?)+\})? -?[\d.]+(e[+-]?\d+)?)$/);
    expect(lines).toContainEqual(expect.stringMatching(/^flink_jobmanager_job_lastCompletedCheckpointId\{.*job_name="copied"\} \d+$/));
  });

  it("lists jobs and acts on them from the command line", async () => {
    const { httpUrl } = f.server();
    const query = (sql: string) => f.server().query(sql);
    const jobs = (...words: readonly string[]): Promise<Ran> => millrace("jobs", ...words, "--url", httpUrl);
    await query("CREATE SOURCE slow (n BIGINT) WITH (connector = 'datagen', rows_per_second = 10)");
    await query('CREATE STREAMING JOB "Odd name" AS SELECT n FROM slow');
    expect((await jobs()).out).toMatch(/Odd name *\| RUNNING/);
    expect(await jobs("pause", "Odd name")).toMatchObject({ code: 0, out: "ALTER STREAMING JOB\n" });
    const listed = (await jobs("list", "--json")).out.trim().split("\n");
    expect(listed.map((line) => JSON.parse(line) as object)).toContainEqual(expect.objectContaining({ name: "Odd name", state: "PAUSED" }));
    expect((await jobs("rescale", "Odd name", "2")).code).toBe(0);
    expect((await jobs("resume", "Odd name")).code).toBe(0);
    expect((await jobs("show", "Odd name")).out).toMatch(/RUNNING/);
    expect(await jobs("stop", "copied")).toMatchObject({ code: 1, err: expect.stringMatching(/is FINISHED and cannot be stopped/) });
    expect(await jobs("pawse", "x")).toMatchObject({ code: 1, err: expect.stringMatching(/perhaps you mean "pause"/) });
    expect(await jobs("rescale", "x")).toMatchObject({
      code: 1,
      err: expect.stringMatching(/usage: millrace jobs rescale JOB PARALLELISM/),
    });
    expect((await jobs("savepoint", "Odd name", "before_all")).out).toMatch(/before_all +\| .*before_all\.duckdb/);
    expect((await jobs("watch", "copied")).out).toMatch(/^FINISHED · 500 rows read · .*checkpoint \d+\n$/);
    expect((await jobs("cancel", "Odd name")).code).toBe(0);
  });
});
