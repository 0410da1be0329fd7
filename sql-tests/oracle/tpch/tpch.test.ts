import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rewriteQuery } from "../../../planner/front/rewrite/rewrite-query.ts";
import { SqlError } from "../../../runtime/contract/errors.ts";
import { batchOf } from "../../../runtime/contract/rows.ts";
import type { Store } from "../../../runtime/contract/store.ts";
import { openStore } from "../../../runtime/duckdb/store.ts";
import { definitionOf } from "../../../runtime/operators/registry.ts";
import { batchPrelude } from "../../../planner/front/prelude-sql.ts";
import { differences } from "../../runner/compare-bags.ts";
import { type FedRow, MaintainedJob } from "../../runner/in-thread/maintained-job.ts";
import { openPlanning, type Planning } from "../../runner/planning.ts";
import { queries } from "../queries.ts";
import { Random } from "../random/random.ts";
import { tpchRows } from "./generate.ts";
import { columnsOf, keys, schemaOf, type TpchTable, tpchTables } from "./tables.ts";

/** TPC-H's 22 queries over tables that change, each equal to the batch after every change, and after a crash at another parallelism. */
const tpch = queries.filter(([id]) => /^tpch\d+$/.test(id));

/** What the planner may refuse, as it does not say all of SQL yet; an answer is always held to the batch. */
const mayBeRefused: ReadonlySet<string> = new Set(tpch.map(([id]) => id));

interface Change {
  readonly row: number;
  readonly weight: 1 | -1;
}

const rows = tpchRows(42);

/** Three steps: two thirds of the rows; the rest, while some orders, lines and dimensions go; and some of those come back. */
const steps: readonly (readonly Change[])[] = (() => {
  const random = new Random(7);
  const early = rows.flatMap((_, row) => (row % 3 === 0 && row > 120 ? [] : [row]));
  const late = rows.flatMap((_, row) => (row % 3 === 0 && row > 120 ? [row] : []));
  const gone = early.filter((row) => row > 15 && random.oneIn(9));
  const change =
    (weight: 1 | -1) =>
    (row: number): Change => ({ row, weight });
  return [
    early.map(change(1)),
    random.shuffled([...late.map(change(1)), ...gone.map(change(-1))]),
    [...gone.filter((_, i) => i % 2 === 0).map(change(1)), ...late.filter((_, i) => i % 4 === 0).map(change(-1))],
  ];
})();

let planning: Planning;
/** One store per step: its tables hold what is there after it. */
let stores: readonly Store[];

beforeAll(async () => {
  planning = openPlanning(
    tpchTables.map((table) => `CREATE TABLE ${table} (${columnsOf(table)}, PRIMARY KEY (${keys[table]}));`).join("\n"),
  );
  const live = new Set<number>();
  const opened: Store[] = [];
  for (const changes of steps) {
    for (const { row, weight } of changes) {
      if (weight === 1) live.add(row);
      else live.delete(row);
    }
    opened.push(await loaded([...live]));
  }
  stores = opened;
});

afterAll(async () => {
  planning.close();
  for (const store of stores) await store.close();
});

async function loaded(live: readonly number[]): Promise<Store> {
  const tables = tpchTables.map((table) => `CREATE TABLE public.${table} (${columnsOf(table)})`);
  const store = await openStore({ path: ":memory:", threads: 1, prelude: [...batchPrelude, ...tables] });
  await store.transact(async (transaction) => {
    for (const table of tpchTables) {
      const own = live.flatMap((row) => (rows[row]?.table === table ? [rows[row].row] : []));
      await transaction.append("public", table, schemaOf(table), [batchOf(schemaOf(table), own)]);
    }
  });
  return store;
}

const fed = ({ row: number, weight }: Change): FedRow => {
  const { table, row } = rows[number] ?? { table: "region", row: [] };
  return { source: table, producer: 0, row, weight };
};

interface Compared {
  readonly different: readonly string[];
  readonly rows: number;
}

async function compared(job: MaintainedJob, sql: string, step: number): Promise<Compared> {
  const connection = await (stores[step] as Store).connect();
  const answer = await connection.query(rewriteQuery({ text: sql, at: 0 }).text);
  const expected = await answer.rows();
  connection.close();
  const { rows: actual, negative } = job.result();
  return { different: [...negative, ...differences(answer.schema, actual, expected)], rows: expected.length };
}

describe("TPC-H over changing tables", () => {
  it.for(tpch)("%s equals its batch", async ([id, sql], { skip }) => {
    const random = new Random(3);
    const job = new MaintainedJob({
      definitionOf,
      random: (below) => random.below(below),
      declaredOf: (source) => schemaOf(source as TpchTable),
      plan: (parallelism) => planning.plan(`CREATE STREAMING JOB ${id} WITH (parallelism = ${parallelism}) AS ${sql};`),
    });
    try {
      await job.start(2);
    } catch (error) {
      if (!(error instanceof SqlError) || error.sqlState !== "0A000" || !mayBeRefused.has(id)) throw error;
      skip(error.message);
    }
    const answers: Compared[] = [];
    const [first = [], second = [], third = []] = steps;
    job.feed(first.map(fed), 300);
    await job.checkpoint();
    answers.push(await compared(job, sql, 0));
    job.feed(second.map(fed), 50);
    await job.checkpoint(40);
    job.crash();
    await job.start(3);
    await job.checkpoint();
    answers.push(await compared(job, sql, 1));
    job.feed(third.map(fed), 50);
    await job.checkpoint();
    answers.push(await compared(job, sql, 2));
    await job.close();
    expect(answers.map(({ different }) => different)).toEqual([[], [], []]);
    // A question without an answer would say nothing.
    expect(Math.max(...answers.map(({ rows: answered }) => answered))).toBeGreaterThan(0);
  });
});
