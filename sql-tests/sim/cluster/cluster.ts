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
import { type Library, type Program, programOf } from "../programs.ts";
import type { Action, Scenario } from "../scenario.ts";
import { Witness } from "../witness.ts";
import { Client } from "./client.ts";
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
  readonly catalog = new Map<string, JobSubmission>();
  readonly network: SimNetwork;
  /** null where the server has threads. */
  readonly workers: Workers | null;
  readonly #savepointFiles: SimSavepoints;
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
    this.#savepointFiles = new SimSavepoints(kernel, this.disk);
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
      catalog: () => [...this.catalog.values()],
      committed: () => this.watch.look().catch((error: unknown) => kernel.fail(error as Error)),
    });
    this.client = new Client(kernel, this.server, witness, this.catalog);
  }

  get programs(): readonly Program[] {
    return this.#options.scenario.jobs.map(({ program }) => programOf(program));
  }

  create(program: Program): Promise<boolean> {
    const { jobs } = this.#options.scenario;
    const { parallelism } = jobs.find((job) => job.program === program.name) as (typeof jobs)[number];
    const known = this.catalog.get(program.name);
    if (known !== undefined) return this.client.create(known, program.readsTable ? this.server.store : null);
    this.#targets += 1;
    const submission = this.submission(program, parallelism, `rows-${this.#targets}`);
    this.watch.begin(program);
    return this.client.create(submission, program.readsTable ? this.server.store : null);
  }

  async rescale(program: Program, parallelism: number): Promise<boolean> {
    const known = this.catalog.get(program.name);
    return known !== undefined && this.client.rescale(this.submission(program, parallelism, targetOf(known)));
  }

  /** Into a file that nobody reads again. */
  savepoint(name: string): Promise<boolean> {
    this.#savepoints += 1;
    const { scenario, scratchDirectory } = this.#options;
    const path = `${scratchDirectory}/${scenario.seed}-${this.#savepoints}.savepoint`;
    return this.client.ask(`savepoint ${name}`, (engine) => engine.savepoint(name, path, "CREATE STREAMING JOB"));
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

  drop(program: Program): Promise<boolean> {
    this.watch.end(program.name);
    return this.client.drop(program.name);
  }

  submission(program: Program, parallelism: number, target: string): JobSubmission {
    const { scenario, library } = this.#options;
    const planned = library.plan(program, parallelism);
    const { checkpoints, restart } = scenario;
    return { ...withTarget(planned, target), checkpoints: { ...planned.checkpoints, ...checkpoints }, restart };
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
