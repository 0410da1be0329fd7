import { readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeDirectory, type ServerProcess, startServer, temporaryDirectory } from "../runner/server.ts";
import { sqlBlocks } from "./sql-blocks.ts";

const text = readFileSync(join(import.meta.dirname, "../../docs/sql.md"), "utf8");
const blocks = sqlBlocks(text);

/** Every marked example of docs/sql.md, in order, over one session of a built server. */
describe("docs/sql.md", () => {
  const dataDirectory = temporaryDirectory();
  const outDirectory = temporaryDirectory();
  let server: ServerProcess;
  let client: pg.Client;

  beforeAll(async () => {
    server = await startServer({ dataDirectory });
    client = new pg.Client({ host: "127.0.0.1", port: server.pgPort, user: "docs", database: "millrace" });
    await client.connect();
  });

  afterAll(async () => {
    await client.end();
    await server.stop();
    removeDirectory(dataDirectory);
    removeDirectory(outDirectory);
  });

  it.each(blocks.filter(({ kind }) => kind === "run"))("runs the example of line $line, $heading", async ({ sql }) => {
    await expect(client.query(sql.replaceAll("'millrace-out'", `'${outDirectory}'`))).resolves.toBeDefined();
  });

  it("leaves no job failed", async () => {
    const { rows } = await client.query("SELECT name, error FROM millrace.jobs WHERE state = 'FAILED' OR restarts > 0");
    expect(rows).toEqual([]);
  });

  it("puts the late and the bad payment aside", async () => {
    await expect.poll(() => count("paid"), { timeout: 10_000, interval: 50 }).toBe(2);
    expect(await count("bad_payments")).toBe(1);
    expect(await count("late_payments")).toBe(1);
  });

  const refused = blocks
    .filter(({ kind }) => kind === "refused")
    .flatMap(({ sql, heading }) => sql.split("\n").map((statement) => ({ heading, statement })));

  it.each(refused)("still refuses $statement", async ({ statement }) => {
    const answer = await client.query(statement).then(
      () => "an answer",
      (error: pg.DatabaseError) => error.code,
    );
    expect(answer).toMatch(/^(0A000|42883)$/);
  });

  async function count(table: string): Promise<number> {
    const { rows } = await client.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`);
    return Number(rows[0]?.n);
  }
});

describe("the marked blocks", () => {
  it("are found", () => {
    expect(blocks.filter(({ kind }) => kind === "run").length).toBeGreaterThan(12);
    expect(blocks.filter(({ kind }) => kind === "refused").length).toBeGreaterThan(4);
  });
});
