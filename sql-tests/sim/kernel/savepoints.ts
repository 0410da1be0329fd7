import { SqlError } from "../../../runtime/contract/errors.ts";
import type { Store } from "../../../runtime/contract/store.ts";
import { openStore } from "../../../runtime/duckdb/store.ts";
import type { SavepointFiles } from "../../../runtime/savepoint/files.ts";
import { readManifest } from "../../../runtime/savepoint/format.ts";
import { Disk } from "./disk.ts";
import type { Kernel } from "./kernel.ts";
import type { Life } from "./node.ts";
import { SimStore } from "./store.ts";

/** Savepoints of a cluster: DuckDB files in memory, of which those that are whole outlive the server. */
export class SimSavepoints {
  readonly #kernel: Kernel;
  readonly #disk: Disk;
  readonly #whole = new Map<string, Store>();
  readonly #opened: Store[] = [];
  readonly #views: SimStore[] = [];

  constructor(kernel: Kernel, disk: Disk) {
    this.#kernel = kernel;
    this.#disk = disk;
  }

  /** As one life of the server sees them. */
  of(life: Life): SavepointFiles {
    const open = (store: Store): SimStore => {
      const opened = new SimStore(store, this.#kernel, life, this.#disk, () => Promise.resolve());
      this.#views.push(opened);
      return opened;
    };
    return {
      make: async (path, write) => {
        if (this.#whole.has(path)) throw new SqlError({ sqlState: "42P07", message: `file "${path}" already exists` });
        const file = await this.#kernel.call(life, "open savepoint", 1, () => this.#newFile());
        const written = await write(open(file));
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

  async #newFile(): Promise<Store> {
    const store = await openStore({ path: ":memory:", threads: 1 });
    this.#opened.push(store);
    return store;
  }
}
