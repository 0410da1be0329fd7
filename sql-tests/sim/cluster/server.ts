import { anywhere } from "../../../runtime/contract/file-places.ts";
import type { Engine } from "../../../runtime/contract/control.ts";
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
import { StoreTurns } from "../kernel/store-turns.ts";
import type { Hooks } from "../plants.ts";
import type { Witness } from "../witness.ts";
import type { Catalog } from "./catalog.ts";
import type { Duplicates } from "./duplicates.ts";
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
  readonly catalog: Catalog;
  readonly duplicates: Duplicates;
  readonly network: SimNetwork;
  readonly hooks: Hooks;
  /** null: the server has threads. */
  readonly workers: Workers | null;
  readonly savepoints: SimSavepoints;
  readonly witness: Witness;
  /** Looks at the store after each commit. */
  readonly committed: () => Promise<void>;
}

/** A server that was replaced, and does not know. */
interface Former {
  readonly node: SimNode;
  readonly life: Life;
  readonly store: SimStore | null;
  readonly slots: SimSlots | null;
}

/** The server's process: as soon as it is up it runs what its catalog says, like server/statements/recover. */
export class Server {
  readonly #options: ServerOptions;
  readonly #former = new Set<Former>();
  readonly #turns: StoreTurns;
  #node: SimNode;
  #engine: Engine | null = null;
  #store: SimStore | null = null;
  #slots: SimSlots | null = null;

  constructor(options: ServerOptions) {
    this.#options = options;
    this.#turns = new StoreTurns(options.kernel);
    this.#node = this.#newNode();
    this.#boot();
  }

  /** Of the newest server. */
  get node(): SimNode {
    return this.#node;
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

  /**
   * The server stands still with its threads, and another one is started on the same store. What the first had not committed is
   * undone; after `for_ms` it goes on for `stays_ms`.
   */
  replace(for_ms: number, stays_ms: number): void {
    const { kernel, witness } = this.#options;
    const former: Former = { node: this.node, life: this.node.life, store: this.#store, slots: this.#slots };
    if (former.store === null || former.node.paused || this.#former.size > 0) return;
    this.#former.add(former);
    former.node.pause();
    former.slots?.pause();
    this.#engine = null;
    this.#slots = null;
    this.#store = null;
    this.#node = this.#newNode();
    former.store.take().then(
      () => this.#boot(),
      (error: unknown) => kernel.fail(error as Error),
    );
    kernel.schedule(for_ms, "wake", null, () => {
      if (!this.#former.has(former)) return;
      witness.marks.add("replaced server went on");
      former.node.resume();
      former.slots?.resume();
      kernel.schedule(stays_ms, "end", null, () => this.#end(former));
    });
  }

  /** No server of before is left. */
  endFormer(): void {
    for (const former of this.#former) this.#end(former);
  }

  /** After the run: the store is free again. */
  async end(): Promise<void> {
    this.endFormer();
    this.node.crash();
    const store = this.#store;
    this.#store = null;
    await store?.abandon();
  }

  #end(former: Former): void {
    if (!this.#former.delete(former)) return;
    former.slots?.die();
    former.node.crash();
    this.#options.network.died(former.life);
    void former.store?.abandon();
  }

  #newNode(): SimNode {
    return new SimNode("server", this.#options.kernel, this.#options.random.fork());
  }

  #boot(): void {
    const { kernel, store, disk, committed } = this.#options;
    const { life } = this.node;
    disk.reopened();
    this.#store = new SimStore(store, kernel, life, disk, this.#turns, committed);
    this.#start(life, this.#store).catch((error: unknown) => {
      if (!life.alive) return;
      kernel.note(`the server cannot start: ${messageOf(error)}`);
      this.kill(500);
    });
  }

  async #start(life: Life, store: SimStore): Promise<void> {
    const { kernel, slots, scratchDirectory, witness, savepoints, hooks, duplicates } = this.#options;
    const { definitionOf } = slots;
    const engine = await createEngine({
      world: life.world,
      store: hooks.store(store),
      slots: hooks.provider(witnessed(duplicates.of(life, await this.#provider(life, store)), witness, () => this.node === life.node)),
      scratchDirectory,
      places: anywhere,
      log: (level, message) => kernel.note(`${life.name} ${level}: ${message}`),
      stateTablesOf: (node) => definitionOf(node.spec).stateTables(node.spec, node.inputs, node.output),
      makeFrameCodec,
      savepointFiles: savepoints.of(life),
    });
    await this.#recover(engine, store, life);
  }

  async #provider(life: Life, store: SimStore): Promise<SlotProvider> {
    const { workers, network, kernel, slots } = this.#options;
    if (workers === null) {
      const own = new SimSlots(life, slots);
      if (life.node === this.node) this.#slots = own;
      return own;
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

  async #recover(engine: Engine, store: SimStore, life: Life): Promise<void> {
    for (const submission of await this.#options.catalog.recover(store)) {
      try {
        await engine.submit(submission);
      } catch (error) {
        if (!(error instanceof SqlError)) throw error;
        this.#options.kernel.note(`cannot restore job "${submission.name}": ${error.message}`);
      }
    }
    if (life.node === this.node) this.#engine = engine;
  }
}
