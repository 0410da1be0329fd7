import { anywhere } from "../../../runtime/contract/file-places.ts";
import type { Engine, JobSubmission } from "../../../runtime/contract/control.ts";
import { messageOf, SqlError } from "../../../runtime/contract/errors.ts";
import { claimLeadership } from "../../../runtime/cluster/claim-leadership.ts";
import { TaskManagers } from "../../../runtime/cluster/task-managers.ts";
import type { SlotProvider } from "../../../runtime/control/slot-provider.ts";
import type { Store } from "../../../runtime/contract/store.ts";
import { createEngine } from "../../../runtime/control/engine.ts";
import { makeFrameCodec } from "../../../runtime/exchange/frame-codec.ts";
import type { Random } from "../../oracle/random/random.ts";
import type { Disk } from "../kernel/disk.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { SimNetwork } from "../kernel/network.ts";
import { type Life, SimNode } from "../kernel/node.ts";
import type { SimSavepoints } from "../kernel/savepoints.ts";
import { SimStore } from "../kernel/store.ts";
import type { Hooks } from "../plants.ts";
import type { Witness } from "../witness.ts";
import { SimSlots, type SlotsOptions } from "./slots.ts";
import { witnessed } from "./witnessed.ts";
import { clusterVersion, serverAddress, type Workers } from "./workers.ts";

export interface ServerOptions {
  readonly kernel: Kernel;
  readonly random: Random;
  readonly store: Store;
  readonly disk: Disk;
  readonly slots: SlotsOptions;
  readonly scratchDirectory: string;
  /** The definitions that the catalog holds, in the order of their creation. */
  readonly catalog: () => readonly JobSubmission[];
  readonly network: SimNetwork;
  readonly hooks: Hooks;
  /** null: the server has threads. */
  readonly workers: Workers | null;
  readonly savepoints: SimSavepoints;
  readonly witness: Witness;
  /** Looks at the store after each commit. */
  readonly committed: () => Promise<void>;
}

/** The server's process: as soon as it is up it runs what its catalog says, like server/statements/recover. */
export class Server {
  readonly node: SimNode;
  readonly #options: ServerOptions;
  #engine: Engine | null = null;
  #store: SimStore | null = null;
  #slots: SimSlots | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.node = new SimNode("server", options.kernel, options.random.fork());
    this.#boot();
  }

  /** null while the server is down or still coming up. */
  get engine(): Engine | null {
    return this.#engine;
  }

  /** As sessions of the present life see it. */
  get store(): SimStore | null {
    return this.#store;
  }

  get slots(): SimSlots | null {
    return this.#slots;
  }

  kill(back_ms: number): void {
    this.#engine = null;
    this.#slots?.die();
    this.#slots = null;
    const store = this.#store;
    this.#store = null;
    const { life } = this.node;
    this.node.crash();
    this.#options.network.died(life);
    if (store !== null) void store.abandon();
    this.#options.kernel.schedule(back_ms, "boot", this.node.life, () => this.#boot());
  }

  /** After the run: the store is free again. */
  async end(): Promise<void> {
    this.node.crash();
    const store = this.#store;
    this.#store = null;
    await store?.abandon();
  }

  #boot(): void {
    const { kernel, store, disk, committed } = this.#options;
    const { life } = this.node;
    disk.reopened();
    this.#store = new SimStore(store, kernel, life, disk, committed);
    this.#start(life, this.#store).catch((error: unknown) => {
      if (!life.alive) return;
      kernel.note(`the server cannot start: ${messageOf(error)}`);
      this.kill(500);
    });
  }

  async #start(life: Life, store: SimStore): Promise<void> {
    const { kernel, slots, scratchDirectory, witness, savepoints, hooks } = this.#options;
    const { definitionOf } = slots;
    const engine = await createEngine({
      world: life.world,
      store: hooks.store(store),
      slots: hooks.provider(witnessed(await this.#provider(life, store), witness)),
      scratchDirectory,
      places: anywhere,
      log: (level, message) => kernel.note(`${life.name} ${level}: ${message}`),
      stateTablesOf: (node) => definitionOf(node.spec).stateTables(node.spec, node.inputs, node.output),
      makeFrameCodec,
      savepointFiles: savepoints.of(life),
    });
    await this.#recover(engine);
  }

  async #provider(life: Life, store: SimStore): Promise<SlotProvider> {
    const { workers, network, kernel, slots } = this.#options;
    if (workers === null) {
      this.#slots = new SimSlots(life, slots);
      return this.#slots;
    }
    return new TaskManagers({
      world: life.world,
      network: network.of(life),
      listen: serverAddress,
      leader: await claimLeadership(store, life.world),
      version: clusterVersion,
      heartbeat_ms: 150,
      timeout_ms: 900,
      slotsExpected: 0,
      log: (level, message) => kernel.note(`${life.name} ${level}: ${message}`),
      onSilent: (id) => workers.lost(id),
    });
  }

  async #recover(engine: Engine): Promise<void> {
    for (const submission of this.#options.catalog()) {
      try {
        await engine.submit(submission);
      } catch (error) {
        if (!(error instanceof SqlError)) throw error;
        this.#options.kernel.note(`cannot restore job "${submission.name}": ${error.message}`);
      }
    }
    this.#engine = engine;
  }
}
