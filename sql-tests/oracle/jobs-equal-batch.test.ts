import { anywhere } from "../../runtime/contract/file-places.ts";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batchPrelude } from "../../planner/front/prelude-sql.ts";
import { rewriteQuery } from "../../planner/front/rewrite/rewrite-query.ts";
import type { Engine } from "../../runtime/contract/control.ts";
import type { Store } from "../../runtime/contract/store.ts";
import { createEngine } from "../../runtime/control/engine.ts";
import { openStore } from "../../runtime/duckdb/store.ts";
import { makeFrameCodec } from "../../runtime/exchange/frame-codec.ts";
import { definitionOf } from "../../runtime/operators/registry.ts";
import { LocalSlots } from "../../runtime/worker/local-slots.ts";
import { realWorld } from "../../runtime/world/real-world.ts";
import { openPlanning, type Planning } from "../runner/planning.ts";
import { questions } from "./questions.ts";
import { batchForms } from "./time-join-questions.ts";

/** Every question runs as a job over files of random rows, in slots without threads, and must equal DuckDB's batch answer (design D9). */
const directory = mkdtempSync(join(tmpdir(), "millrace-oracle-"));
let planning: Planning;
let store: Store;
let engine: Engine;

/** A linear congruential generator: the same rows in every run. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}

const random = randomFrom(7);
const oneOf = <T>(values: readonly T[]): T => values[random(values.length)] as T;
const maybe = <T>(value: T): T | null => (random(12) === 0 ? null : value);
/** Ascending but for a second: the watermark of two seconds makes no row late. */
const instant = (i: number): string => new Date(1_700_000_000_000 + i * 700 + random(900)).toISOString().replace("T", " ").replace("Z", "");

interface TestTable {
  readonly columns: string;
  readonly row: (i: number) => object;
  readonly rows: number;
  readonly key?: string;
}

const tables: Readonly<Record<string, TestTable>> = {
  bid: {
    columns: "auction BIGINT, bidder BIGINT, price BIGINT, channel TEXT, url TEXT, ts TIMESTAMP",
    rows: 600,
    row: (i) => ({
      auction: random(9),
      bidder: maybe(random(6)),
      price: maybe(random(500) - 20),
      channel: maybe(oneOf(["apple", "Google", "", "baïdu"])),
      url: oneOf(["http://a/b/c", "x"]),
      ts: instant(i),
    }),
  },
  auction: {
    columns: "id BIGINT, seller BIGINT, category INTEGER, reserve DECIMAL(10,2), ts TIMESTAMP",
    key: "id",
    rows: 200,
    row: (i) => ({ id: i % 12, seller: random(8), category: random(4), reserve: (random(10_000) / 100).toFixed(2), ts: instant(i * 3) }),
  },
  person: {
    columns: "id BIGINT, name TEXT, city TEXT, ts TIMESTAMP",
    rows: 150,
    row: (i) => ({ id: random(8), name: oneOf(["ann", "bob", "cy"]), city: maybe(oneOf(["Bern", "Ulm"])), ts: instant(i * 4) }),
  },
};

const fileOf = (table: string): string => join(directory, `${table}.jsonl`);

const ddl = Object.entries(tables)
  .map(
    ([name, { columns, key }]) =>
      `CREATE SOURCE ${name} (${columns}, ${key === undefined ? "" : `PRIMARY KEY (${key}) NOT ENFORCED, `}WATERMARK FOR ts AS ts - INTERVAL '2' SECOND) WITH (connector = 'filesystem', path = '${fileOf(name)}', format = 'json');`,
  )
  .join("\n");

beforeAll(async () => {
  for (const [name, { rows, row }] of Object.entries(tables)) {
    writeFileSync(fileOf(name), Array.from({ length: rows }, (_, i) => `${JSON.stringify(row(i))}\n`).join(""));
  }
  const batch = Object.entries(tables).map(([name, { columns }]) => {
    const list = columns.split(/, (?=[a-z])/).map((c) => c.split(" "));
    const types = list.map(([column, type]) => `${column}: '${type}'`).join(", ");
    return `CREATE TABLE public.${name} AS SELECT * FROM read_json('${fileOf(name)}', format = 'newline_delimited', columns = {${types}})`;
  });
  store = await openStore({ path: ":memory:", prelude: [...batchPrelude, ...batch] });
  engine = await createEngine({
    world: realWorld,
    store,
    slots: new LocalSlots(2, { world: realWorld, definitionOf }),
    scratchDirectory: directory,
    places: anywhere,
    log: () => undefined,
    stateTablesOf: (node) => definitionOf(node.spec).stateTables(node.spec, node.inputs, node.output),
    makeFrameCodec,
  });
  planning = openPlanning(ddl);
});

afterAll(async () => {
  planning.close();
  await engine.close();
  await store.close();
  rmSync(directory, { recursive: true });
});

async function rowsOf(sql: string): Promise<readonly string[]> {
  const connection = await store.connect();
  try {
    const rows = await (await connection.query(sql)).rows();
    return rows.map((row) => JSON.stringify(row, (_, value: unknown) => printed(value))).sort();
  } finally {
    connection.close();
  }
}

/** Sums of doubles depend on their order. */
function printed(value: unknown): unknown {
  if (typeof value === "bigint") return value.toString();
  return typeof value === "number" ? Number(value.toPrecision(9)) : value;
}

/** All at parallelism 2, where there are exchanges and two phases; every third also without. */
const cases = Object.entries(questions).flatMap(([name, sql], i) =>
  (i % 3 === 0 ? [1, 2] : [2]).map((parallelism) => ({ name, sql, parallelism })),
);

describe("a job", () => {
  it.each(cases)("$name at parallelism $parallelism equals its batch", async ({ name, sql, parallelism }) => {
    const job = `${name.replaceAll("-", "_")}_${parallelism}`;
    const script = `CREATE STREAMING JOB ${job} WITH (parallelism = ${parallelism}, checkpoint_interval = '200ms') AS ${sql};`;
    const planned = await planning.run(script);
    await engine.submit({ name: job, ...planned });
    const state = await engine.finished(job);
    expect([state, engine.exceptions(job).map((e) => e.message)]).toEqual(["FINISHED", []]);
    const batch = batchForms[name] ?? sql.replace(/ EMIT .*$/, "");
    const expected = await rowsOf(rewriteQuery({ text: batch, at: 0 }).text);
    expect(await rowsOf(`SELECT * FROM "${job}"`)).toEqual(expected);
    expect(expected.length).toBeGreaterThan(0);
    await engine.drop(job);
  });
});
