import pg from "pg";
import { serialize } from "pg-protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { bindMessage, cellsOf, errorOf, extendedQuery, RawClient, typesOf } from "./raw-client.ts";
import { openDoor, type WireHarness } from "./wire-harness.ts";

let door: WireHarness;
let raw: RawClient;

beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());
beforeEach(async () => {
  raw = await RawClient.session(door.port);
});
afterEach(() => raw.end());

const texts = (rows: readonly (Buffer | null)[][]): (string | null)[][] => rows.map((row) => row.map((cell) => cell?.toString() ?? null));

describe("extended query", () => {
  it("answers Parse, Bind, Describe, Execute, Sync in their order", async () => {
    raw.send(extendedQuery({ sql: "SELECT $1::int AS n, 'x' AS s", oids: [23], parameters: ["7"] }));
    const messages = await raw.until("Z");
    expect(typesOf(messages)).toBe("12TDCZ");
    expect(texts(cellsOf(messages))).toEqual([["7", "x"]]);
    expect(messages.at(-1)?.body.toString()).toBe("I");
  });

  it("describes a statement: parameter types, then columns", async () => {
    raw.send(
      serialize.parse({ name: "s", text: "SELECT $1::bigint AS n, 1.5::decimal(9,3) AS d" }),
      serialize.describe({ type: "S", name: "s" }),
      serialize.sync(),
    );
    const messages = await raw.until("Z");
    expect(typesOf(messages)).toBe("1tTZ");
    expect(messages[1]?.body.toString("hex")).toBe("000100000014");
    const columns = messages[2]?.body as Buffer;
    expect(columns.toString("latin1")).toContain("n\0");
    // numeric(9,3): object id 1700, size -1, type modifier ((9 << 16) | 3) + 4
    expect(columns.toString("hex")).toContain("000006a4ffff00090007");
  });

  it("reports a declared type back as it was, and an unknown one as text", async () => {
    raw.send(serialize.parse({ text: "SELECT $1, $2", types: [2205, 0] }), serialize.describe({ type: "S" }), serialize.sync());
    expect((await raw.until("Z"))[1]?.body.toString("hex")).toBe("00020000089d00000019");
  });

  it("skips to Sync after an error", async () => {
    raw.send(extendedQuery({ sql: "SELECT * FROM nowhere" }), extendedQuery({ sql: "SELECT 1" }));
    const first = await raw.until("Z");
    expect(typesOf(first)).toBe("EZ");
    expect(errorOf(first)).toMatchObject({ C: "42P01" });
    expect(typesOf(await raw.until("Z"))).toBe("12TDCZ");
  });

  it("answers an empty statement", async () => {
    raw.send(extendedQuery({ sql: "" }));
    expect(typesOf(await raw.until("Z"))).toBe("12nIZ");
  });

  it("answers Flush without a Sync", async () => {
    raw.send(serialize.parse({ text: "SELECT 1" }), serialize.flush());
    expect(typesOf(await raw.until("1"))).toBe("1");
    raw.send(serialize.sync());
    await raw.until("Z");
  });

  it("sends columns in the formats asked for", async () => {
    raw.send(extendedQuery({ sql: "SELECT 258::int AS a, 258::int AS b", resultFormats: [1, 0] }));
    expect(cellsOf(await raw.until("Z"))[0]?.map((cell) => cell?.toString("hex"))).toEqual(["00000102", "323538"]);
  });

  it("refuses counts that do not fit", async () => {
    const wrong = { sql: "SELECT $1::int AS a", oids: [23] };
    for (const bind of [
      { ...wrong, parameters: [] },
      { ...wrong, parameters: ["1"], parameterFormats: [0, 0] },
      { ...wrong, parameters: ["1"], resultFormats: [0, 1] },
    ]) {
      raw.send(extendedQuery(bind));
      expect(errorOf(await raw.until("Z"))["C"]).toBe("08P01");
    }
  });

  it("refuses a text parameter that is not UTF-8, or holds a zero", async () => {
    for (const bytes of [Buffer.from([0xc0, 0xaf]), Buffer.from("a\0b"), Buffer.from([0xed, 0xa0, 0x80])]) {
      raw.send(extendedQuery({ sql: "SELECT $1", oids: [25], parameters: [bytes] }));
      expect(errorOf(await raw.until("Z"))["C"]).toBe("22021");
    }
  });
});

describe("portals", () => {
  const suspended = (rows: number): Buffer => serialize.execute({ portal: "p", rows });

  it("give their rows in parts", async () => {
    raw.send(serialize.query("BEGIN"));
    await raw.until("Z");
    raw.send(
      serialize.parse({ text: "SELECT range FROM range(5)" }),
      serialize.bind({ portal: "p" }),
      suspended(2),
      suspended(2),
      suspended(2),
      suspended(2),
      serialize.sync(),
    );
    const messages = await raw.until("Z");
    expect(typesOf(messages)).toBe("12DDsDDsDCCZ");
    expect(messages.filter(({ type }) => type === "C").map(({ body }) => body.toString())).toEqual(["SELECT 1\0", "SELECT 0\0"]);
    expect(texts(cellsOf(messages)).flat()).toEqual(["0", "1", "2", "3", "4"]);
  });

  it("keep their rows while other statements run", async () => {
    raw.send(serialize.query("BEGIN"));
    await raw.until("Z");
    raw.send(serialize.parse({ text: "SELECT range FROM range(20000)" }), serialize.bind({ portal: "p" }), suspended(1), serialize.sync());
    await raw.until("Z");
    raw.send(serialize.query("SELECT 1"));
    await raw.until("Z");
    raw.send(serialize.execute({ portal: "p", rows: 0 }), serialize.sync());
    expect(cellsOf(await raw.until("Z")).length).toBe(19_999);
  });

  it("end with their transaction", async () => {
    raw.send(serialize.parse({ text: "SELECT range FROM range(5)" }), serialize.bind({ portal: "p" }), suspended(2), serialize.sync());
    await raw.until("Z");
    raw.send(suspended(2), serialize.sync());
    expect(errorOf(await raw.until("Z"))["C"]).toBe("34000");
  });
});

describe("prepared statements", () => {
  it("are kept by name, refused twice, freed by Close and DEALLOCATE", async () => {
    const parse = serialize.parse({ name: "s", text: "SELECT 1" });
    raw.send(parse, serialize.sync(), parse, serialize.sync());
    expect(typesOf(await raw.until("Z"))).toBe("1Z");
    expect(errorOf(await raw.until("Z"))["C"]).toBe("42P05");
    raw.send(serialize.close({ type: "S", name: "s" }), parse, serialize.sync());
    expect(typesOf(await raw.until("Z"))).toBe("31Z");
    raw.send(serialize.query("DEALLOCATE s"));
    await raw.until("Z");
    raw.send(serialize.bind({ statement: "s" }), serialize.sync());
    expect(errorOf(await raw.until("Z"))["C"]).toBe("26000");
  });

  it("refuse rows of other types than were described", async () => {
    raw.send(serialize.query("CREATE TABLE shape AS SELECT 1 AS a"));
    await raw.until("Z");
    raw.send(serialize.parse({ text: "SELECT * FROM shape" }), serialize.sync());
    await raw.until("Z");
    raw.send(serialize.query("CREATE OR REPLACE TABLE shape AS SELECT 'x' AS a"));
    await raw.until("Z");
    raw.send(serialize.parse({ text: "SELECT 1" }), serialize.sync());
    await raw.until("Z");
    raw.send(serialize.parse({ name: "shape", text: "SELECT * FROM shape" }), serialize.sync());
    await raw.until("Z");
    raw.send(serialize.query("CREATE OR REPLACE TABLE shape AS SELECT 2.5 AS a"));
    await raw.until("Z");
    raw.send(serialize.bind({ statement: "shape" }), serialize.execute({}), serialize.sync());
    expect(errorOf(await raw.until("Z"))).toMatchObject({ C: "0A000", M: "cached plan must not change result type" });
  });
});

describe("pipelines", () => {
  it("commit what comes before one Sync together, or not at all", async () => {
    raw.send(serialize.query("CREATE TABLE piped (a INTEGER)"));
    await raw.until("Z");
    const insert = Buffer.concat([serialize.parse({ text: "INSERT INTO piped VALUES (1)" }), bindMessage({}), serialize.execute({})]);
    raw.send(insert, insert, serialize.parse({ text: "SELECT * FROM nowhere" }), serialize.sync());
    expect(typesOf(await raw.until("Z"))).toBe("12C12CEZ");
    raw.send(extendedQuery({ sql: "SELECT count(*) FROM piped" }));
    expect(texts(cellsOf(await raw.until("Z")))).toEqual([["0"]]);
    raw.send(insert, insert, serialize.sync());
    await raw.until("Z");
    raw.send(extendedQuery({ sql: "SELECT count(*) FROM piped" }));
    expect(texts(cellsOf(await raw.until("Z")))).toEqual([["2"]]);
  });

  it("answer hundreds of queries sent at once, in order", async () => {
    raw.send(...Array.from({ length: 300 }, (_, i) => extendedQuery({ sql: "SELECT $1::int", oids: [23], parameters: [String(i)] })));
    for (let i = 0; i < 300; i++) expect(texts(cellsOf(await raw.until("Z")))).toEqual([[String(i)]]);
  });
});

describe("the pg driver", () => {
  it("binds its parameters and reads its types", async () => {
    const client = new pg.Client({ host: "127.0.0.1", port: door.port, user: "ann", database: "db" });
    await client.connect();
    const at = new Date("2001-01-01T00:47:00.250Z");
    const sql =
      "SELECT $1::int AS i, $2::varchar AS s, $3::timestamptz AS t, $4::boolean AS b, $5::int[] AS l, $6::double AS d, $7::blob AS y, $8::int AS z";
    const { rows } = await client.query({
      name: "all",
      text: sql,
      values: [42, "it's", at, true, [1, 2], 0.5, Buffer.from([0, 255]), null],
    });
    expect(rows).toEqual([{ i: 42, s: "it's", t: at, b: true, l: [1, 2], d: 0.5, y: Buffer.from([0, 255]), z: null }]);
    await client.end();
  });
});
