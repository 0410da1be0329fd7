import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "../../runtime/contract/store.ts";
import { openStore } from "../../runtime/duckdb/store.ts";
import type { ClusterOptions } from "./cluster/cluster.ts";
import { ModelStore } from "./model/model-store.ts";
import { type Hooks, noHooks, type Plant } from "./plants.ts";
import { Library, programOf } from "./programs.ts";
import { type Scenario, scenarioOf } from "./scenario.ts";
import { type Report, simulate } from "./simulate.ts";

export type Trace = ((line: string) => void) | null;

/** A DuckDB instance is used for so many seeds. */
const seeds_perStore_max = 400;

/** What all runs share: plans, answers, and a store that is emptied between them. */
export class Workshop {
  readonly #library: Library;
  readonly #scratchDirectory = mkdtempSync(join(tmpdir(), "millrace-sim-"));
  /** Of a planted bug. */
  hooks: Hooks = noHooks;
  #store: Store | null = null;
  #used = 0;

  private constructor(library: Library) {
    this.#library = library;
  }

  static async open(): Promise<Workshop> {
    return new Workshop(await Library.open());
  }

  /** On the model, or where that does not know some SQL, or if asked to, on DuckDB. */
  async run(scenario: Scenario, trace: Trace = null, on: "model" | "duckdb" = "model"): Promise<Report> {
    await prepare(this.#library, scenario);
    if (on === "model") {
      const report = await this.#simulate(scenario, trace, (failed) => new ModelStore(failed));
      if (report.unsupported === null) return report;
      trace?.(report.unsupported);
    }
    const store = await this.#emptyStore();
    const report = await this.#simulate(
      scenario,
      trace,
      () => store,
      () => openStore({ path: ":memory:", threads: 1 }),
    );
    report.marks.add("run on DuckDB");
    return report;
  }

  /** The first seed that finds the bug; null when none up to `seeds_max` does. */
  async find(plant: Plant, seeds_max: number): Promise<number | null> {
    const undo = "patch" in plant ? plant.patch() : () => undefined;
    this.hooks = "hooks" in plant ? { ...noHooks, ...plant.hooks } : noHooks;
    try {
      for (let seed = 1; seed <= seeds_max; seed++) if ((await this.run(scenarioOf(seed))).failure !== null) return seed;
      return null;
    } finally {
      undo();
      this.hooks = noHooks;
    }
  }

  async close(): Promise<void> {
    await this.#store?.close();
    await this.#library.close();
    rmSync(this.#scratchDirectory, { recursive: true, force: true });
  }

  /** `openFile` opens a savepoint's file; as the store, if nothing is said. */
  #simulate(
    scenario: Scenario,
    trace: Trace,
    openStore: ClusterOptions["openStore"],
    openFile: ClusterOptions["openFile"] = (failed) => Promise.resolve(openStore(failed)),
  ): Promise<Report> {
    const { hooks } = this;
    return simulate({ scenario, library: this.#library, openStore, openFile, scratchDirectory: this.#scratchDirectory, trace, hooks });
  }

  async #emptyStore(): Promise<Store> {
    if (this.#used++ % seeds_perStore_max === 0) {
      await this.#store?.close();
      this.#store = null;
    }
    if (this.#store === null) {
      this.#store = await openStore({ path: ":memory:", threads: 1 });
      return this.#store;
    }
    await this.#store.transact(async (transaction) => {
      for (const name of ["public", "millrace", "millrace_state"]) {
        await transaction.run(`DROP SCHEMA IF EXISTS ${name} CASCADE`);
        await transaction.run(`CREATE SCHEMA ${name}`);
      }
    });
    return this.#store;
  }
}

/** Plans all that the scenario may come to. */
async function prepare(library: Library, { jobs, steps }: Scenario): Promise<void> {
  for (const { program: name, ...first } of jobs) {
    const program = programOf(name);
    const altered = steps.flatMap((step) => (step.do === "alter" ? [step.query % program.queries.length] : []));
    const queries = [...new Set([0, ...altered])];
    const widths = [
      first,
      ...steps.flatMap((step) => (step.do === "rescale" || step.do === "stop" || step.do === "restore" ? [step] : [])),
    ];
    for (const query of queries)
      for (const { parallelism, source } of widths) await library.prepare(program, query, { parallelism, source });
  }
}
