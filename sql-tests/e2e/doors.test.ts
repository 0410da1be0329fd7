import { request } from "node:http";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { millrace } from "../runner/command-line.ts";
import { fixture } from "./fixture.ts";

interface Answer {
  readonly status: number;
  readonly body: string;
}

/** Not fetch: it does not let a caller say another Host. */
const http = (url: string, path: string, headers: Readonly<Record<string, string>> = {}, body?: string): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const call = request(`${url}${path}`, { method: body === undefined ? "GET" : "POST", headers }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => (text += part));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    call.on("error", reject);
    call.end(body);
  });

describe("HTTP and the command line", () => {
  const f = fixture();
  const url = (): string => f.server().httpUrl;
  const post = async (
    body: object,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<{ readonly status: number; readonly body: unknown }> => {
    const answer = await http(url(), "/v1/query", headers, JSON.stringify(body));
    return { status: answer.status, body: JSON.parse(answer.body) };
  };

  beforeAll(async () => {
    const lines = ['{"k":"a","v":1}', '{"k":"b","v":9007199254740993}'];
    await f.rows(
      `CREATE SOURCE ev (k TEXT, v BIGINT) WITH (connector = 'filesystem', path = '${f.file("ev.jsonl", lines)}', format = 'json')`,
    );
    await f.finish("j", "SELECT k, v FROM ev");
  });

  it("a query is answered as JSON, and no digit of a large number is lost", async () => {
    expect(await post({ sql: "SELECT k, v FROM j ORDER BY k" })).toEqual({
      status: 200,
      body: {
        command: "SELECT 2",
        columns: [
          { name: "k", type: "VARCHAR" },
          { name: "v", type: "BIGINT" },
        ],
        rows: [
          { k: "a", v: 1 },
          { k: "b", v: "9007199254740993" },
        ],
      },
    });
  });

  it("parameters are bound, and null is NULL", async () => {
    const { body } = await post({ sql: "SELECT k, $2::TEXT AS nothing FROM j WHERE v = $1", parameters: [1, null] });
    expect(body).toMatchObject({ rows: [{ k: "a", nothing: null }] });
  });

  it("rows are streamed as lines when asked for", async () => {
    const answer = await http(
      url(),
      "/v1/query",
      { accept: "application/x-ndjson" },
      JSON.stringify({ sql: "SELECT k FROM j ORDER BY k" }),
    );
    expect(answer).toEqual({ status: 200, body: '{"k":"a"}\n{"k":"b"}\n' });
  });

  it("errors have a code, a position and a hint", async () => {
    expect(await post({ sql: "SELECT k,\n  vv FROM j" })).toMatchObject({ status: 400, body: { error: { code: "42703", position: 13 } } });
    expect(await post({ sql: "SELECT 1; SELECT k FROM jj" })).toMatchObject({
      status: 400,
      body: { error: { code: "42P01", position: 25 } },
    });
    expect(await post({ query: "SELECT 1" })).toMatchObject({ status: 400, body: { error: { code: "22023" } } });
    expect((await http(url(), "/v1/query", {}, "no JSON")).status).toBe(400);
    expect((await http(url(), "/v1/query", {}, JSON.stringify({ sql: `SELECT '${"x".repeat(3_000_000)}'` }))).status).toBe(413);
    expect((await http(url(), "/nothing")).status).toBe(404);
  });

  it("jobs are listed, one by name with its checkpoints", async () => {
    const list = JSON.parse((await http(url(), "/v1/jobs")).body) as object;
    expect(list).toMatchObject({ jobs: [{ name: "j", state: "FINISHED", parallelism: 1, restarts: 0 }] });
    const one = JSON.parse((await http(url(), "/v1/jobs/j")).body) as object;
    expect(one).toMatchObject({ name: "j", checkpoints: [{ status: "COMPLETED" }], exceptions: [] });
    expect((await http(url(), "/v1/jobs/nope")).status).toBe(404);
    expect(await http(url(), "/healthz")).toEqual({ status: 200, body: '{"status":"ok"}' });
  });

  it("requests under another Host, or from another site, are refused", async () => {
    const sql = JSON.stringify({ sql: "SELECT k FROM j" });
    for (const headers of [{ host: "evil.example" }, { origin: "http://evil.example" }, { origin: "null" }]) {
      const answer = await http(url(), "/v1/query", headers, sql);
      expect(answer.status).toBe(403);
      expect(answer.body).not.toContain('"rows"');
    }
    expect((await http(url(), "/v1/query", { origin: url() }, sql)).status).toBe(200);
  });

  it("millrace sql runs statements of -c and -f and prints them as psql does", async () => {
    const table = " k | v\n---+---\n a | 1\n(1 row)\n\n";
    expect(await millrace("sql", "--url", url(), "-c", "SELECT k, v FROM j WHERE v = 1")).toEqual({ code: 0, out: table, err: "" });
    const file = f.file("script.sql", ["SELECT k, v FROM j WHERE v = 1;", "SELECT k FROM j", "  WHERE vx = 1;", "SELECT 2;"]);
    const ran = await millrace("sql", "--url", url(), "-f", file);
    expect(ran).toMatchObject({ code: 1, out: table });
    expect(ran.err).toMatch(/^ERROR: .*vx.*\nLINE 3: {3}WHERE vx = 1;\n {16}\^\n/);
    expect(await millrace("sql", "--url", url(), "--json", "-c", "SELECT k FROM j ORDER BY k")).toMatchObject({
      code: 0,
      out: '{"k":"a"}\n{"k":"b"}\n',
    });
  });

  it("millrace sql says what is missing", async () => {
    expect(await millrace("sql", "--url", "http://127.0.0.1:1", "-c", "SELECT 1")).toMatchObject({
      code: 1,
      err: expect.stringContaining("no server answers") as string,
    });
    expect(await millrace("sql", "--url", url())).toMatchObject({ code: 1, err: expect.stringContaining("-c") as string });
    expect(await millrace("sql", "--url", url(), "-f", join(f.directory, "nope.sql"))).toMatchObject({
      code: 1,
      err: expect.stringContaining("nope.sql") as string,
    });
  });

  it.each(["serve", "sql", "demo"])("millrace %s --help tells its flags", async (command) => {
    const { code, out } = await millrace(command, "--help");
    expect(code).toBe(0);
    expect(out).toMatch(new RegExp(`^usage: millrace ${command}[\\s\\S]+ -{1,2}[a-z]+ `));
  });

  it("unknown commands and flags are refused with an exit code", async () => {
    expect(await millrace("--help")).toMatchObject({ code: 0, out: expect.stringContaining("usage: millrace COMMAND") as string });
    expect(await millrace("srve")).toMatchObject({ code: 2, err: expect.stringContaining('no command "srve"') as string });
    expect(await millrace("serve", "--bogus")).toMatchObject({ code: 1, err: expect.stringContaining("--bogus") as string });
    expect(await millrace("serve", "--slots", "many")).toMatchObject({ code: 1, err: expect.stringContaining("whole number") as string });
    expect(await millrace("serve", "--host", "0.0.0.0", "--data", join(f.directory, "other"))).toMatchObject({
      code: 1,
      err: expect.stringContaining("MILLRACE_PASSWORD") as string,
    });
  });

  it("a second server on the same data is refused", async () => {
    const ran = await millrace("serve", "--pg-port", "0", "--http-port", "0", "--data", join(f.directory, "data"));
    expect(ran).toMatchObject({ code: 1, err: expect.stringContaining("in use by another process") as string });
    expect((await post({ sql: "SELECT count(*) AS n FROM j" })).body).toMatchObject({ rows: [{ n: 2 }] });
  });
});
