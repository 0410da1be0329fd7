import type { JobSubmission } from "../../../runtime/contract/control.ts";
import type { Store, StoreTransaction } from "../../../runtime/contract/store.ts";
import type { Width } from "../programs.ts";

/** A definition that a job had or has. */
export interface Version {
  readonly submission: JobSubmission;
  /** Which of its program's queries. */
  readonly query: number;
  readonly width: Width;
}

interface Entry {
  /** Of this job, not of one of its name that was dropped. */
  readonly key: string;
  readonly versions: Version[];
  /** As the server knows it. */
  current: number;
  /** Somebody wanted its input to end. */
  drained: boolean;
}

/**
 * The definitions of the jobs that were created and not dropped. Which version of a job's definition holds is in the store, changed in
 * the transactions of the alterations themselves, as in server/catalog.
 */
export class Catalog {
  readonly #entries = new Map<string, Entry>();
  #created = 0;

  get(name: string): JobSubmission | null {
    return this.version(name)?.submission ?? null;
  }

  version(name: string): Version | null {
    const entry = this.#entries.get(name);
    return entry?.versions[entry.current] ?? null;
  }

  create(name: string, first: Version): void {
    this.#created += 1;
    this.#entries.set(name, { key: `${name} ${this.#created}`, versions: [first], current: 0, drained: false });
  }

  delete(name: string): void {
    this.#entries.delete(name);
  }

  /** Keeps another version; it holds once `choose` has been committed. */
  add(name: string, version: Version): number {
    return (this.#entries.get(name)?.versions.push(version) ?? 0) - 1;
  }

  async choose(transaction: StoreTransaction, name: string, version: number): Promise<void> {
    const key = this.#entries.get(name)?.key;
    if (key === undefined) return;
    await transaction.run("DELETE FROM millrace.sim_catalog WHERE entry = ?", [key]);
    await transaction.run("INSERT INTO millrace.sim_catalog VALUES (?, ?)", [key, BigInt(version)]);
  }

  chosen(name: string, version: number): void {
    const entry = this.#entries.get(name);
    if (entry !== undefined) entry.current = version;
  }

  currentOf(name: string): number {
    return this.#entries.get(name)?.current ?? 0;
  }

  drain(name: string): void {
    const entry = this.#entries.get(name);
    if (entry !== undefined) entry.drained = true;
  }

  isDrained(name: string): boolean {
    return this.#entries.get(name)?.drained === true;
  }

  /** What a server that starts runs, in the order of creation. */
  async recover(store: Store): Promise<readonly JobSubmission[]> {
    const chosen = await store.transact(async (transaction) => {
      await transaction.run("CREATE TABLE IF NOT EXISTS millrace.sim_catalog (entry VARCHAR NOT NULL, version BIGINT NOT NULL)");
      return (await transaction.query("SELECT entry, version FROM millrace.sim_catalog")).rows();
    });
    const versions = new Map(chosen.map(([entry, version]) => [entry as string, Number(version)]));
    return [...this.#entries.values()].map((entry) => {
      entry.current = versions.get(entry.key) ?? 0;
      return (entry.versions[entry.current] as Version).submission;
    });
  }
}
