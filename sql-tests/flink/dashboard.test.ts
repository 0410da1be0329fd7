import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type ServerProcess, startServer, temporaryDirectory, removeDirectory } from "../runner/server.ts";
import { Browser, chromium } from "./browser.ts";
import { type Asked, Dashboard, dashboardFiles } from "./dashboard.ts";
import { whyMissing } from "./maven.ts";

const missing = await whyMissing("Flink's dashboard", Promise.all([dashboardFiles(), chromium()]));

const wait_ms_max = 30_000;

interface Faults {
  readonly instead: string | null;
  readonly failed: readonly Asked[];
  readonly errors: readonly string[];
}

const none: Faults = { instead: null, failed: [], errors: [] };

/** Flink's dashboard, as Flink ships it, in front of Millrace: every request that it makes is answered, and it shows what it was told. */
describe.skipIf(missing !== null)("Flink's dashboard", { timeout: 120_000 }, () => {
  const directory = temporaryDirectory();
  let server: ServerProcess;
  let browser: Browser;
  let dashboard: Dashboard;
  let url = "";
  let id = "";

  beforeAll(async () => {
    server = await startServer({ dataDirectory: `${directory}/data` });
    await server.query(
      "CREATE SOURCE ticks (n BIGINT, t TIMESTAMP, WATERMARK FOR t AS t - INTERVAL '1 second') WITH (connector = 'datagen', rows_per_second = 500, fields.n.kind = 'sequence')",
    );
    await server.query(`CREATE STREAMING JOB per_key WITH (parallelism = 2) AS SELECT n % 5 AS k, count(*) AS c FROM ticks GROUP BY n % 5`);
    await server.query("CHECKPOINT STREAMING JOB per_key");
    await server.query("CREATE STREAMING JOB broken AS SELECT CASE WHEN n > 20 THEN CAST('x' || n AS BIGINT) ELSE n END AS v FROM ticks");
    id = await idOf("per_key");
    dashboard = new Dashboard(await dashboardFiles(), server.httpUrl);
    url = await dashboard.listen();
    browser = await Browser.start(await chromium());
    await browser.open(`${url}/`);
  }, 240_000);
  afterAll(async () => {
    await browser.close();
    dashboard.close();
    await server.stop();
    removeDirectory(directory);
  });

  const idOf = async (name: string): Promise<string> =>
    String((await server.query("SELECT id FROM millrace.jobs WHERE name = $1", [name]))[0]?.["id"]);

  const asked = async (path: string): Promise<Record<string, unknown>> =>
    (await (await fetch(`${server.httpUrl}${path}`)).json()) as Record<string, unknown>;
  const vertexId = async (): Promise<string> =>
    (((await asked(`/jobs/${id}`))["vertices"] as { id: string }[]).at(-1) as { id: string }).id;

  /** What is wrong once the page says this: that it does not, what the server did not answer, what the page complained of. */
  const shows = async (what: RegExp): Promise<Faults> => {
    const deadline_ms = Date.now() + wait_ms_max;
    let text = "";
    while (!what.test(text) && Date.now() < deadline_ms) {
      await new Promise((resolve) => setTimeout(resolve, 100));
      text = String(await browser.evaluate("document.body.innerText")).replaceAll("\u00a0", " ");
    }
    // An editor that is left before it is laid out complains, whatever it was told.
    await new Promise((resolve) => setTimeout(resolve, 150));
    const failed = dashboard.takeAsked().filter(({ status }) => status < 200 || status > 299);
    return { instead: what.test(text) ? null : text, failed, errors: browser.takeErrors() };
  };
  const page = async (path: string, what: RegExp): Promise<Faults> => {
    await browser.open(`${url}/#/${path}`);
    return shows(what);
  };
  /** Clicks the last element of this selector with this text. */
  const click = async (selector: string, text: RegExp): Promise<void> => {
    const found = `[...document.querySelectorAll(${JSON.stringify(selector)})].findLast((e) => ${text}.test(e.textContent))`;
    await waitUntil(`${found} !== undefined`);
    await browser.evaluate(`${found}.click()`);
  };
  const waitUntil = async (expression: string): Promise<void> => {
    const deadline_ms = Date.now() + wait_ms_max;
    while ((await browser.evaluate(expression)) !== true) {
      if (Date.now() > deadline_ms) throw new Error(`not so: ${expression}`);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  };

  it.each([
    ["overview", /Available Task Slots[^]*per_key/],
    ["job/running", /per_key/],
    ["job/completed", /broken[^]*FAILED/],
    ["task-manager", /local/],
    ["submit", /Add New/],
  ])("shows the cluster: %s", async (path, what) => expect(await page(path, what)).toEqual(none));

  it.each([
    ["job-manager/metrics", /scavenge/],
    ["job-manager/config", /taskmanager\.numberOfTaskSlots[^]*Node\.js v\d+/],
    ["job-manager/logs", /job "broken"/],
    ["job-manager/log", /jobmanager\.log[^]*jobmanager\.out/],
    ["job-manager/log/jobmanager.log", /job "broken"/],
    ["job-manager/stdout", /Millrace is ready/],
    ["job-manager/thread-dump", /"main"[^]*"slot-0"/],
    ["task-manager/local/metrics", /scavenge[^]*\d/],
    ["task-manager/local/logs", /job "broken"/],
    ["task-manager/local/log-list", /jobmanager\.log/],
    ["task-manager/local/stdout", /Millrace is ready/],
    ["task-manager/local/thread-dump", /"slot-0"/],
  ])("shows the processes: %s", async (path, what) => expect(await page(path, what)).toEqual(none));

  it.each([
    ["overview", /GroupAggregate[^]*Bytes Received[^]*[1-9][\d.]* [KM]?B/],
    ["timeline", /TimeLine/],
    ["exceptions", /Root Exception[^]*History/i],
    ["dataskew", /GroupAggregate[^]*%/],
    ["configuration", /exponential-delay/],
    ["checkpoints", /Completed: \d+|Checkpoint Counts[^]*Latest Completed Checkpoint/],
  ])("shows a job: %s", async (path, what) => expect(await page(`job/running/${id}/${path}`, what)).toEqual(none));

  it("shows each side of a job's checkpoints", async () => {
    expect(await page(`job/running/${id}/checkpoints`, /Overview/)).toEqual(none);
    await click(".ant-tabs-tab", /^History$/);
    expect(await shows(/COMPLETED/)).toEqual(none);
    await click("tbody .ant-table-row-expand-icon", /.*/);
    expect(await shows(/Checkpoint Detail:[^]*Operators:[^]*GroupAggregate/)).toEqual(none);
    await click(".ant-tabs-tab", /^Summary$/);
    expect(await shows(/End to End Duration/)).toEqual(none);
    await click(".ant-tabs-tab", /^Configuration$/);
    expect(await shows(/Exactly Once/)).toEqual(none);
  });

  it.each([
    ["detail", /Records Received/],
    ["subtasks", /RUNNING[^]*RUNNING/],
    ["taskmanagers", /local/],
    ["watermarks", /\d{4}-\d\d-\d\d/],
    ["accumulators", /Accumulators/],
    ["backpressure", /OK/],
    ["metrics", /Add Metric|metric/i],
    ["flamegraph", /Measurement: /],
  ])("shows a vertex: %s", async (path, what) =>
    expect(await page(`job/running/${id}/overview/${await vertexId()}/${path}`, what)).toEqual(none),
  );

  it("shows what a job failed of", async () => {
    expect(await page(`job/completed/${await idOf("broken")}/exceptions`, /Root Exception[^]*x21/)).toEqual(none);
    await click(".ant-tabs-tab", /^Exception History$/);
    expect(await shows(/22P02/)).toEqual(none);
  });

  it("submits a script: upload, plan, run", async () => {
    const script = join(directory, "submitted.sql");
    writeFileSync(script, "CREATE STREAMING JOB submitted AS SELECT n % 3 AS k, sum(n) AS s FROM ticks GROUP BY n % 3;");
    expect(await page("submit", /Add New/)).toEqual(none);
    await browser.chooseFiles([script]);
    expect(await shows(/submitted\.sql/)).toEqual(none);
    await click("tr td", /submitted\.sql/);
    await click("button", /Show Plan/);
    expect(await shows(/GroupAggregate/)).toEqual(none);
    await click(".ant-drawer-close", /.*/);
    await click("button", /^\s*Submit\s*$/);
    expect(await shows(/Job ID[^]*[0-9a-f]{32}[^]*submitted|submitted[^]*Job ID/)).toEqual(none);
    expect(await server.query("SELECT state FROM millrace.jobs WHERE name = 'submitted'")).toEqual([{ state: "RUNNING" }]);
  });

  it("cancels a job", async () => {
    expect(await page(`job/running/${await idOf("submitted")}/overview`, /Cancel Job/)).toEqual(none);
    await click("a", /Cancel Job/);
    await click("button", /Yes|OK/);
    expect(await page("job/completed", /submitted[^]*CANCELED/)).toEqual(none);
    expect(await server.query("SELECT state FROM millrace.jobs WHERE name = 'submitted'")).toEqual([{ state: "CANCELED" }]);
  });
});
