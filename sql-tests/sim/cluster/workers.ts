import { TaskManager } from "../../../runtime/cluster/task-manager.ts";
import { noUsage } from "../../../runtime/contract/control.ts";
import type { DefinitionOf } from "../../../runtime/task/task-environment.ts";
import { LocalSlots } from "../../../runtime/worker/local-slots.ts";
import type { Random } from "../../oracle/random/random.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { SimNetwork } from "../kernel/network.ts";
import { type Life, SimNode } from "../kernel/node.ts";
import { makePorts } from "../kernel/ports.ts";
import { smallPieces } from "./slots.ts";
import type { Marks } from "../marks.ts";

export interface WorkersOptions {
  readonly kernel: Kernel;
  readonly random: Random;
  readonly network: SimNetwork;
  readonly count: number;
  readonly slots: number;
  /** Whoever started the processes ends one that was given up (provider `processes`); else it goes on, not knowing. */
  readonly endsLost: boolean;
  readonly definitionOf: DefinitionOf;
  readonly marks: Marks;
}

export const serverAddress = { host: "server", port: 7_435 };
export const clusterVersion = "sim";
const respawn_ms = 200;

/** The TaskManagers' processes: the real TaskManager and tasks in each, over the simulated network. They outlive the server. */
export class Workers {
  readonly nodes: readonly SimNode[];
  readonly #options: WorkersOptions;
  /** Of processes that were started again since: not theirs to end. */
  readonly #lives: (Life | null)[];

  constructor(options: WorkersOptions) {
    this.#options = options;
    this.nodes = Array.from({ length: options.count }, (_, i) => new SimNode(`tm${i}`, options.kernel, options.random.fork()));
    this.#lives = this.nodes.map(() => null);
    for (const index of this.nodes.keys()) this.#start(index);
  }

  kill(index: number, back_ms: number): void {
    const node = this.nodes[index] as SimNode;
    const { life } = node;
    node.crash();
    this.#options.network.died(life);
    this.#options.kernel.schedule(back_ms, "start", node.life, () => this.#start(index));
  }

  stall(index: number, for_ms: number): void {
    const node = this.nodes[index] as SimNode;
    const { life } = node;
    if (node.paused) return;
    node.pause();
    this.#options.kernel.schedule(for_ms, "wake", null, () => {
      if (node.life !== life || !node.paused) return;
      this.#options.marks.add("stood still and went on");
      node.resume();
    });
  }

  /** The server gave the TaskManager up. */
  lost(id: string): void {
    this.#options.marks.add("TaskManager given up");
    const index = this.nodes.findIndex(({ name }) => name === id);
    if (this.#options.endsLost && index >= 0) this.kill(index, respawn_ms);
  }

  end(): void {
    for (const node of this.nodes) node.crash();
  }

  #start(index: number): void {
    const node = this.nodes[index] as SimNode;
    const { kernel, network, slots, definitionOf, marks } = this.#options;
    const { life, name } = node;
    if (this.#lives[index] === life) return;
    this.#lives[index] = life;
    const taskManager = new TaskManager({
      world: life.world,
      network: network.of(life),
      slots: new LocalSlots(slots, { world: life.world, definitionOf, snapshotPieces: smallPieces }),
      makePorts,
      join: serverAddress,
      listen: { host: name, port: 0 },
      dataHost: name,
      description: { id: name, version: clusterVersion, host: name, pid: 1, cpuCores: 1, memory_bytes: 0 },
      usage: () => noUsage,
      ask: async () => ({ kind: "failed", reason: "nobody asks here" }),
      localise: (deployment) => deployment,
      log: (level, message) => kernel.note(`${life.name} ${level}: ${message}`),
      onHung: (reason) => {
        kernel.note(`${life.name} ends itself: ${reason}`);
        marks.add("TaskManager ended itself");
        this.kill(index, respawn_ms);
      },
    });
    taskManager.start().catch((error: unknown) => kernel.fail(error as Error));
  }
}
