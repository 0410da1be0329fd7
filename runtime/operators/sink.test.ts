import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { linesOf, OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { SinkSpec } from "../contract/job-graph.ts";
import { bigint, type Schema, varchar } from "../contract/types.ts";
import { openLocal } from "../duckdb/local.ts";
import { sink } from "./sink.ts";

const schema: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "n", type: bigint },
  ],
};
const resultSpec: SinkSpec = { op: "sink", connector: "result", sink: "t", options: {}, schema, uniqueKey: null, changelog: false };
const open = (spec: SinkSpec, at: { subtaskIndex?: number; parallelism?: number } = {}): Promise<OperatorHarness<SinkSpec>> =>
  OperatorHarness.open({ definition: sink, spec, inputs: [schema], output: schema, changelog: spec.changelog, ...at });

describe("the result table", () => {
  it("gets the rows since the last barrier, and each row once", async () => {
    const harness = await open(resultSpec);
    expect(await harness.feed("+ a 1 | + a 1 | -- | + b 2 | barrier 1 | + c 3 | barrier 2 | barrier 3")).toEqual(
      linesOf("barrier 1 | result t + a 1 | result t + a 1 | result t + b 2 | barrier 2 | result t + c 3 | barrier 3"),
    );
  });

  it.each([[[0]], [null]])("nets a changelog with key %j: what came and went is not seen, the old row goes first", async (uniqueKey) => {
    const harness = await open({ ...resultSpec, changelog: true, uniqueKey });
    expect(await harness.feed("+ a 1 | + b 1 | -- | - a 1 | + a 2 | + c 1 | - c 1 | barrier 1")).toEqual(
      linesOf("barrier 1 | result t + b 1 | result t + a 2"),
    );
    expect(await harness.feed("- a 2 | + a 3 | - b 1 | + b 2 | - b 2 | + b 1 | -- | - a 3 | + a 4 | barrier 2")).toEqual(
      linesOf("barrier 2 | result t - a 2 | result t + a 4"),
    );
  });

  it("keeps how often equal rows stand there when they have no key", async () => {
    const harness = await open({ ...resultSpec, changelog: true });
    expect(await harness.feed("+ a 1 | + a 1 | +2 NULL 7 | - NULL 7 | barrier 1")).toHaveLength(3);
    expect(await harness.feed("-2 a 1 | barrier 2")).toEqual(linesOf("barrier 2 | result t -2 a 1"));
  });

  it("nets while it collects, so that a hot key takes no memory", async () => {
    const harness = await open({ ...resultSpec, changelog: true });
    for (let n = 0; n < 40; n++) {
      const rows = Array.from({ length: 4_000 }, (_, i) => ["a", BigInt(Math.ceil((n * 4_000 + i) / 2))]);
      await harness.rows(
        rows,
        rows.map((_, i) => (i % 2 === 0 ? 1 : -1)),
      );
    }
    expect((await harness.feed("barrier 1")).length).toBeLessThan(4);
  });
});

describe("the filesystem sink", () => {
  let directory: string;
  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "millrace-sink-"));
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  const spec = (format: string, changelog = false): SinkSpec => ({
    op: "sink",
    connector: "filesystem",
    sink: "out.put",
    schema,
    uniqueKey: null,
    changelog,
    options: { path: join(directory, "made/here"), format },
  });
  const visible = (): string[] =>
    readdirSync(join(directory, "made/here"))
      .filter((name) => !name.startsWith("."))
      .sort();
  const texts = (): string[] => visible().map((name) => readFileSync(join(directory, "made/here", name), "utf8"));

  it("shows a file when the checkpoint completes, and none for a checkpoint without rows", async () => {
    const harness = await open(spec("json"));
    await harness.feed("+ a 1 | + b 2 | barrier 1 | + c 3");
    expect(visible()).toEqual([]);
    await harness.feed("complete 1");
    expect(visible()).toHaveLength(1);
    expect(visible()[0]).toMatch(/^[^.]+\.out%2Eput\.0\.1\.[0-9a-z]+\.json$/);
    expect(texts()).toEqual(['{"k":"a","n":1}\n{"k":"b","n":2}\n']);
    await harness.feed("barrier 2 | complete 2 | barrier 3 | complete 3");
    expect(texts()).toHaveLength(2);
    expect(harness.state.get("committables")?.size ?? 0).toBe(0);
  });

  it("commits again what a restored checkpoint had prepared, whatever had been committed, and drops what came later", async () => {
    const harness = await open(spec("csv"));
    await harness.feed("+ a 1 | barrier 1 | + b 2");
    const crashed = harness.restore();
    const first = await crashed;
    expect(texts()).toEqual(["k,n\na,1\n"]);
    await first.close();
    const again = await harness.restore();
    await again.feed("+ b 2 | barrier 2 | complete 2");
    expect(texts()).toEqual(["k,n\na,1\n", "k,n\nb,2\n"]);
    expect(readdirSync(join(directory, "made/here")).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("commits at another parallelism, and leaves other files alone", async () => {
    const harness = await open(spec("json"), { subtaskIndex: 2, parallelism: 3 });
    await harness.feed("+ a 1 | barrier 1 | + lost 0 | barrier 2");
    const other = join(directory, "made/here/.somebody.else.2.x.unfinished");
    writeFileSync(other, "");
    const restored = await harness.restore({ subtaskIndex: 0, parallelism: 2 });
    expect(texts()).toHaveLength(2);
    await restored.close();
    expect(readFileSync(other, "utf8")).toBe("");
  });

  it("writes a changelog with an op column, as Parquet too", async () => {
    const harness = await open(spec("parquet", true));
    await harness.feed("+2 a 1 | - b NULL | barrier 1 | complete 1 | + c 3 | barrier 2 | complete 2");
    await harness.close();
    const duckdb = await openLocal();
    const rows = await (await duckdb.stream(`SELECT * FROM read_parquet('${directory}/made/here/*.parquet') ORDER BY k, n`)).rows();
    await duckdb.close();
    expect(rows).toEqual([
      ["+I", "a", 1n],
      ["+I", "a", 1n],
      ["-D", "b", null],
      ["+I", "c", 3n],
    ]);
  });
});
