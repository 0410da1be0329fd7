import { SqlError } from "../contract/errors.ts";
import type { JobMaster } from "./job-master.ts";

/** The jobs that there are: by name for those who state things, by id for what tasks say. */
export class Jobs {
  readonly #byName = new Map<string, JobMaster>();
  readonly #byId = new Map<string, JobMaster>();

  add(master: JobMaster): void {
    this.#byName.set(master.name, master);
    this.#byId.set(master.id, master);
  }

  delete(master: JobMaster): void {
    this.#byName.delete(master.name);
    this.#byId.delete(master.id);
  }

  all(): readonly JobMaster[] {
    return [...this.#byName.values()];
  }

  get(name: string): JobMaster | null {
    return this.#byName.get(name) ?? null;
  }

  /** null for a job that has been dropped. */
  withId(id: string): JobMaster | null {
    return this.#byId.get(id) ?? null;
  }

  /** Throws SqlError 42704 where there is none. */
  require(name: string): JobMaster {
    const master = this.get(name);
    if (master === null) throw new SqlError({ sqlState: "42704", message: `job "${name}" does not exist` });
    return master;
  }

  /** Throws SqlError 42704 where it has been dropped meanwhile. */
  requireStill(master: JobMaster): void {
    if (this.get(master.name) === master) return;
    throw new SqlError({ sqlState: "42704", message: `job "${master.name}" does not exist any more` });
  }

  /** Throws SqlError 42710 where there is one. */
  requireFree(name: string): void {
    if (this.#byName.has(name)) throw new SqlError({ sqlState: "42710", message: `job "${name}" already exists` });
  }
}
