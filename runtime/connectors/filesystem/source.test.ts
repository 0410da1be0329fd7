import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Batch } from "../../contract/batch.ts";
import type { SourceReader, SplitPosition } from "../../contract/connector.ts";
import { valueAt } from "../../contract/rows.ts";
import type { Value } from "../../contract/value.ts";
import { openLocal } from "../../duckdb/local.ts";
import { fileMetadataKeys } from "./file-metadata.ts";
import { openReader, readAll, readBatches, sortedText, StillWorld } from "../../../sql-tests/runner/read-source.ts";

const data = new URL("../../../node_modules/vega-datasets/data/", import.meta.url).pathname;
let root: string;
let files: string;
let number = 0;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "millrace-files-"));
});
beforeEach(() => {
  files = join(root, String(number++));
  mkdirSync(files);
});
afterAll(() => rmSync(root, { recursive: true }));

async function parquet(name: string, select: string, options = ""): Promise<string> {
  const duckdb = await openLocal();
  const path = join(files, name);
  await duckdb.run(`COPY (${select}) TO '${path.replaceAll("'", "''")}' (FORMAT parquet${options})`);
  await duckdb.close();
  return path;
}

/** Reads some batches at one parallelism, then the rest from the positions at another. */
async function interrupted(
  columns: string,
  options: Record<string, string>,
  batches: number,
  before: number,
  after: number,
): Promise<Value[][]> {
  const rows: Value[][] = [];
  const positions: SplitPosition[] = [];
  for (let subtaskIndex = 0; subtaskIndex < before; subtaskIndex++) {
    const opened = await openReader("filesystem", columns, options, { subtaskIndex, parallelism: before });
    for (const row of (await readBatches(opened, batches)).flat()) rows.push(row);
    positions.push(...opened.reader.positions());
    await opened.reader.close();
  }
  for (let subtaskIndex = 0; subtaskIndex < after; subtaskIndex++) {
    for (const row of (await readAll("filesystem", columns, options, { subtaskIndex, parallelism: after }, positions)).rows) rows.push(row);
  }
  return rows;
}

describe("Parquet files", () => {
  it("are read in order, at any parallelism, and go on from any position", async () => {
    const path = await parquet("a.parquet", "SELECT i, 'text ' || i AS t FROM range(260000) r(i)", ", ROW_GROUP_SIZE 2048");
    const options = { path, format: "parquet" };
    const { rows } = await readAll("filesystem", "t VARCHAR, i BIGINT", options);
    expect(rows.length).toBe(260_000);
    expect(rows.every(([, i], n) => i === BigInt(n))).toBe(true);
    expect(rows[259_999]).toEqual(["text 259999", 259_999n]);
    for (const [batches, before, after] of [
      [1, 1, 2],
      [70, 2, 3],
      [0, 3, 1],
    ] as const) {
      const all = await interrupted("i BIGINT", options, batches, before, after);
      expect(all.length).toBe(260_000);
      expect(new Set(all.map(([i]) => i)).size).toBe(260_000);
    }
  });

  it("give the flights, shared out evenly", async () => {
    const options = { path: join(data, "flights-3m.parquet"), format: "parquet" };
    const shares = [];
    for (const subtaskIndex of [0, 1]) {
      const opened = await openReader("filesystem", "delay BIGINT", options, { subtaskIndex, parallelism: 2 });
      let rows = 0;
      for (let result = await opened.reader.read(); result.kind === "batch"; result = await opened.reader.read()) rows += result.batch.rows;
      await opened.reader.close();
      shares.push(rows);
    }
    expect((shares[0] ?? 0) + (shares[1] ?? 0)).toBe(3_000_000);
    expect(Math.min(...shares)).toBeGreaterThan(1_300_000);
  });

  it("are cast to the declared types; a value that does not fit makes a bad row", async () => {
    const path = await parquet(
      "it's [1]*.parquet",
      "SELECT i::INTEGER AS \"A\", CASE i WHEN 0 THEN 'x' WHEN 3 THEN 'y' WHEN 4 THEN NULL ELSE i::VARCHAR END AS b FROM range(6) r(i)",
    );
    const columns = "a BIGINT, b SMALLINT";
    const { rows, bad } = await readAll("filesystem", columns, { path: `${files}/*.parquet`, format: "parquet" });
    expect(rows).toEqual([
      [1n, 1],
      [2n, 2],
      [4n, null],
      [5n, 5],
    ]);
    expect(bad).toEqual([
      { file: path, line: 0, reason: 'row 0: column "b" is no SMALLINT', raw: "x" },
      { file: path, line: 0, reason: 'row 3: column "b" is no SMALLINT', raw: "y" },
    ]);
    for (const batches of [0, 1, 2]) expect(await interrupted(columns, { path: files, format: "parquet" }, batches, 1, 2)).toEqual(rows);
    await expect(readAll("filesystem", columns, { path: files, format: "parquet" }, { policy: "fail" })).rejects.toThrow(
      'row 0: column "b"',
    );
  });

  it("lack a column, or are none: the message says so", async () => {
    const path = await parquet("a.parquet", "SELECT 1 AS amount");
    await expect(readAll("filesystem", "amuont BIGINT", { path, format: "parquet" })).rejects.toThrow(
      'has no column "amuont"; perhaps "amount" is meant',
    );
    writeFileSync(join(files, "b.parquet"), "PAR1 and no more");
    await expect(readAll("filesystem", "amount BIGINT", { path: files, format: "parquet" })).rejects.toThrow(
      "is not a Parquet file, or not a whole one",
    );
  });

  it("of no rows, and queries of no columns", async () => {
    const path = await parquet("a.parquet", "SELECT 1 AS a WHERE false");
    expect((await readAll("filesystem", "a INTEGER", { path, format: "parquet" })).rows).toEqual([]);
    const some = await parquet("b.parquet", "SELECT * FROM range(5000)");
    expect((await readAll("filesystem", "", { path: some, format: "parquet" })).rows).toEqual(Array(5_000).fill([]));
  });
});

describe("text files", () => {
  const columns = "date TIMESTAMP, delay BIGINT, origin VARCHAR";

  it.each(["flights-2k.json", "flights-20k.json"])("%s: an array of objects equals DuckDB's reading", async (name) => {
    const duckdb = await openLocal();
    const query = `SELECT strptime(date, '%Y/%m/%d %H:%M'), delay, origin FROM read_json('${data}${name}', columns = {date: 'VARCHAR', delay: 'BIGINT', origin: 'VARCHAR'})`;
    const expected = await (await duckdb.stream(query)).rows();
    await duckdb.close();
    const { rows, bad } = await readAll("filesystem", columns, { path: data + name, format: "json" });
    expect(bad).toEqual([]);
    expect(rows).toEqual(expected);
  });

  it("a CSV file equals DuckDB's reading", async () => {
    const duckdb = await openLocal();
    const expected = await (await duckdb.stream(`SELECT date, high, volume FROM read_csv('${data}sp500-2000.csv')`)).rows();
    await duckdb.close();
    const { rows } = await readAll("filesystem", "date DATE, high DOUBLE, volume BIGINT", { path: `${data}sp500-2000.csv`, format: "csv" });
    expect(rows).toEqual(expected);
  });

  const json = Array.from({ length: 6_000 }, (_, i) => `{"a":${i},"b":"é${i}\\n"}\n`).join("");
  const csv = `\ufeffb,a\r\n${Array.from({ length: 6_000 }, (_, i) => `"é${i}\n",${i}\r\n`).join("")}`;

  it.each([
    ["json", json],
    ["json", `\ufeff[${json.trimEnd().replaceAll("}\n", "},\n")}]`],
    ["csv", csv],
  ])("%s: go on from any position with exactly the rest", async (format, text) => {
    for (const name of ["a", "b", "c"]) writeFileSync(join(files, `${name}.${format}`), text);
    const options = { path: `${files}/*.${format}`, format };
    const { rows, bad } = await readAll("filesystem", "a BIGINT, b VARCHAR", options);
    expect(bad).toEqual([]);
    expect(rows.length).toBe(18_000);
    expect(rows[5_999]).toEqual([5_999n, "é5999\n"]);
    const whole = sortedText(rows);
    for (const [batches, before, after] of [
      [1, 1, 1],
      [2, 1, 3],
      [1, 2, 1],
      [3, 3, 2],
    ] as const) {
      expect(sortedText(await interrupted("a BIGINT, b VARCHAR", options, batches, before, after))).toEqual(whole);
    }
  });

  it("say file and line of a bad row, by the policy", async () => {
    const path = join(files, "a.json");
    writeFileSync(path, `{"a":1}\n{"a":"x"}\n{"a":3}`);
    const { rows, bad } = await readAll("filesystem", "a BIGINT", { path, format: "json" });
    expect(rows).toEqual([[1n], [3n]]);
    expect(bad).toEqual([{ file: path, line: 2, reason: 'column "a": "x" is no BIGINT', raw: '{"a":"x"}' }]);
    await expect(readAll("filesystem", "a BIGINT", { path, format: "json" }, { policy: "fail" })).rejects.toThrow(`${path}:2: column "a"`);
  });

  it("hold records longer than the window", async () => {
    const long = "x".repeat(700_000);
    writeFileSync(join(files, "a.json"), `{"b":"${long}"}\n{"b":"short"}\n{"b":"${long}y"}\n`);
    const { rows } = await readAll("filesystem", "b VARCHAR", { path: files, format: "json" });
    expect(rows.map(([b]) => (b as string).length)).toEqual([700_000, 5, 700_001]);
  });
});

describe("a watched directory", () => {
  async function watched(columns: string, format: string): Promise<() => Promise<Value[][]>> {
    const world = new StillWorld();
    const options = { path: `${files}/*.${format}`, format, watch: "true", watch_interval: "10ms" };
    const opened = await openReader("filesystem", columns, options, { world });
    return async () => {
      world.now += 11;
      return (await readBatches(opened)).flat();
    };
  }

  it("gives new rows of a growing file, each line once it is whole", async () => {
    const path = join(files, "a.json");
    const next = await watched("a BIGINT", "json");
    expect(await next()).toEqual([]);
    writeFileSync(path, `{"a":1}\n{"a":`);
    expect(await next()).toEqual([[1n]]);
    appendFileSync(path, "2}");
    expect(await next()).toEqual([]);
    appendFileSync(path, `\n{"a":3}\n`);
    expect(await next()).toEqual([[2n], [3n]]);
    writeFileSync(join(files, "b.json"), `{"a":4}\n`);
    expect(await next()).toEqual([[4n]]);
    expect(await next()).toEqual([]);
  });

  it("waits for a CSV header, and for a quote that is not closed yet", async () => {
    const path = join(files, "a.csv");
    writeFileSync(path, "a,");
    const next = await watched("b VARCHAR", "csv");
    expect(await next()).toEqual([]);
    appendFileSync(path, 'b\n1,"x\n');
    expect(await next()).toEqual([]);
    appendFileSync(path, 'y"\n2,z');
    expect(await next()).toEqual([["x\ny"]]);
    appendFileSync(path, "\n");
    expect(await next()).toEqual([["z"]]);
  });

  it("takes a Parquet file once it is whole", async () => {
    const whole = await parquet("hidden", "SELECT 7 AS a");
    const path = join(files, "a.parquet");
    writeFileSync(path, "PAR1 in the making");
    const next = await watched("a INTEGER", "parquet");
    expect(await next()).toEqual([]);
    copyFileSync(whole, `${path}.new`);
    renameSync(`${path}.new`, path);
    expect(await next()).toEqual([[7]]);
    expect(await next()).toEqual([]);
  });
});

describe("paths", () => {
  const options = (path: string): Record<string, string> => ({ path, format: "json" });
  const row = `{"a":1}\n`;

  it("name a file, a directory, a pattern; hidden files are left out", async () => {
    mkdirSync(join(files, "sub/deep"), { recursive: true });
    for (const name of ["x1.json", "x2.json", ".hidden.json", "sub/x3.json", "sub/deep/x4.txt"]) writeFileSync(join(files, name), row);
    const count = async (path: string): Promise<number> => (await readAll("filesystem", "a BIGINT", options(path))).rows.length;
    expect(await count(`${files}/x1.json`)).toBe(1);
    expect(await count(files)).toBe(4);
    expect(await count(`${files}/*.json`)).toBe(2);
    expect(await count(`${files}/x?.json`)).toBe(2);
    expect(await count(`${files}/*/x*`)).toBe(1);
    expect(await count(`${files}/**/*.json`)).toBe(3);
  });

  it("that lead nowhere fail, and may be tried again", async () => {
    await expect(readAll("filesystem", "a BIGINT", options(`${files}/no.json`))).rejects.toMatchObject({
      domain: "external",
      retry: "retry",
      message: `cannot open "${files}/no.json": no such file or directory`,
    });
    await expect(readAll("filesystem", "a BIGINT", options(`${files}/*.json`))).rejects.toThrow(`there are no files in "${files}/*.json"`);
  });

  it("outside the allowed directories are refused, by symbolic links too", async () => {
    const inside = join(files, "in");
    const outside = join(files, "out");
    mkdirSync(inside);
    mkdirSync(outside);
    writeFileSync(join(outside, "a.json"), row);
    symlinkSync(join(outside, "a.json"), join(inside, "link.json"));
    const allowed = { places: { allowed: [inside], own: [] } };
    for (const path of [join(outside, "a.json"), join(inside, "../out/a.json"), join(inside, "link.json"), inside, `${outside}/*`]) {
      await expect(readAll("filesystem", "a BIGINT", options(path), allowed)).rejects.toMatchObject({ domain: "user", sqlState: "42501" });
    }
    expect((await readAll("filesystem", "a BIGINT", options(outside), { places: { allowed: [files], own: [] } })).rows.length).toBe(1);
  });

  it("whose file became shorter than what was read: it was replaced", async () => {
    const path = join(files, "a.json");
    writeFileSync(path, row);
    const positions = [{ split: path, position: '{"offset":100,"line":9,"array":false}' }];
    const again = openReader("filesystem", "a BIGINT", options(path), {}, positions);
    await expect(again).rejects.toThrow(`file "${path}" has 8 bytes, but 100 of it have been read: it was replaced`);
  });
});

describe("the origin of a row", () => {
  it("is its line, whatever its texts hold", async () => {
    const path = join(files, "origin.jsonl");
    writeFileSync(path, ['{"t": "a\\nb\\n"}', "", '{"t": 1, ', '{"t": "x\\\\n"}', '{"t": "y"}'].map((line) => `${line}\n`).join(""));
    const opened = await openReader("filesystem", "t VARCHAR", { path, format: "json" });
    const { rows } = await firstBatch(opened.reader);
    expect(Array.from({ length: rows }, (_, row) => opened.reader.originOf?.(row))).toEqual(
      [1, 4, 5].map((line) => ({ file: path, line })),
    );
    expect(opened.reader.originOf?.(0)).toEqual({ file: path, line: 1 });
    expect(opened.bad.map(({ line }) => line)).toEqual([3]);
    await opened.reader.close();
  });

  it("and the file's own facts are metadata", async () => {
    const path = await parquet("origin.parquet", "SELECT i FROM range(3) r(i)");
    utimesSync(path, new Date(5_000), new Date(7_000));
    const { reader } = await openReader("filesystem", "i BIGINT", { path, format: "parquet" });
    const { rows } = await firstBatch(reader);
    const valuesOf = (key: string): unknown[] => {
      const spec = fileMetadataKeys.find((known) => known.key === key);
      const column = reader.metadata?.(key, rows);
      return spec === undefined || column === undefined ? [] : Array.from({ length: rows }, (_, row) => valueAt(spec.type, column, row));
    };
    expect(valuesOf("row.number")).toEqual([1n, 2n, 3n]);
    expect(valuesOf("file.path")).toEqual([path, path, path]);
    expect(valuesOf("file.name")[2]).toBe("origin.parquet");
    expect(valuesOf("file.modification_time")[0]).toBe(7_000_000n);
    expect(reader.originOf?.(0)).toEqual({ file: path, line: 0 });
    await reader.close();
  });
});

async function firstBatch(reader: SourceReader): Promise<Batch> {
  const result = await reader.read();
  if (result.kind !== "batch") throw new Error("there is a batch");
  return result.batch;
}
