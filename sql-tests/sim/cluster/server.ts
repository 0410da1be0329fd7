import type { Engine, JobSubmission } from "../../../runtime/contract/control.ts";
import { messageOf, SqlError } from "../../../runtime/contract/errors.ts";
import type { Store } from "../../../runtime/contract/store.ts";
import { createEngine } from "../../../runtime/control/engine.ts";
import { makeFrameCodec } from "../../../runtime/exchange/frame-codec.ts";
import type { Random } from "../../oracle/random/random.ts";
import type { Disk } from "../kernel/disk.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { SimNode } from "../kernel/node.ts";
import { SimStore } from "../kernel/store.ts";
import { type SlotsOptions, SimSlots } from "./slots.ts";

export interface ServerOptions {
  readonly kernel: Kernel;
  readonly random: Random;
  readonly store: Store;
  readonly disk: Disk;
  readonly slots: SlotsOptions;
  readonly scratchDirectory: string;
  /** The definitions that the catalog holds, in the order of their creation. */
  readonly catalog: () => readonly JobSubmission[];
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

  get slots(): SimSlots | null {
    return this.#slots;
  }

  kill(back_ms: number): void {
    this.#engine = null;
    this.#slots?.die();
    this.#slots = null;
    const store = this.#store;
    this.#store = null;
    this.node.crash();
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
    const { kernel, store, disk, committed, slots, scratchDirectory } = this.#options;
    const { life } = this.node;
    disk.reopened();
    this.#store = new SimStore(store, kernel, life, disk, committed);
    this.#slots = new SimSlots(life, slots);
    const { definitionOf } = slots;
    createEngine({
      world: life.world,
      store: this.#store,
      slots: this.#slots,
      scratchDirectory,
      allowedDirectories: [],
      log: (level, message) => kernel.note(`${life.name} ${level}: ${message}`),
      stateTablesOf: (node) => definitionOf(node.spec).stateTables(node.spec, node.inputs, node.output),
      makeFrameCodec,
    })
      .then((engine) => this.#recover(engine))
      .catch((error: unknown) => {
        if (!life.alive) return;
        kernel.note(`the server cannot start: ${messageOf(error)}`);
        this.kill(500);
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
