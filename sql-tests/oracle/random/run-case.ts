import type { PlannedJob } from "../../../planner/api.ts";
import { messageOf, SqlError } from "../../../runtime/contract/errors.ts";
import { definitionOf } from "../../../runtime/operators/registry.ts";
import type { Schema } from "../../../runtime/contract/types.ts";
import { differences } from "../../runner/compare-bags.ts";
import { type FedRow, MaintainedJob } from "../../runner/in-thread/maintained-job.ts";
import type { DefinitionOf } from "../../runner/in-thread/task.ts";
import type { Planning } from "../../runner/planning.ts";
import type { BatchOracle } from "./batch-oracle.ts";
import type { Case, Change, Step } from "./case.ts";
import { renderQuery } from "./grammar/query.ts";
import { Random } from "./random.ts";
import { schemaOf, tableNamed, valuesOf } from "./tables.ts";

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
    planned = await planJob(sql, test.parallelism[0] ?? 1, laboratory.planning);
  } catch (error) {
    if (!(error instanceof SqlError) || error.sqlState === "XX000") return { kind: "failed", message: stackOf(error) };
    return { kind: error.sqlState === "0A000" ? "refused" : "invalid", message: error.message };
  }
  try {
    return await new CaseRun(test, sql, laboratory, planned).run();
  } catch (error) {
    return error instanceof InvalidBatch ? { kind: "invalid", message: error.message } : { kind: "failed", message: stackOf(error) };
  }
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : messageOf(error));

const planJob = (sql: string, parallelism: number, planning: Planning): Promise<PlannedJob> =>
  planning.plan(`CREATE STREAMING JOB job WITH (parallelism = ${parallelism}) AS ${sql};`);

class InvalidBatch extends Error {}

class CaseRun {
  readonly #test: Case;
  readonly #sql: string;
  readonly #oracle: BatchOracle;
  readonly #job: MaintainedJob;
  readonly #atEnd: boolean;
  #starts = 0;

  constructor(test: Case, sql: string, { planning, oracle, definitionOf }: Laboratory, planned: PlannedJob) {
    this.#test = test;
    this.#sql = sql;
    this.#oracle = oracle;
    this.#atEnd = waitsForWatermarks(planned);
    const random = new Random(test.schedule);
    let first: PlannedJob | null = planned;
    this.#job = new MaintainedJob({
      definitionOf,
      random: (below) => random.below(below),
      declaredOf,
      async plan(parallelism) {
        const plan = first ?? (await planJob(sql, parallelism, planning));
        first = null;
        return plan;
      },
    });
  }

  async run(): Promise<Outcome> {
    this.#oracle.reset();
    await this.#start();
    try {
      for (const [at, step] of this.#test.steps.entries()) {
        this.#oracle.apply(step.changes);
        const lines = await this.#step(step, at === this.#test.steps.length - 1);
        if (lines.length > 0) return { kind: "different", step: at, lines };
      }
      return { kind: "equal" };
    } finally {
      await this.#job.close();
    }
  }

  async #step({ changes, killAfter }: Step, last: boolean): Promise<readonly string[]> {
    this.#job.feed(changes.map(fedRow));
    if (!(await this.#job.checkpoint(killAfter ?? undefined))) {
      this.#job.crash();
      await this.#start();
      await this.#job.checkpoint();
    }
    if (last && this.#atEnd) await this.#job.end();
    return this.#atEnd && !last ? [] : this.#compare();
  }

  async #start(): Promise<void> {
    const { parallelism } = this.#test;
    await this.#job.start(parallelism[this.#starts++ % parallelism.length] ?? 1);
  }

  async #compare(): Promise<readonly string[]> {
    const { rows, negative } = this.#job.result();
    if (negative.length > 0) return negative.map((line) => `taken away more often than it came: ${line}`);
    const answer = await this.#oracle.answer(this.#sql).catch((error: unknown) => {
      throw new InvalidBatch(messageOf(error));
    });
    return differences(answer.schema, rows, answer.rows);
  }
}

/** Some operator holds rows back until the watermark passes: then the answer is whole at the end of the input alone. */
const waitsForWatermarks = ({ graph }: PlannedJob): boolean =>
  graph.vertices.some(({ operators }) =>
    operators.some(({ spec }) => /window(?!Assign)|session|interval|asof|temporal|version|eventTime/i.test(spec.op)),
  );

const declaredOf = (source: string): Schema => schemaOf(tableNamed(source));

/** One subtask reads all changes of a table, in order. */
function fedRow({ table: name, n, weight, row }: Change): FedRow {
  const table = tableNamed(name);
  return { source: name, producer: table.changes ? 0 : n, row: valuesOf(table, row), weight };
}

export const registryOperators: DefinitionOf = definitionOf;
