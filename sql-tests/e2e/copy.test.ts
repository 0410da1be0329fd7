import { join } from "node:path";
import pg from "pg";
import { describe, expect, it } from "vitest";
import { copyFrom } from "../runner/copy-in.ts";
import { fixture } from "./fixture.ts";

describe("COPY FROM", { concurrent: false }, () => {
  const f = fixture();
  const withClient = async <T>(work: (client: pg.Client) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ host: "127.0.0.1", port: f.server().pgPort, user: "test", database: "millrace" });
    await client.connect();
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  };
  const copy = (sql: string, pieces: readonly string[] | null): Promise<string> => withClient((client) => copyFrom(client, sql, pieces));

  it("reads Postgres' text format", async () => {
    await f.rows("CREATE TABLE t (id INT PRIMARY KEY, name TEXT DEFAULT 'none', price DECIMAL(8,2), at TIMESTAMP, tags TEXT[])");
    await f.rows("CREATE MATERIALIZED VIEW m AS SELECT count(*) AS n, sum(price) AS total FROM t");
    const rows = ["1\ta\\tb\\n", 'c\t1.5\t2020-01-02 03:04:05\t{x,"y z"}\n2\t\\N\t\\N\t\\N\t\\N\n', "\\.\nignored\n"];
    expect(await copy("COPY t FROM STDIN", rows)).toBe("COPY 2");
    expect(await f.cells("SELECT id, name, price, at::TEXT, tags::TEXT FROM t ORDER BY id")).toEqual([
      ["1", "a\tb\nc", "1.50", "2020-01-02 03:04:05", "[x, y z]"],
      ["2", null, null, null, null],
    ]);
  });

  it("reads CSV, with a header, quotes and columns of one's choice", async () => {
    const rows = ["price,id\n2.25,3\n", '"4.5","4"\n,5\n'];
    expect(await copy("COPY t (price, id) FROM STDIN WITH (FORMAT csv, HEADER match)", rows)).toBe("COPY 3");
    expect(await copy("COPY t (id, name) FROM STDIN CSV DELIMITER ';' NULL 'nil'", ['6;"a;""b""\nc"\r\n7;nil\r\n8;'])).toBe("COPY 3");
    expect(await f.cells("SELECT id, name, price FROM t WHERE id > 2 ORDER BY id")).toEqual([
      ["3", "none", "2.25"],
      ["4", "none", "4.50"],
      ["5", "none", null],
      ["6", 'a;"b"\nc', null],
      ["7", null, null],
      ["8", "", null],
    ]);
    await f.rows("FLUSH");
    expect(await f.cells("SELECT * FROM m")).toEqual([["8", "8.25"]]);
  });

  it("inserts all or nothing, and says where the data is wrong", async () => {
    await expect(copy("COPY t (id) FROM STDIN", ["9\n", "x\n"])).rejects.toMatchObject({
      code: "22P02",
      detail: 'COPY t, line 2, column id: "x"',
    });
    await expect(copy("COPY t (id) FROM STDIN", ["9\n1\n"])).rejects.toMatchObject({ code: "23505" });
    await expect(copy("COPY t (id) FROM STDIN", ["9\t1\n"])).rejects.toMatchObject({ code: "22P04" });
    await expect(copy("COPY t FROM STDIN", ["9\n"])).rejects.toMatchObject({ code: "22P04", message: 'missing data for column "name"' });
    await expect(copy("COPY t FROM STDIN", null)).rejects.toMatchObject({ code: "57014", message: "COPY from stdin failed: no more" });
    await expect(copy("COPY t (nope) FROM STDIN", [])).rejects.toMatchObject({ code: "42703" });
    await expect(copy("COPY nope FROM STDIN", [])).rejects.toMatchObject({ code: "42P01" });
    expect(await f.cells("SELECT count(*) FROM t")).toEqual([["8"]]);
  });

  it("takes part in a transaction", async () => {
    await withClient(async (client) => {
      await client.query("BEGIN");
      await copyFrom(client, "COPY t (id) FROM STDIN", ["100\n101\n"]);
      await client.query("DELETE FROM t WHERE id = 100");
      await client.query("COMMIT");
      await client.query("BEGIN");
      await copyFrom(client, "COPY t (id) FROM STDIN", ["200\n"]);
      await client.query("ROLLBACK");
    });
    await f.rows("FLUSH");
    expect(await f.cells("SELECT n FROM m")).toEqual([["9"]]);
  });

  it("reads a file of the server", async () => {
    const path = f.file("rows.csv", ["id,name", ...Array.from({ length: 20_000 }, (_, i) => `${1_000 + i},n${i}`)]);
    await f.rows(`COPY t (id, name) FROM '${path}' (FORMAT csv, HEADER)`);
    await f.rows("FLUSH");
    expect(await f.cells("SELECT n FROM m")).toEqual([["20009"]]);
    expect(await f.refusal(`COPY t FROM '${join(f.directory, "nope")}'`)).toMatchObject({ code: "58P01" });
  });
});
