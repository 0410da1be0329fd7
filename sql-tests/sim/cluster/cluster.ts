import type { JobSubmission } from "../../../runtime/contract/control.ts";
import type { Store } from "../../../runtime/contract/store.ts";
import { Random } from "../../oracle/random/random.ts";
import { Disk } from "../kernel/disk.ts";
import { Kernel } from "../kernel/kernel.ts";
import { SimNetwork } from "../kernel/network.ts";
import { SimSavepoints } from "../kernel/savepoints.ts";
import { ChannelHub } from "../kernel/wires.ts";
import type { Hooks } from "../plants.ts";
import { Outside } from "../outside.ts";
import type { Action, SavepointFault } from "../actions.ts";
import { type Library, ordersProgram, type Program, programOf, type Width } from "../programs.ts";
import type { Scenario } from "../scenario.ts";
import { Witness } from "../witness.ts";
import { Catalog, type Version } from "./catalog.ts";
import { Client } from "./client.ts";
import { Duplicates } from "./duplicates.ts";
import { writeOrders } from "./orders.ts";
import { Server } from "./server.ts";
import { Watch } from "./watch.ts";
import { Workers } from "./workers.ts";

/** As many as two jobs need that were scaled up. */
const slots_min = 8;

export interface ClusterOptions {
  readonly scenario: Scenario;
  readonly library: Library;
  /** Makes an empty store; the model tells `failed` what it does not know. */
  readonly openStore: (failed: (error: Error) => void) => Store;
  /** Of a savepoint. */
  readonly openFile: (failed: (error: Error) => void) => Promise<Store>;
  readonly scratchDirectory: string;
  readonly trace: ((line: string) => void) | null;
  readonly hooks: Hooks;
}

/** All parts of one simulated cluster, and how slow its network is now. */
export class Cluster {
  readonly kernel: Kernel;
  readonly witness = new Witness();
  readonly disk: Disk;
  readonly store: Store;
  readonly outside: Outside;
  readonly watch: Watch;
  readonly server: Server;
  readonly client: Client;
  readonly catalog = new Catalog();
  readonly network: SimNetwork;
  /** null where the server has threads. */
  readonly workers: Workers | null;
  readonly duplicates: Duplicates;
  readonly #savepointFiles: SimSavepoints;
  /** The last whole one of each job that was not dropped since. */
  readonly #lastSavepoint = new Map<string, string>();
  /** The most that a message may take longer. */
  networkDelay_ms = 0;
  readonly #options: ClusterOptions;
  readonly #random: Random;
  #targets = 0;
  #savepoints = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
    const { scenario, trace, scratchDirectory } = options;
    this.#random = new Random(scenario.seed);
    const kernel = new Kernel(trace);
    const { witness } = this;
    this.kernel = kernel;
    const store = options.openStore((error) => kernel.fail(error));
    this.store = store;
    this.disk = new Disk(this.#random.fork(), witness.marks);
    this.outside = new Outside(scenario.rowsPerSplit, scenario.row_ms, () => kernel.now_ms, witness.marks);
    this.watch = new Watch(store);
    const delays = this.#random.fork();
    const delay_ms = (): number => 0.05 + delays.below(40) * 0.05 + (this.networkDelay_ms === 0 ? 0 : delays.below(this.networkDelay_ms));
    const channels = new ChannelHub(kernel, delay_ms);
    this.network = new SimNetwork(kernel, delay_ms);
    this.#savepointFiles = new SimSavepoints(kernel, this.disk, () => options.openFile((error) => kernel.fail(error)));
    this.duplicates = new Duplicates(kernel, new Random(scenario.seed ^ 0x5bd1e995), witness.marks);
    this.workers = scenario.provider === "threads" ? null : this.#startWorkers();
    this.server = new Server({
      network: this.network,
      hooks: options.hooks,
      workers: this.workers,
      savepoints: this.#savepointFiles,
      witness,
      kernel,
      random: this.#random.fork(),
      store,
      disk: this.disk,
      slots: {
        kernel,
        random: this.#random.fork(),
        size: scenario.slots,
        delay_ms,
        channels,
        definitionOf: options.hooks.definitionOf,
        witness,
      },
      scratchDirectory,
      duplicates: this.duplicates,
      catalog: this.catalog,
      committed: () => this.watch.look().catch((error: unknown) => kernel.fail(error as Error)),
    });
    this.client = new Client(kernel, this.server, witness, this.catalog);
  }

  get programs(): readonly Program[] {
    return this.#options.scenario.jobs.map(({ program }) => programOf(program));
  }

  create(program: Program): Promise<boolean> {
    const known = this.catalog.get(program.name);
    if (known !== null) return this.client.create(known, null, this.#ordersIn(program));
    const { jobs } = this.#options.scenario;
    this.#targets += 1;
    const width = jobs.find((job) => job.program === program.name) as Width;
    return this.#createNew(program, this.#version(program, 0, width, `rows-${this.#targets}`));
  }

  rescale(program: Program, width: Width): Promise<boolean> {
    const known = this.catalog.version(program.name);
    if (known === null) return Promise.resolve(false);
    return this.client.rescale(this.#version(program, known.query, width, targetOf(known.submission)));
  }

  /** The state of a program's first query fits its second; everything else is computed anew. */
  alter(program: Program, query: number, rebuild: boolean): Promise<boolean> {
    const known = this.catalog.version(program.name);
    if (known === null || program.into === "target" || this.isRead(program)) return Promise.resolve(false);
    const next = query % program.queries.length;
    const fits = next === known.query || (known.query === 0 && next === 1);
    if (rebuild || !fits) this.watch.forgive(program.name);
    return this.client.alter(this.#version(program, next, known.width, ""), rebuild || !fits ? "rebuild" : "refuse");
  }

  /** Into a new file; null when there is none. */
  async savepoint({ name }: Program, fault: SavepointFault | null): Promise<string | null> {
    const path = this.#newPath();
    if (fault !== null) this.#savepointFiles.failNext(fault);
    const done = await this.client.ask(`savepoint ${name}`, (engine) => engine.savepoint(name, path, "CREATE STREAMING JOB"));
    if (done) this.#lastSavepoint.set(name, path);
    return done ? path : null;
  }

  /** Drops the job and creates it from its last savepoint, from which on the sources are read again: a target would get rows twice. */
  async restore(program: Program, width: Width): Promise<void> {
    const path = this.#lastSavepoint.get(program.name);
    const known = this.catalog.version(program.name);
    if (path === undefined || known === null || program.into === "target" || program.reads !== null || this.isRead(program)) return;
    if (await this.drop(program)) await this.#createFrom(program, known, path, width);
  }

  /** STOP WITH SAVEPOINT as server/statements does it; then another job goes on from there, if nobody reads this one. */
  async stop(program: Program, fault: SavepointFault | null, width: Width): Promise<void> {
    const { name } = program;
    if (!(await this.client.ask(`stop ${name}`, (engine) => engine.pause(name, "stopped")))) return;
    const path = await this.savepoint(program, fault);
    const known = this.catalog.version(name);
    if (path === null || known === null || program.reads !== null || this.isRead(program)) return void (await this.client.resume(name));
    if (await this.drop(program)) await this.#createFrom(program, known, path, width);
  }

  async drain(program: Program): Promise<void> {
    const { name, reads } = program;
    if (reads !== null || this.isRead(program) || this.server.engine === null) return;
    this.catalog.drain(name);
    if (!(await this.client.ask(`drain ${name}`, (engine) => engine.drain(name)))) return;
    // Windows that were sent early are not sent again: nothing goes on from such a savepoint.
    await this.savepoint(program, null);
    this.#lastSavepoint.delete(name);
  }

  /** Another program of the scenario reads its results. */
  isRead({ name }: Program): boolean {
    return this.programs.some(({ reads }) => reads === name);
  }

  /** A session's statement; without a server nothing happens. */
  async write(action: Extract<Action, { do: "write" }>): Promise<void> {
    const { store } = this.server;
    if (store !== null) await this.client.ask(`write ${action.kind}`, (engine) => writeOrders(store, engine, action));
  }

  /** A command for the job has not been answered yet. */
  busy(name: string): boolean {
    return this.client.waiting.some((what) => what.split(" ")[1] === name);
  }

  /** Nothing of it holds the store afterwards. */
  async end(): Promise<void> {
    this.workers?.end();
    await this.server.end();
    await this.#savepointFiles.close();
  }

  #startWorkers(): Workers {
    const { scenario } = this.#options;
    return new Workers({
      kernel: this.kernel,
      random: this.#random.fork(),
      network: this.network,
      count: scenario.slots,
      slots: Math.ceil(slots_min / scenario.slots),
      endsLost: scenario.endsLost,
      definitionOf: this.#options.hooks.definitionOf,
      marks: this.witness.marks,
    });
  }

  async drop(program: Program): Promise<boolean> {
    if (this.isRead(program)) return false;
    this.watch.end(program.name);
    this.#lastSavepoint.delete(program.name);
    return this.client.drop(program.name);
  }

  #createNew(program: Program, version: Version): Promise<boolean> {
    this.watch.begin(program);
    return this.client.create(version.submission, version, this.#ordersIn(program));
  }

  /** What it had committed to its target is in the target. */
  async #createFrom(program: Program, { query, submission }: Version, path: string, width: Width): Promise<void> {
    const version = this.#version(program, query, width, targetOf(submission));
    const savepoint = { path, allowNonRestoredState: false };
    await this.#createNew(program, { ...version, submission: { ...version.submission, savepoint } });
  }

  #ordersIn({ reads }: Program): Store | null {
    return reads === ordersProgram.reads ? this.server.store : null;
  }

  #newPath(): string {
    this.#savepoints += 1;
    return `${this.#options.scratchDirectory}/${this.#options.scenario.seed}-${this.#savepoints}.savepoint`;
  }

  #version(program: Program, query: number, width: Width, target: string): Version {
    const { scenario, library } = this.#options;
    const planned = library.plan(program, query, width);
    const { checkpoints, restart } = scenario;
    const submission = { ...withTarget(planned, target), checkpoints: { ...planned.checkpoints, ...checkpoints }, restart };
    return { query, width, submission };
  }
}

function withTarget(submission: JobSubmission, target: string): JobSubmission {
  const vertices = submission.graph.vertices.map((vertex) => ({
    ...vertex,
    operators: vertex.operators.map((node) =>
      node.spec.op === "sink" && node.spec.connector === "sim" ? { ...node, spec: { ...node.spec, options: { target } } } : node,
    ),
  }));
  return { ...submission, graph: { ...submission.graph, vertices } };
}

/** Where a job's sink writes; "" when it has none outside. */
export function targetOf({ graph }: JobSubmission): string {
  const specs = graph.vertices.flatMap(({ operators }) => operators.map(({ spec }) => spec));
  const sink = specs.find((spec) => spec.op === "sink" && spec.connector === "sim");
  return sink?.op === "sink" ? (sink.options["target"] ?? "") : "";
}
