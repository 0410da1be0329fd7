import { describe, expect, it } from "vitest";
import { openReader, readAll, readBatches, schemaOf, sortedText, StillWorld } from "../../../sql-tests/runner/read-source.ts";

const columns =
  "id BIGINT, n INTEGER, d DOUBLE, r REAL, t VARCHAR, b BOOLEAN, m DECIMAL(9,2), day DATE, at TIMESTAMP, u UUID, h HUGEINT, c TIME";
const options = {
  rows: "3000",
  "fields.id.kind": "sequence",
  "fields.id.start": "10",
  "fields.id.end": "1009",
  "fields.n.min": "-3",
  "fields.n.max": "3",
  "fields.t.length": "5",
  "fields.m.min": "1.50",
  "fields.m.max": "1.55",
  "fields.at.min": "2026-01-01 00:00:00",
  "fields.at.max": "2026-01-01 00:00:01",
};

describe("datagen", () => {
  it("makes values within the bounds, the same at every parallelism and for every choice of columns", async () => {
    const { rows } = await readAll("datagen", columns, options);
    expect(rows.length).toBe(3_000);
    expect(rows.map(([id]) => id)).toEqual(Array.from({ length: 3_000 }, (_, i) => BigInt(10 + (i % 1_000))));
    expect([...new Set(rows.map(([, n]) => n as number))].sort((a, b) => a - b)).toEqual([-3, -2, -1, 0, 1, 2, 3]);
    expect(rows.every(([, , d, , t]) => (d as number) >= 0 && (d as number) < 1 && /^[a-z]{5}$/.test(t as string))).toBe(true);
    expect(rows.every(([, , , , , , m]) => (m as bigint) >= 150n && (m as bigint) <= 155n)).toBe(true);
    expect(new Set(rows.map((row) => row[9])).size).toBe(3_000);
    const parts = [];
    for (const subtaskIndex of [0, 1, 2])
      parts.push(...(await readAll("datagen", columns, options, { subtaskIndex, parallelism: 3 })).rows);
    expect(sortedText(parts)).toEqual(sortedText(rows));
    const some = await readAll("datagen", "at TIMESTAMP, n INTEGER", options, { declared: schemaOf(columns) });
    expect(some.rows).toEqual(rows.map((row) => [row[8], row[1]]));
  });

  it("goes on from its positions", async () => {
    const opened = await openReader("datagen", columns, options);
    const first = (await readBatches(opened, 2)).flat();
    const { rows } = await readAll("datagen", columns, options, {}, opened.reader.positions());
    expect([...first, ...rows]).toEqual((await readAll("datagen", columns, options)).rows);
  });

  it("keeps to its rate", async () => {
    const world = new StillWorld();
    const opened = await openReader("datagen", "n INTEGER", { rows_per_second: "10" }, { world });
    expect(await readBatches(opened)).toEqual([]);
    world.now = 500;
    expect((await readBatches(opened)).flat().length).toBe(5);
  });

  it.each([
    ["a INTEGER[]", {}, "datagen makes no values of type INTEGER[]"],
    ["a INTEGER", { "fields.a.min": "x" }, 'option "fields.a.min" is no INTEGER: "x"'],
    ["a INTEGER", { "fields.a.min": "5", "fields.a.max": "4" }, 'option "fields.a.max" is below "fields.a.min"'],
  ])("refuses %s with %j", async (columnsText, given, message) => {
    await expect(openReader("datagen", columnsText, given)).rejects.toThrow(message);
  });
});
