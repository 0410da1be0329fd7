import { SqlError } from "../../../runtime/contract/errors.ts";
import type { Store } from "../../../runtime/contract/store.ts";
import type { SavepointFiles } from "../../../runtime/savepoint/files.ts";
import { readManifest } from "../../../runtime/savepoint/format.ts";
import type { SavepointFault } from "../actions.ts";
import type { Disk } from "./disk.ts";
import type { Kernel } from "./kernel.ts";
import type { Life } from "./node.ts";
import { SimStore } from "./store.ts";
import { StoreTurns } from "./store-turns.ts";

/** Savepoints of a cluster: files in memory, of which those that are whole outlive the server. Their disk has faults of its own. */
export class SimSavepoints {
  readonly #kernel: Kernel;
  readonly #disk: Disk;
  readonly #newStore: () => Promise<Store>;
  #fault: SavepointFault | null = null;
  readonly #whole = new Map<string, Store>();
  readonly #opened: Store[] = [];
  readonly #views: SimStore[] = [];

  constructor(kernel: Kernel, disk: Disk, newStore: () => Promise<Store>) {
    this.#kernel = kernel;
    this.#disk = disk;
    this.#newStore = newStore;
  }

  /** The next file that is made meets an error of its disk. */
  failNext(fault: SavepointFault | null): void {
    this.#fault = fault;
  }

  /** As one life of the server sees them. */
  of(life: Life): SavepointFiles {
    const open = (store: Store): SimStore => {
      const opened = new SimStore(store, this.#kernel, life, this.#disk, new StoreTurns(this.#kernel), () => Promise.resolve());
      this.#views.push(opened);
      return opened;
    };
    return {
      make: async (path, write) => {
        if (this.#whole.has(path)) throw new SqlError({ sqlState: "42P07", message: `file "${path}" already exists` });
        const fault = this.#fault;
        this.#fault = null;
        const file = await this.#kernel.call(life, "open savepoint", 1, () => this.#newFile(fault));
        if (fault === "append" || fault === "commit") this.#disk.marks.add(`savepoint fault at ${fault}`);
        const written = await write(fault === "append" || fault === "commit" ? failing(open(file), fault) : open(file));
        await this.#kernel.call(life, "finish savepoint", 1, () => this.#finish(fault));
        this.#whole.set(path, file);
        return written;
      },
      use: async (path, read) => {
        const file = this.#whole.get(path);
        if (file === undefined) throw new SqlError({ sqlState: "58P01", message: `there is no savepoint "${path}"` });
        const from = await open(file).connect();
        return read(from, await readManifest(from, path));
      },
    };
  }

  async close(): Promise<void> {
    for (const view of this.#views) await view.abandon();
    for (const store of this.#opened) await store.close();
  }

  async #newFile(fault: SavepointFault | null): Promise<Store> {
    if (fault === "open") return this.#fail(fault);
    const store = await this.#newStore();
    this.#opened.push(store);
    return store;
  }

  #finish(fault: SavepointFault | null): Promise<void> {
    return fault === "finish" ? this.#fail(fault) : Promise.resolve();
  }

  #fail(fault: SavepointFault): Promise<never> {
    this.#disk.marks.add(`savepoint fault at ${fault}`);
    return Promise.reject(failure(fault));
  }
}

const failure = (fault: SavepointFault): SqlError =>
  new SqlError({ sqlState: "53100", message: `the savepoint's disk failed at ${fault}: no space left on device` });

/** A file whose first append, or whose commit, fails. */
const failing = (store: Store, fault: "append" | "commit"): Store => ({
  connect: () => store.connect(),
  declareFunction: (definition) => store.declareFunction(definition),
  close: () => store.close(),
  transact: (body) =>
    store.transact(async (transaction) => {
      const result = await body(fault === "commit" ? transaction : { ...transaction, append: () => Promise.reject(failure(fault)) });
      if (fault === "commit") throw failure(fault);
      return result;
    }),
});
