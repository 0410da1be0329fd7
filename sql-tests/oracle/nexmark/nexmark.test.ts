import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { batchPrelude } from "../../../planner/front/prelude-sql.ts";
import { rewriteQuery } from "../../../planner/front/rewrite/rewrite-query.ts";
import { SqlError } from "../../../runtime/contract/errors.ts";
import { batchOf } from "../../../runtime/contract/rows.ts";
import type { Store } from "../../../runtime/contract/store.ts";
import type { Schema } from "../../../runtime/contract/types.ts";
import { openStore } from "../../../runtime/duckdb/store.ts";
import { definitionOf } from "../../../runtime/operators/registry.ts";
import { differences } from "../../runner/compare-bags.ts";
import { type FedRow, MaintainedJob } from "../../runner/in-thread/maintained-job.ts";
import { openPlanning, type Planning } from "../../runner/planning.ts";
import { Random } from "../random/random.ts";
import { nexmarkQueries } from "./queries.ts";
import { columnList, nexmarkRows, tables } from "./rows.ts";

/** Nexmark's queries over the connector's events, each equal to the batch at the end, after a crash midway and on at another parallelism. */
let planning: Planning;
let store: Store;
let fed: readonly FedRow[];

beforeAll(async () => {
  const events = ["bid", "auction", "person"].map(
    (name) =>
      `CREATE SOURCE ${name} (${columnList(name)}, WATERMARK FOR date_time AS date_time - INTERVAL '2' SECOND) WITH (connector = 'filesystem', path = '/nowhere', format = 'json');`,
  );
  planning = openPlanning([...events, `CREATE TABLE side_input (${columnList("side_input")}, PRIMARY KEY (key));`].join("\n"));
  const all: FedRow[] = [];
  store = await openStore({
    path: ":memory:",
    threads: 1,
    prelude: [...batchPrelude, ...Object.keys(tables).map((name) => `CREATE TABLE public.${name} (${columnList(name)})`)],
  });
  for (const [name, schema] of Object.entries(tables)) {
    const rows = await nexmarkRows(name);
    all.push(...rows.map((row, n) => ({ source: name, producer: name === "side_input" ? 0 : n, row, weight: 1 })));
    await store.transact((transaction) => transaction.append("public", name, schema, [batchOf(schema, rows)]));
  }
  fed = all;
});

afterAll(async () => {
  planning.close();
  await store.close();
});

async function batchAnswer(sql: string): Promise<{ schema: Schema; rows: Awaited<ReturnType<typeof nexmarkRows>> }> {
  const connection = await store.connect();
  const answer = await connection.query(rewriteQuery({ text: sql, at: 0 }).text);
  const rows = await answer.rows();
  connection.close();
  return { schema: answer.schema, rows };
}

/** Part number `part` of three of each source's rows, in order. */
const third = (part: number): readonly FedRow[] =>
  Object.keys(tables).flatMap((name) => {
    const own = fed.filter(({ source }) => source === name);
    return own.slice((own.length * part) / 3, (own.length * (part + 1)) / 3);
  });

describe("Nexmark", () => {
  it.for(nexmarkQueries)("$id equals its batch", async ({ id, sql }, { skip }) => {
    const random = new Random(11);
    const job = new MaintainedJob({
      definitionOf,
      random: (below) => random.below(below),
      declaredOf: (source) => tables[source] as Schema,
      plan: (parallelism) => planning.plan(`CREATE STREAMING JOB ${id} WITH (parallelism = ${parallelism}) AS ${sql};`),
    });
    try {
      await job.start(2);
    } catch (error) {
      if (!(error instanceof SqlError) || error.sqlState !== "0A000") throw error;
      skip(error.message);
    }
    job.feed(third(0), 200);
    await job.checkpoint();
    job.feed(third(1), 200);
    await job.checkpoint(60);
    job.crash();
    await job.start(3);
    await job.checkpoint();
    job.feed(third(2), 200);
    await job.end();
    const expected = await batchAnswer(sql);
    const { rows, negative } = job.result();
    expect([...negative, ...differences(expected.schema, rows, expected.rows)].slice(0, 10)).toEqual([]);
    expect(rows.length).toBeGreaterThan(0);
    await job.close();
  });
});
