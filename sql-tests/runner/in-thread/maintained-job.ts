import type { PlannedJob } from "../../../planner/api.ts";
import type { Schema } from "../../../runtime/contract/types.ts";
import type { Value } from "../../../runtime/contract/value.ts";
import { Bag } from "../compare-bags.ts";
import { Cluster } from "./cluster.ts";
import type { SourceRows } from "./scripted-source.ts";
import { keyText, StateStore } from "./state-store.ts";
import { SteppedWorld } from "./stepped-world.ts";
import type { CollectedResult, DefinitionOf } from "./task.ts";

export interface MaintainedJobOptions {
  /** The job's plan at a parallelism. */
  readonly plan: (parallelism: number) => Promise<PlannedJob>;
  readonly definitionOf: DefinitionOf;
  readonly random: (below: number) => number;
  readonly declaredOf: (source: string) => Schema;
  /** Told of the rows that a checkpoint makes visible. */
  readonly onCommit?: (results: readonly CollectedResult[]) => void;
  /** Whose clock the job looks at; by default one that stands still. */
  readonly world?: SteppedWorld;
  /** Sources read what their options say, instead of what is fed. */
  readonly readsSources?: boolean;
}

/** Rows of a source; the changes of one row carry one `producer`, and so stay in order. */
export interface FedRow {
  readonly source: string;
  readonly producer: number;
  readonly row: readonly Value[];
  readonly weight: number;
}

/** A job in the test's thread, with what its result tables hold: the rows of its last completed checkpoint. */
export class MaintainedJob {
  readonly #options: MaintainedJobOptions;
  readonly #store = new StateStore();
  readonly #world: SteppedWorld;
  readonly #results = new Map<string, Bag>();
  #cluster: Cluster | null = null;
  #checkpoint = 0;
  /** Nothing was read since the start: what is there now is the tables' snapshot. */
  #isSnapshot = true;
  /** Fed since the last completed checkpoint: read again after a crash. */
  #uncommitted: FedRow[] = [];

  constructor(options: MaintainedJobOptions) {
    this.#options = options;
    this.#world = options.world ?? new SteppedWorld();
  }

  /** Starts, or starts again after `crash`, from the last completed checkpoint. Throws SqlError when the planner refuses. */
  async start(parallelism: number): Promise<PlannedJob> {
    const planned = await this.#options.plan(parallelism);
    const { definitionOf, random, declaredOf } = this.#options;
    const onCommit = (results: readonly CollectedResult[]): void => this.#commit(results);
    const { graph } = planned;
    const parts = { graph, definitionOf, random, store: this.#store, declaredOf, onCommit, world: this.#world };
    this.#cluster = await Cluster.open({ ...parts, readsSources: this.#options.readsSources ?? false });
    this.#isSnapshot = true;
    const again = this.#uncommitted;
    this.#uncommitted = [];
    this.feed(again);
    return planned;
  }

  /** In batches of random size, in the order given per producer. */
  feed(rows: readonly FedRow[], batch_rows_max = 8): void {
    this.#uncommitted.push(...rows);
    const cluster = this.#running();
    for (const source of new Set(rows.map((row) => row.source))) {
      const subtasks = cluster.subtasksOf(source);
      for (let subtask = 0; subtask < subtasks; subtask++) {
        const mine = rows.filter((row) => row.source === source && row.producer % subtasks === subtask);
        for (let at = 0; at < mine.length; ) {
          const size = 1 + this.#options.random(batch_rows_max);
          cluster.feed(source, subtask, { kind: "rows", rows: sourceRows(mine.slice(at, at + size)) });
          at += size;
        }
      }
    }
  }

  /**
   * Puts a checkpoint behind what was fed, and runs until it is complete, and until one holds all rows of inputs that end by themselves;
   * or only so many elements: false if work is left then.
   */
  async checkpoint(elements_max?: number): Promise<boolean> {
    const cluster = this.#running();
    cluster.tick();
    if (this.#isSnapshot) cluster.idleTables();
    this.#isSnapshot = false;
    for (let isWhole = false; !isWhole; ) {
      isWhole = cluster.hasReadAll;
      cluster.startCheckpoint(++this.#checkpoint);
      if (!(await cluster.run(elements_max))) return false;
    }
    return true;
  }

  /** The end of all input, and the last checkpoint. */
  async end(): Promise<void> {
    this.#running().end();
    await this.#running().run();
    await this.checkpoint();
  }

  /** All operators are dropped as they are. */
  crash(): void {
    this.#cluster = null;
  }

  /** Of the job's own table if it has no others. */
  result(table?: string): ReturnType<Bag["rows"]> {
    const [first] = this.#results.values();
    return ((table === undefined ? first : this.#results.get(table)) ?? new Bag()).rows();
  }

  async close(): Promise<void> {
    await this.#cluster?.close();
  }

  #commit(results: readonly CollectedResult[]): void {
    this.#uncommitted = [];
    for (const { table, rows, weights } of results) {
      const bag = this.#results.get(table) ?? new Bag();
      this.#results.set(table, bag);
      rows.forEach((row, i) => bag.add(row, weights === null ? 1 : (weights[i] ?? 1)));
    }
    this.#options.onCommit?.(results);
  }

  #running(): Cluster {
    if (this.#cluster === null) throw new Error("invariant: the job runs");
    return this.#cluster;
  }
}

/** Rows that follow each other and are alike become one with their weights' sum, when some row is weighted. */
function sourceRows(rows: readonly FedRow[]): SourceRows {
  if (rows.every(({ weight }) => weight === 1)) return { rows: rows.map(({ row }) => row), weights: null };
  const merged: { readonly row: readonly Value[]; readonly key: string; weight: number }[] = [];
  for (const { row, weight } of rows) {
    const last = merged.at(-1);
    const key = keyText(row);
    if (last !== undefined && last.key === key && last.weight > 0 === weight > 0) last.weight += weight;
    else merged.push({ row, key, weight });
  }
  return { rows: merged.map(({ row }) => row), weights: merged.map(({ weight }) => weight) };
}
