import type { JobEdge, JobGraph, JobVertex, SourceSpec } from "../../../runtime/contract/job-graph.ts";
import type { Schema } from "../../../runtime/contract/types.ts";
import type { World } from "../../../runtime/contract/world.ts";
import { Channel, EdgeSender } from "./channel.ts";
import { type SourceItem, sourceBatch } from "./scripted-source.ts";
import type { StateStore } from "./state-store.ts";
import { type CollectedResult, type DefinitionOf, InThreadTask, type TaskSnapshot } from "./task.ts";

export interface ClusterOptions {
  readonly graph: JobGraph;
  readonly definitionOf: DefinitionOf;
  /** Below a bound: decides which channel goes next, and when gathered rows become a frame. */
  readonly random: (below: number) => number;
  readonly store: StateStore;
  /** The declared columns of a source, to which scripted rows belong. */
  readonly declaredOf: (source: string) => Schema;
  /** Where the tasks look at the clock. */
  readonly world: World;
  /** Sources read what their options say, instead of what is fed. */
  readonly readsSources?: boolean;
  /** The weighted rows of a completed checkpoint, as they commit. */
  readonly onCommit: (results: readonly CollectedResult[]) => void;
}

interface SourceTask {
  readonly task: InThreadTask;
  readonly spec: SourceSpec;
  readonly queue: SourceItem[];
}

interface Pending {
  readonly checkpoint: number;
  readonly waiting: Set<InThreadTask>;
  readonly snapshots: TaskSnapshot[];
}

/**
 * A job graph run in the test's thread under a seed: every step takes one element of one channel, chosen at random, so that inputs
 * interleave in ways that threads seldom show. Dropping the cluster is a crash; another one over the same store restores.
 */
export class Cluster {
  readonly #options: ClusterOptions;
  readonly #tasks: readonly InThreadTask[];
  readonly #channels: readonly { readonly task: InThreadTask; readonly channel: Channel }[];
  readonly #sources: readonly SourceTask[];
  readonly #polled: readonly InThreadTask[];
  #pending: Pending | null = null;

  private constructor(options: ClusterOptions) {
    this.#options = options;
    const built = buildTasks(options, (task, checkpoint, snapshot) => this.#acknowledged(task, checkpoint, snapshot));
    this.#tasks = built;
    this.#channels = built.flatMap((task) => task.parts.inputs.map((channel) => ({ task, channel })));
    this.#sources = built.flatMap((task) => {
      const spec = task.sourceNode?.spec;
      return spec?.op === "source" ? [{ task, spec, queue: [] }] : [];
    });
    this.#polled = built.filter((task) => task.parts.inputs.length === 0 && task.sourceNode === null);
  }

  /** Opens all tasks over the store's state. Throws when the store has state that no operator of the graph takes. */
  static async open(options: ClusterOptions): Promise<Cluster> {
    const cluster = new Cluster(options);
    const lost = options.store.unknown(new Set(cluster.#tasks.flatMap((task) => task.tables)));
    if (lost.length > 0) throw new Error(`invariant: no operator of the job takes the state of ${lost.join(", ")}`);
    for (const task of cluster.#tasks) await task.open(options.store);
    return cluster;
  }

  /** Subtasks of a source; 0 when the job does not read it. */
  subtasksOf(source: string): number {
    return this.#sources.filter(({ spec }) => spec.source === source).length;
  }

  feed(source: string, subtask: number, item: SourceItem): void {
    const tasks = this.#sources.filter(({ spec }) => spec.source === source);
    tasks[subtask % Math.max(1, tasks.length)]?.queue.push(item);
  }

  /** Puts a barrier behind what was fed. */
  startCheckpoint(checkpoint: number): void {
    this.#pending = { checkpoint, waiting: new Set(this.#tasks), snapshots: [] };
    for (const { queue } of this.#sources) queue.push({ kind: "barrier", checkpoint });
  }

  /** No source has more rows. */
  end(): void {
    for (const { queue } of this.#sources) queue.push({ kind: "end" });
  }

  /** Every input that ends by itself has done so. */
  get hasReadAll(): boolean {
    return this.#polled.every((task) => task.ended);
  }

  /** All tasks look at the clock. */
  tick(): void {
    for (const task of this.#tasks) task.tick(this.#options.world.clock.now_ms());
  }

  /** Tables have no event time: once their snapshot was read, they hold back nobody's. */
  idleTables(): void {
    for (const { spec, queue } of this.#sources) if (spec.changelog) queue.push({ kind: "idle" });
  }

  /** Takes up to `steps_max` elements; true when nothing is left to do, and every checkpoint begun is complete. */
  async run(steps_max = Number.POSITIVE_INFINITY): Promise<boolean> {
    const { random } = this.#options;
    for (let steps = 0; steps < steps_max; steps++) {
      if (steps > steps_rest) throw new Error(`invariant: the job comes to rest, within ${steps_rest} elements`);
      const choices = this.#choices();
      if (choices.length === 0) {
        if (this.#flush()) continue;
        if (await this.#snapshotEnded()) continue;
        if (this.#pending === null) return true;
        const names = [...this.#pending.waiting].map(({ name }) => name).join(", ");
        throw new Error(`invariant: checkpoint ${this.#pending.checkpoint} does not complete: waiting for ${names}`);
      }
      await (choices[random(choices.length)] as () => Promise<void>)();
      if (random(3) === 0) this.#flush();
      if (this.#pending !== null && this.#pending.waiting.size === 0) await this.#commit(this.#pending);
    }
    return false;
  }

  async close(): Promise<void> {
    for (const task of this.#tasks) await task.close();
  }

  #choices(): (() => Promise<void>)[] {
    const choices: (() => Promise<void>)[] = [];
    for (const { task, channel } of this.#channels) {
      if (channel.blocked || channel.queue.length === 0) continue;
      choices.push(() => task.element(channel, channel.queue.shift() as NonNullable<(typeof channel.queue)[number]>));
    }
    for (const source of this.#sources) if (source.queue.length > 0) choices.push(() => this.#sourceStep(source));
    for (const task of this.#tasks) if (task.isWriting) choices.push(async () => task.write(1 + this.#options.random(3)));
    for (const task of this.#polled) if (!task.ended) choices.push(() => this.#polledStep(task));
    return choices;
  }

  async #sourceStep({ task, spec, queue }: SourceTask): Promise<void> {
    const item = queue.shift() as SourceItem;
    if (item.kind === "rows") task.rows(sourceBatch(spec, this.#options.declaredOf(spec.source), item.rows));
    else if (item.kind === "barrier") await task.snapshot(item.checkpoint);
    else if (item.kind === "idle") task.idleSource();
    else await task.endSource();
  }

  /** An input without a script takes a checkpoint somewhere among its rows. */
  async #polledStep(task: InThreadTask): Promise<void> {
    const pending = this.#pending;
    if (pending?.waiting.has(task) && !task.isWriting && this.#options.random(2) === 0) await task.snapshot(pending.checkpoint);
    else await task.poll();
  }

  #flush(): boolean {
    let flushed = false;
    for (const { channel } of this.#channels) if (channel.flush()) flushed = true;
    return flushed;
  }

  /** Barriers do not reach tasks that have ended; they take the checkpoint by themselves. */
  async #snapshotEnded(): Promise<boolean> {
    const pending = this.#pending;
    if (pending === null) return false;
    const due = [...pending.waiting].filter((task) => task.ended && !task.isWriting);
    for (const task of due) await task.snapshot(pending.checkpoint);
    if (pending.waiting.size === 0) await this.#commit(pending);
    return due.length > 0;
  }

  #acknowledged(task: InThreadTask, checkpoint: number, snapshot: TaskSnapshot): void {
    if (this.#pending?.checkpoint !== checkpoint || !this.#pending.waiting.delete(task)) {
      throw new Error(`invariant: ${task.name} took checkpoint ${checkpoint} twice or unasked`);
    }
    this.#pending.snapshots.push(snapshot);
  }

  async #commit({ checkpoint, snapshots }: Pending): Promise<void> {
    this.#pending = null;
    this.#options.store.commit(snapshots.flatMap(({ deltas }) => deltas));
    this.#options.onCommit(snapshots.flatMap(({ results }) => results));
    for (const task of this.#tasks) await task.complete(checkpoint);
  }
}

/** More elements than any test feeds or makes: beyond them a job goes round in circles. */
const steps_rest = 1_000_000;

type OnSnapshot = ConstructorParameters<typeof InThreadTask>[1];

function buildTasks({ graph, definitionOf, world, readsSources = false }: ClusterOptions, onSnapshot: OnSnapshot): readonly InThreadTask[] {
  const { maxParallelism } = graph;
  const subtasks = graph.vertices.flatMap((vertex) => Array.from({ length: vertex.parallelism }, (_, subtask) => ({ vertex, subtask })));
  const inputs = new Map<string, Channel[]>();
  const senders = new Map<string, { edge: JobEdge; sender: EdgeSender }[]>();
  const idOf = (vertex: JobVertex, subtask: number): string => `${vertex.id}/${subtask}`;
  for (const { vertex, subtask } of subtasks) {
    inputs.set(idOf(vertex, subtask), []);
    senders.set(idOf(vertex, subtask), []);
  }
  for (const edge of graph.edges) {
    const from = graph.vertices.find(({ id }) => id === edge.from) as JobVertex;
    const to = graph.vertices.find(({ id }) => id === edge.to) as JobVertex;
    if (edge.ship.kind === "forward" && from.parallelism !== to.parallelism) {
      throw new Error(`invariant: forward edge ${edge.id} joins parallelism ${from.parallelism} and ${to.parallelism}`);
    }
    for (let up = 0; up < from.parallelism; up++) {
      const targets = edge.ship.kind === "forward" ? [up] : Array.from({ length: to.parallelism }, (_, down) => down);
      const channels = targets.map((down) => connect(edge, inputs.get(idOf(to, down)) as Channel[]));
      const sender = new EdgeSender(channels, edge.ship, up, maxParallelism);
      (senders.get(idOf(from, up)) as { edge: JobEdge; sender: EdgeSender }[]).push({ edge, sender });
    }
  }
  return subtasks.map(({ vertex, subtask }) => {
    const id = idOf(vertex, subtask);
    const parts = { vertex, subtask, maxParallelism, definitionOf, world, readsSources };
    return new InThreadTask({ ...parts, inputs: inputs.get(id) ?? [], outputs: senders.get(id) ?? [] }, onSnapshot);
  });
}

function connect(edge: JobEdge, into: Channel[]): Channel {
  const index = into.filter(({ place }) => place.input === edge.toInput).length;
  const channel = new Channel(edge, { input: edge.toInput, index, position: into.length });
  into.push(channel);
  return channel;
}
