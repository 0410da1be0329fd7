import type { Engine, JobSubmission, MisfitPolicy } from "../../../runtime/contract/control.ts";
import { messageOf, SqlError } from "../../../runtime/contract/errors.ts";
import type { Store } from "../../../runtime/contract/store.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Witness } from "../witness.ts";
import type { Catalog, Version } from "./catalog.ts";
import { createOrders } from "./orders.ts";
import type { Server } from "./server.ts";

/** One who uses the cluster: what the server was told is lost to it when the server dies before it answers. */
export class Client {
  readonly #kernel: Kernel;
  readonly #server: Server;
  readonly #witness: Witness;
  readonly #catalog: Catalog;
  /** Commands without an answer, by the life of the server that they were given to. */
  readonly #open = new Map<string, () => boolean>();

  constructor(kernel: Kernel, server: Server, witness: Witness, catalog: Catalog) {
    this.#kernel = kernel;
    this.#server = server;
    this.#witness = witness;
    this.#catalog = catalog;
  }

  /** Commands that a living server has not answered. */
  get waiting(): readonly string[] {
    return [...this.#open].filter(([, isLive]) => isLive()).map(([what]) => what);
  }

  /** Resolves true when the server did it; false when it said why not, or is not there. Never, when the server dies over it. */
  async ask(what: string, command: (engine: Engine, store: Store) => Promise<unknown>): Promise<boolean> {
    const { engine, store, node } = this.#server;
    if (engine === null || store === null) return false;
    const { life } = node;
    const key = `${what} at ${this.#kernel.now_ms.toFixed(3)}`;
    this.#open.set(key, () => life.alive && this.#server.node === node);
    try {
      this.#kernel.note(`client: ${what}`);
      await command(engine, store);
      this.#kernel.note(`client: ${what}: done`);
      this.#witness.marks.add(`${what.split(" ")[0]} done`);
      return true;
    } catch (error) {
      this.#kernel.note(`client: ${what}: ${messageOf(error)}`);
      if (!(error instanceof SqlError) || error.sqlState === "XX000") this.#kernel.fail(error as Error);
      return false;
    } finally {
      this.#open.delete(key);
    }
  }

  /** The definition is kept before the job runs. */
  create({ name }: JobSubmission, version: Version | null, ordersIn: Store | null): Promise<boolean> {
    if (this.#server.engine !== null && version !== null) this.#catalog.create(name, version);
    return this.ask(`create ${name}`, async (engine) => {
      if (ordersIn !== null) await createOrders(ordersIn);
      await engine.submit(this.#catalog.get(name) as JobSubmission);
    });
  }

  drop(job: string): Promise<boolean> {
    return this.ask(`drop ${job}`, async (engine) => {
      await engine.drop(job);
      this.#catalog.delete(job);
    });
  }

  resume(job: string): Promise<boolean> {
    return this.ask(`resume ${job}`, async (engine) => {
      const submission = this.#catalog.get(job);
      const state = engine.job(job)?.state;
      if (submission === null || (state !== "PAUSED" && state !== "FAILED")) await engine.resume(job);
      else await engine.resubmit({ ...submission, savepoint: null });
    });
  }

  /** ALTER … SET: a job that runs goes on with the plan, one that rests has it when it is resumed. */
  rescale(version: Version): Promise<boolean> {
    const { name } = version.submission;
    return this.ask(`rescale ${name}`, async (engine, store) => {
      const catalog = this.#catalog;
      const next = catalog.add(name, version);
      const state = engine.job(name)?.state;
      const choose = (transaction: Parameters<Catalog["choose"]>[0]): Promise<void> => catalog.choose(transaction, name, next);
      if (state === "PAUSED" || state === "FAILED") await store.transact(choose);
      else await engine.reconfigure({ ...version.submission, savepoint: null }, "manual", choose);
      catalog.chosen(name, next);
    });
  }

  /** ALTER … AS. */
  alter(version: Version, misfit: MisfitPolicy): Promise<boolean> {
    const { name } = version.submission;
    return this.ask(`alter ${name}`, async (engine) => {
      const catalog = this.#catalog;
      const before = catalog.currentOf(name);
      const next = catalog.add(name, version);
      await engine.alter({
        submission: { ...version.submission, savepoint: null },
        misfit,
        apply: (transaction) => catalog.choose(transaction, name, next),
        revert: (transaction) => catalog.choose(transaction, name, before),
      });
      catalog.chosen(name, next);
    });
  }
}
