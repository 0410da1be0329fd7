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

/** A job that the simulation runs, and what its rows must be in the end. */
export interface Program {
  readonly name: string;
  readonly body: string;
  /** Where the rows go: the job's result table, or the simulated target. */
  readonly into: "table" | "target";
  /** The same as a batch, for DuckDB. */
  readonly batch: string;
  /** It reads a table that is written to meanwhile: it never ends, and its answer is that of the table as it is then. */
  readonly readsTable: boolean;
  /** What may be said of the visible rows at any time: no two have the same key, and their number, or a sum, never goes back. */
  readonly watch: { readonly key: readonly string[]; readonly sum: string | null } | null;
}

const parallelism_max = 4;

const window = "date_trunc('minute', ts) + INTERVAL 1 SECOND * (5 * (extract(second FROM ts)::BIGINT // 5))";

export const programs: readonly Program[] = [
  {
    name: "ledger",
    body: "SELECT id, key, v FROM log WHERE v % 5 <> 0",
    into: "table",
    batch: "SELECT id, key, v FROM log WHERE v % 5 <> 0",
    readsTable: false,
    watch: { key: ["id"], sum: null },
  },
  {
    name: "counts",
    body: "SELECT key, count(*) AS n, sum(v) AS total, max(v) AS most FROM log GROUP BY key",
    into: "table",
    batch: "SELECT key, count(*) AS n, sum(v) AS total, max(v) AS most FROM log GROUP BY key",
    readsTable: false,
    watch: { key: ["key"], sum: "n" },
  },
  {
    name: "windows",
    body: "SELECT window_start, key, count(*) AS n, max(v) AS most FROM TUMBLE(log, ts, INTERVAL '5' SECOND) GROUP BY window_start, window_end, key",
    into: "table",
    batch: `SELECT ${window} AS window_start, key, count(*) AS n, max(v) AS most FROM log GROUP BY ALL`,
    readsTable: false,
    watch: { key: ["window_start", "key"], sum: null },
  },
  {
    name: "pairs",
    body: "SELECT a.id, a.v AS left_v, b.v AS right_v FROM log a JOIN log b ON a.id = b.id + 3 WHERE b.v > 20",
    into: "table",
    batch: "SELECT a.id, a.v AS left_v, b.v AS right_v FROM log a JOIN log b ON a.id = b.id + 3 WHERE b.v > 20",
    readsTable: false,
    watch: { key: ["id"], sum: null },
  },
  {
    name: "export",
    body: "INSERT INTO target SELECT id, v FROM log",
    into: "target",
    batch: "SELECT id, v FROM log",
    readsTable: false,
    watch: null,
  },
];

/** Reads a table of the store: such seeds run on DuckDB. */
export const ordersProgram: Program = {
  name: "totals",
  body: "SELECT category, count(*) AS n, sum(amount) AS total FROM orders GROUP BY category",
  into: "table",
  batch: "SELECT category, count(*) AS n, sum(amount) AS total FROM public.orders GROUP BY category",
  readsTable: true,
  watch: null,
};

export const programOf = (name: string): Program => {
  const program = [...programs, ordersProgram].find((p) => p.name === name);
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

/** Plans of all programs, made once, and their right answers. */
export class Library {
  readonly #oracle: Store;
  readonly #plans: ReadonlyMap<string, JobSubmission>;
  readonly #answers = new Map<string, readonly string[]>();

  private constructor(plans: ReadonlyMap<string, JobSubmission>, oracle: Store) {
    this.#plans = plans;
    this.#oracle = oracle;
  }

  static async open(): Promise<Library> {
    registerConnectors();
    const planning = openPlanning(ddl);
    const plans = new Map<string, JobSubmission>();
    for (const { name, body } of [...programs, ordersProgram]) {
      for (let parallelism = 1; parallelism <= parallelism_max; parallelism++) {
        const planned = await planning.plan(`CREATE STREAMING JOB ${name} WITH (parallelism = ${parallelism}) AS ${body}`);
        plans.set(`${name} ${parallelism}`, { name, ...planned });
      }
    }
    planning.close();
    return new Library(plans, await openStore({ path: ":memory:", threads: 1, prelude: batchPrelude }));
  }

  plan({ name }: Program, parallelism: number): JobSubmission {
    const plan = this.#plans.get(`${name} ${parallelism}`);
    if (plan === undefined) throw new Error(`there is no plan of ${name} at parallelism ${parallelism}`);
    return plan;
  }

  /** The rows as `rowText` writes them, sorted. */
  async answer(program: Program, rowsPerSplit: number): Promise<readonly string[]> {
    const key = `${program.name} ${rowsPerSplit}`;
    const known = this.#answers.get(key) ?? (await this.#compute(program, rowsPerSplit));
    this.#answers.set(key, known);
    return known;
  }

  async close(): Promise<void> {
    await this.#oracle.close();
  }

  async #compute(program: Program, rowsPerSplit: number): Promise<readonly string[]> {
    const rows = logRows(rowsPerSplit).map((row) => logSchema.columns.map(({ name }) => row[name] ?? null));
    return this.#oracle.transact(async (transaction) => {
      await transaction.run("CREATE OR REPLACE TABLE public.log (id BIGINT, key BIGINT, v BIGINT, ts TIMESTAMP)");
      await transaction.append("public", "log", logSchema, [batchOf(logSchema, rows)]);
      return sortedText(await (await transaction.query(program.batch)).rows());
    });
  }
}

export const rowText = (row: readonly Value[]): string =>
  JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));

export const sortedText = (rows: readonly (readonly Value[])[]): readonly string[] => rows.map(rowText).sort();
