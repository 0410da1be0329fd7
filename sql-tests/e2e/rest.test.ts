import { beforeAll, describe, expect, it } from "vitest";
import type { Route } from "../../server/http/route.ts";
import { routes } from "../../server/http/routes/registry.ts";
import { mismatches } from "../runner/matches-schema.ts";
import { eventually, fixture } from "./fixture.ts";

type Json = Readonly<Record<string, unknown>>;

interface Answer {
  readonly status: number;
  readonly body: Json;
}

const job = "CREATE STREAMING JOB hourly WITH (parallelism = 2) AS SELECT n % 10 AS k, count(*) AS c FROM ticks GROUP BY n % 10";

describe("the REST interface", () => {
  const f = fixture();
  /** Routes whose answer was held to its schema. */
  const checked = new Set<Route>();
  let jid = "";
  let vid = "";

  const send = async (method: string, path: string, body?: unknown): Promise<Answer> => {
    const isForm = body instanceof FormData;
    const response = await fetch(`${f.server().httpUrl}${path}`, {
      method: method.toUpperCase(),
      ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      ...(body === undefined || isForm ? {} : { headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    return { status: response.status, body: (text.startsWith("{") || text.startsWith("[") ? JSON.parse(text) : { text }) as Json };
  };

  /** The answer of a route, which must be what the OpenAPI document promises. */
  const ask = async (
    method: Route["method"],
    path: string,
    parameters: Readonly<Record<string, string>> = {},
    body?: unknown,
  ): Promise<Json> => {
    const route = routes.find((candidate) => candidate.method === method && candidate.path === path);
    if (route === undefined) throw new Error(`there is no route ${method} ${path}`);
    const filled = path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(parameters[name] ?? ""));
    const answer = await send(method, filled, body);
    expect([answer.status, answer.body], `${method} ${filled}`).toEqual([route.status ?? 200, expect.anything()]);
    if (!("contentType" in route.answer)) expect(mismatches(answer.body, route.answer), `${method} ${filled}`).toEqual([]);
    checked.add(route);
    return answer.body;
  };

  /** Triggers work and asks until it has ended. */
  const operation = async (path: string, pollPath: string, body: unknown, parameters: Readonly<Record<string, string>>): Promise<Json> => {
    const { "request-id": id } = await ask("post", path, parameters, body);
    let last: Json = {};
    await eventually(`${path} ends`, async () => {
      last = await ask("get", pollPath, { ...parameters, trigger: String(id) });
      return (last["status"] as Json)["id"] === "COMPLETED";
    });
    return last["operation"] as Json;
  };

  beforeAll(async () => {
    await f
      .server()
      .query(`CREATE SOURCE ticks (n BIGINT) WITH (connector = 'datagen', rows_per_second = 200, fields.n.kind = 'sequence')`);
  });

  it("makes a job from a statement, once, however often it is sent", async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => send("post", "/v1/jobs", { sql: job })));
    expect(answers.filter(({ status }) => status === 201).length).toBe(1);
    expect(answers.filter(({ status }) => status === 200).length).toBe(19);
    expect(new Set(answers.map(({ body }) => body["id"])).size).toBe(1);
    expect((await send("post", "/v1/jobs", { sql: job })).status).toBe(200);
    const other = await send("post", "/v1/jobs", { sql: job.replace("% 10", "% 20") });
    expect(other).toMatchObject({ status: 409, body: { error: { code: "42P07" } } });
    expect(await send("post", "/v1/jobs", { sql: "SELECT 1" })).toMatchObject({ status: 400, body: { error: { code: "22023" } } });
    const renamed = job.replace("hourly", "hourly2");
    expect(await ask("post", "/v1/jobs", {}, { sql: renamed })).toMatchObject({
      name: "hourly2",
      notices: [expect.stringContaining("state")],
    });
    await ask("delete", "/v1/jobs/:name", { name: "hourly2" });
  });

  it("answers on Flink's paths with what it promises", async () => {
    const { jobs } = await ask("get", "/jobs");
    jid = (jobs as readonly Json[]).find(({ status }) => status === "RUNNING")?.["id"] as string;
    const detail = await ask("get", "/jobs/:jid", { jid });
    vid = ((detail["vertices"] as readonly Json[])[0] as Json)["id"] as string;
    const { taskmanagers } = await ask("get", "/taskmanagers");
    const tmid = ((taskmanagers as readonly Json[])[0] as Json)["id"] as string;
    await f.server().query("CHECKPOINT STREAMING JOB hourly");
    const { history } = await ask("get", "/jobs/:jid/checkpoints", { jid });
    const cid = String((history as readonly Json[]).find(({ status }) => status === "COMPLETED")?.["id"]);
    for (const route of routes) {
      if (route.method !== "get" || route.tag !== "flink" || /:(trigger|script)|cancel/.test(route.path)) continue;
      await ask("get", route.path, { jid, vid, cid, tmid, subtask: "0", file: "jobmanager.log" });
    }
    expect(await ask("get", "/jobs/:jid/plan", { jid })).toMatchObject({
      plan: { name: "hourly", nodes: [{ id: vid, operator: "" }, { inputs: [{ num: 0, ship_strategy: "HASH" }] }] },
    });
    expect(await send("get", `/jobs/${jid}/vertices/${vid}/metrics?get=0.numRecordsIn,0.nothing`)).toMatchObject({
      body: [{ id: "0.numRecordsIn" }],
    });
  });

  it("aggregates metrics over subtasks, jobs and TaskManagers", async () => {
    const path = `/jobs/${jid}/vertices/${vid}/subtasks/metrics?get=numBytesOut,numRecordsOut,nothing`;
    let all: readonly Record<string, number>[] = [];
    await eventually("rows are counted", async () => {
      all = (await send("get", path)).body as unknown as typeof all;
      return (all[1]?.["min"] ?? 0) > 0;
    });
    expect(all).toMatchObject([{ id: "numBytesOut" }, { id: "numRecordsOut" }]);
    for (const { min, max, avg, sum, skew } of all) {
      expect(min).toBeGreaterThan(0);
      expect(avg).toBe((sum as number) / 2);
      expect(max).toBeGreaterThanOrEqual(avg as number);
      expect(skew).toBeLessThanOrEqual(100);
    }
    // A frame holds at least the eight bytes of each of its rows.
    expect(all[0]?.["sum"]).toBeGreaterThan(8 * (all[1]?.["sum"] as number) * 0.9);
    expect((await send("get", `${path}&agg=max&subtasks=1`)).body).toEqual([
      { id: "numBytesOut", max: expect.any(Number) },
      { id: "numRecordsOut", max: expect.any(Number) },
    ]);
    expect((await send("get", `${path}&agg=most`)).status).toBe(400);
    expect((await send("get", `${path}&subtasks=x`)).status).toBe(400);
    expect((await send("get", "/jobs/metrics?get=uptime&agg=max")).body).toEqual([{ id: "uptime", max: expect.any(Number) }]);
    const heap = (await send("get", "/taskmanagers/metrics?get=Status.JVM.Memory.Heap.Used&agg=sum")).body;
    expect(heap).toEqual([{ id: "Status.JVM.Memory.Heap.Used", sum: expect.any(Number) }]);
  });

  it("takes checkpoints and savepoints on demand, and stops with one", async () => {
    expect(await operation("/jobs/:jid/checkpoints", "/jobs/:jid/checkpoints/:trigger", {}, { jid })).toMatchObject({
      checkpointId: expect.any(Number),
    });
    const triggerId = "00112233445566778899aabbccddeeff";
    const taken = await operation(
      "/jobs/:jid/savepoints",
      "/jobs/:jid/savepoints/:trigger",
      { "target-directory": f.directory, triggerId },
      { jid },
    );
    expect(taken).toEqual({ location: `${f.directory}/hourly-001122334455.duckdb` });
    const again = await operation("/jobs/:jid/savepoints", "/jobs/:jid/savepoints/:trigger", { triggerId }, { jid });
    expect(again).toEqual(taken);
    const failed = await operation(
      "/jobs/:jid/savepoints",
      "/jobs/:jid/savepoints/:trigger",
      { "target-directory": "/proc/none" },
      { jid },
    );
    expect(failed).toMatchObject({ "failure-cause": { "stack-trace": expect.any(String) } });
    await operation("/savepoint-disposal", "/savepoint-disposal/:trigger", { "savepoint-path": taken["location"] }, {});
    expect(await f.cells("SELECT count(*) FROM millrace.savepoints")).toEqual([["0"]]);
    await operation("/jobs/:jid/stop", "/jobs/:jid/stop/:trigger".replace("stop/:trigger", "savepoints/:trigger"), {}, { jid });
    expect(await ask("get", "/jobs/:jid/status", { jid })).toEqual({ status: "SUSPENDED" });
  });

  it("acts on jobs by name", async () => {
    const name = "hourly";
    await ask("post", "/v1/jobs/:name/resume", { name });
    await eventually("the job runs", async () => (await ask("get", "/v1/jobs/:name", { name }))["state"] === "RUNNING");
    await ask("post", "/v1/jobs/:name/checkpoint", { name });
    await ask("put", "/jobs/:jid/resource-requirements", { jid }, { [vid]: { parallelism: { lowerBound: 1, upperBound: 3 } } });
    expect(await ask("get", "/v1/jobs/:name/plan", { name })).toMatchObject({ vertices: [{ parallelism: 3 }, { parallelism: 3 }] });
    await ask("post", "/v1/jobs/:name/pause", { name });
    expect(await send("post", `/v1/jobs/${name}/checkpoint`)).toMatchObject({ status: 409, body: { error: { code: "55000" } } });
    expect((await send("post", "/v1/jobs/none/pause")).status).toBe(404);
    await ask("post", "/v1/jobs/:name/cancel", { name });
    await ask("get", "/v1/jobs");
  });

  it("keeps jobs that were dropped in the archive, over a restart too", async () => {
    await ask("delete", "/v1/jobs/:name", { name: "hourly" });
    await f.restart();
    const { jobs } = await ask("get", "/v1/archive");
    expect(jobs).toMatchObject([
      { info: { name: "hourly", state: "CANCELED" }, checkpoints: expect.any(Array) },
      { info: { name: "hourly2" } },
    ]);
    expect(await ask("get", "/jobs/:jid", { jid })).toMatchObject({ state: "CANCELED", plan: { name: "hourly" } });
    expect((await send("patch", `/jobs/${jid}`)).status).toBe(404);
    expect(await f.cells("SELECT name, state FROM millrace.job_archive ORDER BY name")).toEqual([
      ["hourly", "CANCELED"],
      ["hourly2", "CANCELED"],
    ]);
  });

  it("takes SQL scripts where Flink takes jars", async () => {
    const form = new FormData();
    form.set("jarfile", new File(["CREATE STREAMING JOB scripted AS SELECT n FROM ticks"], "my job.sql"));
    const { filename } = await ask("post", "/jars/upload", {}, form);
    const script = String(filename).split("/").at(-1) as string;
    expect(await ask("get", "/jars")).toMatchObject({ files: [{ id: script, name: "my_job.sql" }] });
    for (const method of ["get", "post"] as const)
      expect(await ask(method, "/jars/:script/plan", { script })).toMatchObject({ plan: { name: "scripted" } });
    const { jobid } = await ask("post", "/jars/:script/run", { script }, { parallelism: 2 });
    expect(await ask("get", "/jobs/:jid", { jid: String(jobid) })).toMatchObject({ name: "scripted", vertices: [{ parallelism: 2 }] });
    const cancel = `/jobs/${String(jobid)}/yarn-cancel`;
    const otherSite = await fetch(`${f.server().httpUrl}${cancel}`, { headers: { "sec-fetch-site": "cross-site" } });
    expect(otherSite.status).toBe(403);
    expect(await ask("get", "/jobs/:jid/status", { jid: String(jobid) })).toEqual({ status: "RUNNING" });
    await ask("get", "/jobs/:jid/yarn-cancel", { jid: String(jobid) });
    expect(await ask("get", "/jobs/:jid/status", { jid: String(jobid) })).toEqual({ status: "CANCELED" });
    await ask("patch", "/jobs/:jid", { jid: String(jobid) });
    await ask("delete", "/jars/:script", { script });
    expect((await send("post", `/jars/${script}/run`)).status).toBe(404);
    expect((await send("post", "/jars/..%2F..%2Fetc%2Fpasswd/run")).status).toBe(404);
    const broken = new FormData();
    broken.set("jarfile", new File(["CREATE STREAMING JOB AS"], "broken.sql"));
    expect(await send("post", "/jars/upload", broken)).toMatchObject({
      status: 400,
      body: { errors: [expect.stringContaining("syntax")] },
    });
  });

  it("describes every route, and each was tried", async () => {
    await ask("post", "/v1/query", {}, { sql: "SELECT 1 AS one" });
    await ask("get", "/healthz");
    await ask("get", "/metrics");
    const document = await ask("get", "/openapi.json");
    const described = Object.entries(document["paths"] as Json).flatMap(([path, methods]) =>
      Object.keys(methods as Json).map((method) => `${method} ${path}`),
    );
    expect(described.toSorted()).toEqual(routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`).toSorted());
    const ids = Object.values(document["paths"] as Json).flatMap((methods) =>
      Object.values(methods as Json).map((one) => (one as Json)["operationId"]),
    );
    expect(new Set(ids).size).toBe(ids.length);
    expect(routes.filter((route) => !checked.has(route)).map(({ method, path }) => `${method} ${path}`)).toEqual([]);
  });
});
