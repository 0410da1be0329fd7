import type { PlannedJob } from "../../../planner/api.ts";
import { messageOf, SqlError } from "../../../runtime/contract/errors.ts";
import { definitionOf } from "../../../runtime/operators/registry.ts";
import { Cluster } from "../../runner/in-thread/cluster.ts";
import type { SourceRows } from "../../runner/in-thread/scripted-source.ts";
import { StateStore } from "../../runner/in-thread/state-store.ts";
import type { CollectedResult, DefinitionOf } from "../../runner/in-thread/task.ts";
import type { Planning } from "../../runner/planning.ts";
import type { BatchOracle } from "./batch-oracle.ts";
import type { Case, Change } from "./case.ts";
import { Bag, differences } from "./compare-bags.ts";
import { renderQuery } from "./grammar/query.ts";
import { Random } from "./random.ts";
import { logOf, schemaOf, tableNamed, tables, valuesOf } from "./tables.ts";

/** `invalid`: the grammar made what is no query, or the batch itself fails. */
export type Outcome =
  | { readonly kind: "equal" }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "invalid"; readonly message: string }
  | { readonly kind: "different"; readonly step: number; readonly lines: readonly string[] }
  | { readonly kind: "failed"; readonly message: string };

export interface Laboratory {
  readonly planning: Planning;
  readonly oracle: BatchOracle;
  /** The operators under test; another table than the registry's plants bugs. */
  readonly definitionOf: DefinitionOf;
}

export const isFailure = (outcome: Outcome): boolean => outcome.kind === "different" || outcome.kind === "failed";

/** Plans the query, runs it step by step, and compares with the batch after each. */
export async function runCase(test: Case, laboratory: Laboratory): Promise<Outcome> {
  const sql = renderQuery(test.query);
  let planned: PlannedJob;
  try {
    planned = await plan(sql, test.parallelism[0] ?? 1, laboratory);
  } catch (error) {
    if (!(error instanceof SqlError) || error.sqlState === "XX000") return { kind: "failed", message: stackOf(error) };
    return { kind: error.sqlState === "0A000" ? "refused" : "invalid", message: error.message };
  }
  try {
    return await new CaseRun(test, sql, laboratory).run(planned);
  } catch (error) {
    return error instanceof InvalidBatch ? { kind: "invalid", message: error.message } : { kind: "failed", message: stackOf(error) };
  }
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : messageOf(error));

async function plan(sql: string, parallelism: number, { planning }: Laboratory): Promise<PlannedJob> {
  return planning.run(`CREATE STREAMING JOB job WITH (parallelism = ${parallelism}) AS ${sql};`);
}

class InvalidBatch extends Error {}

class CaseRun {
  readonly #test: Case;
  readonly #sql: string;
  readonly #laboratory: Laboratory;
  readonly #random: Random;
  readonly #store = new StateStore();
  readonly #result = new Bag();
  readonly #atEnd: boolean;
  #cluster: Cluster | null = null;
  #restores = 0;
  #checkpoint = 0;
  /** Fed since the last completed checkpoint. */
  #uncommitted: Change[] = [];

  constructor(test: Case, sql: string, laboratory: Laboratory) {
    this.#test = test;
    this.#sql = sql;
    this.#laboratory = laboratory;
    this.#random = new Random(test.schedule);
    this.#atEnd = test.features.includes("at end");
  }

  async run(planned: PlannedJob): Promise<Outcome> {
    const { oracle } = this.#laboratory;
    oracle.reset();
    this.#cluster = await this.#open(planned);
    try {
      for (const [at, step] of this.#test.steps.entries()) {
        oracle.apply(step.changes);
        const lines = await this.#step(step.changes, step.killAfter, at === this.#test.steps.length - 1);
        if (lines.length > 0) return { kind: "different", step: at, lines };
      }
      return { kind: "equal" };
    } finally {
      await this.#cluster?.close();
    }
  }

  async #step(changes: readonly Change[], killAfter: number | null, last: boolean): Promise<readonly string[]> {
    this.#feed(changes);
    this.#startCheckpoint();
    if (killAfter !== null && !(await this.#running().run(killAfter))) await this.#restart();
    await this.#running().run();
    if (last && this.#atEnd) {
      this.#running().end();
      await this.#running().run();
      this.#startCheckpoint();
      await this.#running().run();
    }
    return this.#atEnd && !last ? [] : this.#compare();
  }

  /** Without a clean stop, as after a crash; what was fed since the last checkpoint is read again. */
  async #restart(): Promise<void> {
    this.#cluster = null;
    this.#restores++;
    const { parallelism } = this.#test;
    const planned = await plan(this.#sql, parallelism[this.#restores % parallelism.length] ?? 1, this.#laboratory);
    this.#cluster = await this.#open(planned);
    const again = this.#uncommitted;
    this.#uncommitted = [];
    this.#feed(again);
    this.#startCheckpoint();
  }

  #open(planned: PlannedJob): Promise<Cluster> {
    return Cluster.open({
      graph: planned.graph,
      definitionOf: this.#laboratory.definitionOf,
      random: (below) => this.#random.below(below),
      store: this.#store,
      declaredOf: (source) => (source.endsWith("_log") ? logOf(tableNamed(source.slice(0, -"_log".length))) : schemaOf(tableNamed(source))),
      onCommit: (results) => this.#commit(results),
    });
  }

  #startCheckpoint(): void {
    this.#running().startCheckpoint(++this.#checkpoint);
  }

  #commit(results: readonly CollectedResult[]): void {
    this.#uncommitted = [];
    for (const { rows, weights } of results) rows.forEach((row, i) => this.#result.add(row, weights === null ? 1 : (weights[i] ?? 1)));
  }

  /** In batches of random size; the changes of a row stay with one producer, in order. */
  #feed(changes: readonly Change[]): void {
    this.#uncommitted.push(...changes);
    const cluster = this.#running();
    for (const table of tables) {
      const source = table.changes ? `${table.name}_log` : table.name;
      const subtasks = cluster.subtasksOf(source);
      if (subtasks === 0) continue;
      const own = changes.filter((change) => change.table === table.name);
      for (let subtask = 0; subtask < subtasks; subtask++) {
        const mine = own.filter(({ n }) => n % subtasks === subtask);
        for (let at = 0; at < mine.length; ) {
          const size = this.#random.between(1, 8);
          cluster.feed(source, subtask, { kind: "rows", rows: rowsOf(mine.slice(at, at + size)) });
          at += size;
        }
      }
    }
  }

  async #compare(): Promise<readonly string[]> {
    const { rows, negative } = this.#result.rows();
    if (negative.length > 0) return negative.map((line) => `taken away more often than it came: ${line}`);
    const answer = await this.#laboratory.oracle.answer(this.#sql).catch((error: unknown) => {
      throw new InvalidBatch(messageOf(error));
    });
    return differences(answer.schema, rows, answer.rows);
  }

  #running(): Cluster {
    if (this.#cluster === null) throw new Error("invariant: the job runs");
    return this.#cluster;
  }
}

function rowsOf(changes: readonly Change[]): SourceRows {
  const rows = changes.map(({ table: name, n, weight, row }) => {
    const table = tableNamed(name);
    const values = valuesOf(table, row);
    return table.changes ? [BigInt(n), ...values, weight] : values;
  });
  return { rows, weights: null };
}

export const registryOperators: DefinitionOf = definitionOf;
