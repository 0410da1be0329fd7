import type { Store, StoreConnection } from "../../../runtime/contract/store.ts";
import { BrokenInvariant } from "../kernel/kernel.ts";
import type { Program } from "../programs.ts";

/** A reader of the results at every moment: no row twice, none gone again. */
export class Watch {
  readonly #store: Store;
  readonly #programs = new Map<string, Program>();
  readonly #seen = new Map<string, number>();
  #connection: StoreConnection | null = null;

  constructor(store: Store) {
    this.#store = store;
  }

  begin(program: Program): void {
    this.#programs.set(program.name, program);
    this.#seen.set(program.name, 0);
  }

  end(name: string): void {
    this.#programs.delete(name);
  }

  async look(): Promise<void> {
    this.#connection ??= await this.#store.connect();
    for (const { name, watch } of this.#programs.values()) if (watch !== null) await this.#lookAt(this.#connection, name, watch);
  }

  close(): void {
    this.#connection?.close();
  }

  async #lookAt(connection: StoreConnection, name: string, sql: string): Promise<void> {
    const [[progress, extra] = []] = await connection.query(sql).then(
      (result) => result.rows(),
      () => [], // no table yet
    );
    if (progress === undefined) return;
    const before = this.#seen.get(name) ?? 0;
    if (Number(progress) < before) throw new BrokenInvariant(`the result of "${name}" went back from ${before} to ${progress}`);
    if (Number(extra) !== 0) throw new BrokenInvariant(`the result of "${name}" has ${extra} rows twice`);
    this.#seen.set(name, Number(progress));
  }
}
