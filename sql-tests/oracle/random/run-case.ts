import { messageOf, SqlError } from "../../../runtime/contract/errors.ts";
import { definitionOf } from "../../../runtime/operators/registry.ts";
import { differences } from "../../runner/compare-bags.ts";
import type { FedRow } from "../../runner/in-thread/maintained-job.ts";
import { SteppedWorld } from "../../runner/in-thread/stepped-world.ts";
import type { DefinitionOf } from "../../runner/in-thread/task.ts";
import type { Planning } from "../../runner/planning.ts";
import type { BatchOracle } from "./batch-oracle.ts";
import type { Case, Change, Step } from "./case.ts";
import { type Kept, stagesOf } from "./job-sql.ts";
import { putAside } from "./late-law.ts";
import { Random } from "./random.ts";
import { Stage } from "./stage.ts";
import { readAt, tableNamed, valuesOf } from "./tables.ts";

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
  let run: CaseRun;
  try {
    run = await CaseRun.plan(test, laboratory);
  } catch (error) {
    if (!(error instanceof SqlError) || error.sqlState === "XX000") return { kind: "failed", message: stackOf(error) };
    return { kind: error.sqlState === "0A000" ? "refused" : "invalid", message: error.message };
  }
  try {
    return await run.run();
  } catch (error) {
    return error instanceof InvalidBatch ? { kind: "invalid", message: error.message } : { kind: "failed", message: stackOf(error) };
  }
}

const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : messageOf(error));

class InvalidBatch extends Error {}

class CaseRun {
  readonly #test: Case;
  readonly #oracle: BatchOracle;
  readonly #stages: readonly Stage[];
  readonly #world: SteppedWorld;
  readonly #atEnd: boolean;
  #fed: readonly Change[] = [];

  private constructor(test: Case, oracle: BatchOracle, stages: readonly Stage[], world: SteppedWorld) {
    this.#test = test;
    this.#oracle = oracle;
    this.#stages = stages;
    this.#world = world;
    this.#atEnd = stages.some((stage) => stage.waitsForWatermarks);
  }

  static async plan(test: Case, { planning, oracle, definitionOf: definitions }: Laboratory): Promise<CaseRun> {
    const random = new Random(test.schedule);
    const world = new SteppedWorld();
    const stages: Stage[] = [];
    for (const sql of stagesOf(test)) {
      let starts = 0;
      const parallelism = (): number => test.parallelism[starts++ % test.parallelism.length] ?? 1;
      const below = (n: number): number => random.below(n);
      stages.push(await Stage.plan({ sql, planning, definitionOf: definitions, random: below, world, upstream: [...stages], parallelism }));
    }
    return new CaseRun(test, oracle, stages, world);
  }

  async run(): Promise<Outcome> {
    this.#oracle.reset();
    for (const stage of this.#stages) await stage.start();
    try {
      for (const [at, step] of this.#test.steps.entries()) {
        const lines = await this.#step(step, at);
        if (lines.length > 0) return { kind: "different", step: at, lines };
      }
      return { kind: "equal" };
    } finally {
      for (const stage of this.#stages) await stage.close();
    }
  }

  async #step({ changes: planned, killAfter, advance_ms = 0, unseen }: Step, at: number): Promise<readonly string[]> {
    this.#world.now_ms += advance_ms;
    const changes = planned.map((change) => ({ ...change, row: readAt(tableNamed(change.table), change.row, this.#world.now_ms) }));
    if (unseen !== true) this.#oracle.apply(changes);
    this.#fed = [...this.#fed, ...changes];
    const rows = changes.map(fedRow);
    // The jobs of a case die in turn.
    await this.#through(rows, (stage, s) => stage.checkpoint(at % this.#stages.length === s ? killAfter : null));
    const last = at === this.#test.steps.length - 1;
    if (last && this.#atEnd) await this.#through([], (stage) => stage.end());
    return this.#atEnd && !last ? [] : this.#compareAll();
  }

  /** Each job reads the rows, and what changed in the results of those before. */
  async #through(rows: readonly FedRow[], go: (stage: Stage, at: number) => Promise<void>): Promise<void> {
    let due = rows;
    for (const [at, stage] of this.#stages.entries()) {
      stage.feed(due);
      await go(stage, at);
      due = [...due, ...stage.takeChanges()];
    }
  }

  async #compareAll(): Promise<readonly string[]> {
    for (const stage of this.#stages) {
      const { changes, lines } = putAside(stage, this.#fed);
      if (lines.length > 0) return lines;
      this.#oracle.apply(changes);
      for (const kept of stage.sql.kept) {
        const found = await this.#compare(stage, kept);
        if (found.length > 0) return found.map((line) => (kept.table === "job" ? line : `${kept.table}: ${line}`));
      }
    }
    return [];
  }

  async #compare(stage: Stage, { table, batch }: Kept): Promise<readonly string[]> {
    const { rows, negative } = stage.result(table);
    if (negative.length > 0) return negative.map((line) => `taken away more often than it came: ${line}`);
    const answer = await this.#oracle.answer(batch, this.#world.now_ms).catch((error: unknown) => {
      throw new InvalidBatch(messageOf(error));
    });
    return differences(answer.schema, rows, answer.rows);
  }
}

/** One subtask reads all changes of a table, in order. */
function fedRow({ table: name, n, weight, row }: Change): FedRow {
  const table = tableNamed(name);
  return { source: name, producer: table.changes ? 0 : n, row: valuesOf(table, row), weight };
}

export const registryOperators: DefinitionOf = definitionOf;
