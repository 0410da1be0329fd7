import { execFile } from "node:child_process";
import { promisify } from "node:util";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDoor, type WireHarness } from "./wire-harness.ts";

const run = promisify(execFile);
let door: WireHarness;
let client: pg.Client;

beforeAll(async () => {
  door = await openDoor();
  client = new pg.Client({ host: "127.0.0.1", port: door.port, user: "ann", database: "db" });
  await client.connect();
});
afterAll(async () => {
  await client.end();
  await door.close();
});

const failure = async (work: Promise<unknown>): Promise<pg.DatabaseError> => {
  const error: unknown = await work.then(
    () => new Error("it succeeded"),
    (caught: unknown) => caught,
  );
  expect(error).toBeInstanceOf(pg.DatabaseError);
  return error as pg.DatabaseError;
};

describe("simple query", () => {
  it("answers rows with their columns and tag", async () => {
    const result = await client.query("SELECT 1 AS a, 'x' AS b UNION ALL SELECT 2, NULL ORDER BY 1");
    expect(result.rows).toEqual([
      { a: 1, b: "x" },
      { a: 2, b: null },
    ]);
    expect(result.command).toBe("SELECT");
    expect(result.rowCount).toBe(2);
  });

  it("answers an empty text", async () => {
    expect((await client.query("  ;  ")).rows).toEqual([]);
  });

  it("answers several statements one by one", async () => {
    const results = (await client.query("SELECT 1 AS a; SELECT 2 AS b")) as unknown as pg.QueryResult[];
    expect(results.map((r) => r.rows)).toEqual([[{ a: 1 }], [{ b: 2 }]]);
  });

  it("runs several changes as one transaction and undoes all when one fails", async () => {
    await client.query("CREATE TABLE one (a INTEGER)");
    await failure(client.query("INSERT INTO one VALUES (1); INSERT INTO one VALUES (2); SELECT * FROM nowhere"));
    expect((await client.query("SELECT count(*)::int AS n FROM one")).rows).toEqual([{ n: 0 }]);
    await client.query("INSERT INTO one VALUES (1); INSERT INTO one VALUES (2)");
    expect((await client.query("SELECT count(*)::int AS n FROM one")).rows).toEqual([{ n: 2 }]);
  });

  it("sends SQLSTATE, hint and a position in characters", async () => {
    const error = await failure(client.query("SELECT '😀é'; nonsense"));
    expect(error).toMatchObject({ code: "42601", hint: "Say something else.", position: "14", severity: "ERROR" });
  });

  it("keeps the insides of an internal error in the log", async () => {
    const error = await failure(client.query("BREAK"));
    expect(error.code).toBe("XX000");
    expect([error.message, error.detail, error.hint, error.where].join()).not.toContain("secret");
    expect(door.log.join("\n")).toContain("secret insides");
    expect((await client.query("SELECT 1 AS a")).rows).toEqual([{ a: 1 }]);
  });

  it("sends notices with their severity", async () => {
    const notices: unknown[] = [];
    const listen = (notice: unknown): unknown => notices.push(notice);
    client.on("notice", listen);
    await client.query("NOTICE mind the gap");
    await client.query("SET client_min_messages = error");
    await client.query("NOTICE unheard");
    await client.query("SET client_min_messages = notice");
    client.off("notice", listen);
    expect(notices).toMatchObject([
      { severity: "NOTICE", message: "mind the gap", hint: "Heed it.", code: "00000" },
      { severity: "WARNING", message: "second", code: "01000" },
    ]);
  });

  it("refuses a text beyond the limit and goes on", async () => {
    expect((await failure(client.query(`SELECT '${"x".repeat(1_048_576)}'`))).code).toBe("54000");
    expect((await client.query("SELECT 1 AS a")).rows).toEqual([{ a: 1 }]);
  });
});

describe("transaction block", () => {
  it("refuses statements after an error until its end, and COMMIT answers ROLLBACK", async () => {
    await client.query("CREATE TABLE two (a INTEGER)");
    await client.query("BEGIN");
    await client.query("INSERT INTO two VALUES (1)");
    await failure(client.query("SELECT * FROM nowhere"));
    expect((await failure(client.query("SELECT 1"))).code).toBe("25P02");
    expect((await client.query("COMMIT")).command).toBe("ROLLBACK");
    expect((await client.query("SELECT count(*)::int AS n FROM two")).rows).toEqual([{ n: 0 }]);
  });
});

describe("session variables", () => {
  it("reports a change to the client and shows it", async () => {
    const reports: unknown[] = [];
    const connection = (client as unknown as { connection: { on(event: string, listener: (message: unknown) => void): void } }).connection;
    connection.on("parameterStatus", (message) => reports.push(message));
    await client.query("SET application_name = 'mill'");
    expect(reports).toMatchObject([{ parameterName: "application_name", parameterValue: "mill" }]);
    expect((await client.query("SHOW application_name")).rows).toEqual([{ application_name: "mill" }]);
  });

  it("refuses an unknown name and a wrong value", async () => {
    expect((await failure(client.query("SET nonsuch = 1"))).code).toBe("42704");
    expect((await failure(client.query("SET extra_float_digits = 9"))).code).toBe("22023");
  });
});

describe("psql", () => {
  const psql = async (...args: string[]): Promise<string> => {
    const environment = { ...process.env, PGHOST: "127.0.0.1", PGPORT: String(door.port), PGUSER: "ann", PGDATABASE: "db", PGAPPNAME: "t" };
    return (await run("psql", ["-X", "-A", "-t", ...args], { env: environment })).stdout;
  };
  const present = async (): Promise<boolean> =>
    run("psql", ["--version"]).then(
      () => true,
      () => false,
    );

  it("prints rows in Postgres' text forms", async (context) => {
    if (!(await present())) context.skip();
    const forms =
      "true, 1.5::decimal(9,3), 0.1::float, 1e20, TIMESTAMP '2001-01-01 00:47:00', DATE '0044-03-15', [1,NULL,3], {'a': 'x y', 'b': [true]}";
    expect(await psql("-c", `SELECT ${forms}`)).toBe(
      't|1.500|0.1|1e+20|2001-01-01 00:47:00|0044-03-15|{1,NULL,3}|{"a":"x y","b":[true]}\n',
    );
  });

  it("marks the place of an error", async (context) => {
    if (!(await present())) context.skip();
    const { stderr } = await run("psql", ["-X", "-h", "127.0.0.1", "-p", String(door.port), "-U", "ann", "-c", "SELECT 1; nonsense"]).catch(
      (error: { stderr: string }) => error,
    );
    expect(stderr).toBe(
      'ERROR:  syntax error at or near "nonsense"\nLINE 1: SELECT 1; nonsense\n                  ^\nHINT:  Say something else.\n',
    );
  });
});
