import type { Engine, JobSubmission } from "../../../runtime/contract/control.ts";
import { messageOf, SqlError } from "../../../runtime/contract/errors.ts";
import type { Store } from "../../../runtime/contract/store.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Witness } from "../witness.ts";
import { createOrders } from "./orders.ts";
import type { Server } from "./server.ts";

/** One who uses the cluster: what the server was told is lost to it when the server dies before it answers. */
export class Client {
  readonly #kernel: Kernel;
  readonly #server: Server;
  readonly #witness: Witness;
  readonly #catalog: Map<string, JobSubmission>;
  /** Commands without an answer, by the life of the server that they were given to. */
  readonly #open = new Map<string, () => boolean>();

  constructor(kernel: Kernel, server: Server, witness: Witness, catalog: Map<string, JobSubmission>) {
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
  async ask(what: string, command: (engine: Engine) => Promise<unknown>): Promise<boolean> {
    const { engine, node } = this.#server;
    if (engine === null) return false;
    const { life } = node;
    const key = `${what} at ${this.#kernel.now_ms.toFixed(3)}`;
    this.#open.set(key, () => life.alive);
    try {
      this.#kernel.note(`client: ${what}`);
      await command(engine);
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
  create(submission: JobSubmission, ordersIn: Store | null): Promise<boolean> {
    if (this.#server.engine !== null) this.#catalog.set(submission.name, submission);
    return this.ask(`create ${submission.name}`, async (engine) => {
      if (ordersIn !== null) await createOrders(ordersIn);
      await engine.submit(submission);
    });
  }

  drop(job: string): Promise<boolean> {
    return this.ask(`drop ${job}`, async (engine) => {
      await engine.drop(job);
      this.#catalog.delete(job);
      this.#witness.forget(job);
    });
  }

  /** A job that runs is paused, and goes on with another plan. */
  rescale(submission: JobSubmission): Promise<boolean> {
    return this.ask(`rescale ${submission.name}`, async (engine) => {
      if (engine.job(submission.name)?.state !== "PAUSED") await engine.pause(submission.name);
      this.#catalog.set(submission.name, submission);
      await engine.resubmit(submission);
    });
  }
}
