import type { Store, StoreConnection } from "../../../runtime/contract/store.ts";
import { BrokenInvariant } from "../kernel/kernel.ts";
import { type Program, rowText } from "../programs.ts";

/** Looking at every commit would take longer than all else. */
const commits_perLook = 4;

/** A reader of the results at every moment: no row twice, none gone again. */
export class Watch {
  readonly #store: Store;
  readonly #programs = new Map<string, Program>();
  readonly #seen = new Map<string, number>();
  /** Of which results may go back: they are computed anew. */
  readonly #forgiven = new Set<string>();
  #connection: StoreConnection | null = null;
  #commits = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  begin(program: Program): void {
    this.#programs.set(program.name, program);
    this.#seen.set(program.name, 0);
    this.#forgiven.delete(program.name);
  }

  end(name: string): void {
    this.#programs.delete(name);
  }

  forgive(name: string): void {
    this.#forgiven.add(name);
  }

  async look(): Promise<void> {
    if (++this.#commits % commits_perLook !== 0) return;
    this.#connection ??= await this.#store.connect();
    for (const program of this.#programs.values()) await this.#lookAt(this.#connection, program);
  }

  close(): void {
    this.#connection?.close();
  }

  async #lookAt(connection: StoreConnection, { name, watch }: Program): Promise<void> {
    if (watch === null) return;
    const columns = watch.sum === null ? watch.key : [...watch.key, watch.sum];
    const rows = await connection.query(`SELECT ${columns.join(", ")} FROM public.${name}`).then(
      (result) => result.rows(),
      () => null, // no table yet
    );
    if (rows === null) return;
    const keys = new Set(rows.map((row) => rowText(row.slice(0, watch.key.length))));
    if (keys.size !== rows.length) throw new BrokenInvariant(`the result of "${name}" has ${rows.length - keys.size} rows twice`);
    const progress = watch.sum === null ? rows.length : rows.reduce((sum, row) => sum + Number(row[watch.key.length]), 0);
    const before = this.#seen.get(name) ?? 0;
    if (progress < before && !this.#forgiven.has(name))
      throw new BrokenInvariant(`the result of "${name}" went back from ${before} to ${progress}`);
    this.#seen.set(name, progress);
  }
}
