import type { JobSubmission } from "../../runtime/contract/control.ts";
import type { Store } from "../../runtime/contract/store.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { batchOf } from "../../runtime/contract/rows.ts";
import { openStore } from "../../runtime/duckdb/store.ts";
import { bigint, timestamp } from "../../runtime/contract/types.ts";
import { batchPrelude } from "../../planner/front/prelude-sql.ts";
import { openPlanning } from "../runner/planning.ts";
import { logRows, registerConnectors } from "./outside.ts";

/** A query of a job, and its answer as a batch. */
export interface Query {
  readonly body: string;
  readonly batch: string;
}

/** A job that the simulation runs, and what its rows must be in the end. */
export interface Program {
  readonly name: string;
  /** The first, then those that the job may be altered to. The state of the first fits the second. */
  readonly queries: readonly [Query, ...Query[]];
  /** Where the rows go: the job's result table, or the simulated target. */
  readonly into: "table" | "target";
  /** A table that is written to meanwhile, or another program's results: the job never ends, and its answer is that of the table then. */
  readonly reads: string | null;
  /** What may be said of the visible rows at any time: no two have the same key, and their number, or a sum, never goes back. */
  readonly watch: { readonly key: readonly string[]; readonly sum: string | null } | null;
}

/** How wide a job is; `source`: the parallelism of its source alone. */
export interface Width {
  readonly parallelism: number;
  readonly source: number | null;
}

const same = (body: string): Query => ({ body, batch: body });

const window = "date_trunc('minute', ts) + INTERVAL 1 SECOND * (5 * (extract(second FROM ts)::BIGINT // 5))";
const tumble = (columns: string): Query => ({
  body: `SELECT window_start, key, ${columns} FROM TUMBLE(log, ts, INTERVAL '5' SECOND) GROUP BY window_start, window_end, key`,
  batch: `SELECT ${window} AS window_start, key, ${columns} FROM log GROUP BY ALL`,
});

export const programs: readonly Program[] = [
  {
    name: "ledger",
    queries: [
      same("SELECT id, key, v FROM log WHERE v % 5 <> 0"),
      same("SELECT id, key FROM log WHERE v % 5 <> 0"),
      same("SELECT id, v * 2 AS twice FROM log WHERE v % 3 <> 0"),
    ],
    into: "table",
    reads: null,
    watch: { key: ["id"], sum: null },
  },
  {
    name: "counts",
    queries: [
      same("SELECT key, count(*) AS n, sum(v) AS total, max(v) AS most FROM log GROUP BY key"),
      same("SELECT key, count(*) AS n, sum(v) AS total FROM log GROUP BY key"),
      same("SELECT key, count(*) AS n, min(v) AS least FROM log WHERE v > 10 GROUP BY key"),
    ],
    into: "table",
    reads: null,
    watch: { key: ["key"], sum: "n" },
  },
  {
    name: "windows",
    queries: [tumble("count(*) AS n, max(v) AS most"), tumble("count(*) AS n"), tumble("count(*) AS n, sum(v) AS total")],
    into: "table",
    reads: null,
    watch: { key: ["window_start", "key"], sum: null },
  },
  {
    name: "pairs",
    queries: [
      same("SELECT a.id, a.v AS left_v, b.v AS right_v FROM log a JOIN log b ON a.id = b.id + 3 WHERE b.v > 20"),
      same("SELECT a.id, a.v AS left_v FROM log a JOIN log b ON a.id = b.id + 3 WHERE b.v > 20"),
      same("SELECT a.id, b.v AS right_v FROM log a JOIN log b ON a.id = b.id + 2"),
    ],
    into: "table",
    reads: null,
    watch: { key: ["id"], sum: null },
  },
  {
    name: "export",
    queries: [{ body: "INSERT INTO target SELECT id, v FROM log", batch: "SELECT id, v FROM log" }],
    into: "target",
    reads: null,
    watch: null,
  },
];

/** Reads a table of the store: such seeds run on DuckDB. */
export const ordersProgram: Program = {
  name: "totals",
  queries: [
    {
      body: "SELECT category, count(*) AS n, sum(amount) AS total FROM orders GROUP BY category",
      batch: "SELECT category, count(*) AS n, sum(amount) AS total FROM public.orders GROUP BY category",
    },
  ],
  into: "table",
  reads: "orders",
  watch: null,
};

/** Reads the results of another job. */
export const relayProgram: Program = {
  name: "relay",
  queries: [
    {
      body: "SELECT key % 2 AS parity, count(*) AS keys, sum(n) AS n FROM counts GROUP BY parity",
      batch: "SELECT key % 2 AS parity, count(*) AS keys, sum(n) AS n FROM public.counts GROUP BY parity",
    },
  ],
  into: "table",
  reads: "counts",
  watch: null,
};

const all: readonly Program[] = [...programs, ordersProgram, relayProgram];

export const programOf = (name: string): Program => {
  const program = all.find((p) => p.name === name);
  if (program === undefined) throw new Error(`there is no program ${name}`);
  return program;
};

const ddl = `
  CREATE SOURCE log (id BIGINT, key BIGINT, v BIGINT, ts TIMESTAMP, WATERMARK FOR ts AS ts - INTERVAL '4' SECOND) WITH (connector = 'sim');
  CREATE TABLE orders (id BIGINT, category BIGINT, amount BIGINT);
  CREATE SINK target (id BIGINT, v BIGINT) WITH (connector = 'sim', target = 'rows');
`;

const logSchema: Schema = {
  columns: [
    { name: "id", type: bigint },
    { name: "key", type: bigint },
    { name: "v", type: bigint },
    { name: "ts", type: timestamp },
  ],
};

const planKey = ({ name }: Program, query: number, { parallelism, source }: Width): string =>
  `${name} ${query} ${parallelism} ${source ?? ""}`;

/** Plans of programs, made when a scenario needs them, and their right answers. */
export class Library {
  readonly #planning = openPlanning(ddl);
  readonly #oracle: Store;
  readonly #plans = new Map<string, JobSubmission>();
  readonly #answers = new Map<string, readonly string[]>();

  private constructor(oracle: Store) {
    this.#oracle = oracle;
  }

  static async open(): Promise<Library> {
    registerConnectors();
    return new Library(await openStore({ path: ":memory:", threads: 1, prelude: batchPrelude }));
  }

  /** To be called before the run: planning takes real time. */
  async prepare(program: Program, query: number, width: Width): Promise<void> {
    const key = planKey(program, query, width);
    if (this.#plans.has(key)) return;
    const { name, reads } = program;
    const operators = width.source === null ? "" : `, operator_parallelism = 'source=${width.source}'`;
    const create = (parallelism: string, called: string, { body }: Query): string =>
      `CREATE STREAMING JOB ${called} WITH (parallelism = ${parallelism}) AS ${body}`;
    const own = create(`${width.parallelism}${operators}`, name, program.queries[query] as Query);
    const upstream = all.find((other) => other.name === reads);
    const planned =
      upstream === undefined
        ? await this.#planning.plan(own)
        : await this.#planning.run(`${create("1", upstream.name, upstream.queries[0])}; ${own}`);
    this.#plans.set(key, { name, ...planned });
  }

  plan(program: Program, query: number, width: Width): JobSubmission {
    const plan = this.#plans.get(planKey(program, query, width));
    if (plan === undefined) throw new Error(`there is no plan of ${planKey(program, query, width)}`);
    return plan;
  }

  /** The rows as `rowText` writes them, sorted; of the first rows of each split. */
  async answer(program: Program, query: number, rowsOfSplits: readonly number[]): Promise<readonly string[]> {
    const key = `${program.name} ${query} ${rowsOfSplits.join()}`;
    const known = this.#answers.get(key) ?? (await this.#compute(program.queries[query] as Query, rowsOfSplits));
    this.#answers.set(key, known);
    return known;
  }

  async close(): Promise<void> {
    this.#planning.close();
    await this.#oracle.close();
  }

  async #compute({ batch }: Query, rowsOfSplits: readonly number[]): Promise<readonly string[]> {
    const rows = logRows(rowsOfSplits).map((row) => logSchema.columns.map(({ name }) => row[name] ?? null));
    return this.#oracle.transact(async (transaction) => {
      await transaction.run("CREATE OR REPLACE TABLE public.log (id BIGINT, key BIGINT, v BIGINT, ts TIMESTAMP)");
      await transaction.append("public", "log", logSchema, rows.length === 0 ? [] : [batchOf(logSchema, rows)]);
      return sortedText(await (await transaction.query(batch)).rows());
    });
  }
}

export const rowText = (row: readonly Value[]): string =>
  JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));

export const sortedText = (rows: readonly (readonly Value[])[]): readonly string[] => rows.map(rowText).sort();
