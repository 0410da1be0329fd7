import { type Transferable, Worker } from "node:worker_threads";
import { messageOf } from "../contract/errors.ts";
import { limits } from "../contract/limits.ts";
import type { FromSlot, SlotListener, ToSlot } from "../contract/rpc.ts";
import type { Cancel, World } from "../contract/world.ts";

/** The JavaScript heap of a slot. Batches, frames and kernel memory lie outside it. */
const resourceLimits = { maxOldGenerationSizeMb: 2_048, maxYoungGenerationSizeMb: 64 } as const;

/** A thread that dies is replaced after a delay that doubles while it dies again before it was ready. */
const restart_ms_min = 100;
const restart_ms_max = 5_000;

/** One slot's thread, and its replacements: the id stays. */
export class SlotThread {
  readonly slot: number;
  private readonly listener: SlotListener;
  private readonly world: World;
  private worker: Worker | null = null;
  private ready = false;
  private wasReady = false;
  private closing = false;
  private restart_ms = restart_ms_min;
  private stopRestart: Cancel | null = null;
  private onFirst: { readonly resolve: () => void; readonly reject: (error: Error) => void } | null = null;

  constructor(slot: number, listener: SlotListener, world: World) {
    this.slot = slot;
    this.listener = listener;
    this.world = world;
    this.start();
  }

  get available(): boolean {
    return this.ready;
  }

  /** Resolves when the thread takes tasks; rejects when it dies before that. */
  firstReady(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.onFirst = { resolve, reject };
    });
  }

  send(message: ToSlot, transfer: readonly Transferable[]): void {
    if (this.ready) this.worker?.postMessage(message, transfer);
  }

  /**
   * Asks the thread to close its tasks and exit. Ending it by force is the last resort: with a DuckDB query in flight
   * that aborts the whole process.
   */
  async close(): Promise<void> {
    this.closing = true;
    this.stopRestart?.();
    const { worker } = this;
    if (worker === null) return;
    const exited = new Promise<void>((resolve) => {
      worker.once("exit", () => resolve());
    });
    worker.postMessage({ do: "exit" } satisfies ToSlot);
    const stopWaiting = this.world.timers.after(limits.slotExit_ms_max, () => void worker.terminate());
    await exited;
    stopWaiting();
  }

  private start(): void {
    const worker = new Worker(new URL("./slot.js", import.meta.url), { name: `slot-${this.slot}`, resourceLimits });
    let reason = "the thread exited";
    worker.on("message", (message: FromSlot) => this.onMessage(message));
    worker.on("error", (error: unknown) => {
      reason = messageOf(error);
    });
    worker.on("exit", () => this.onExit(reason));
    this.worker = worker;
  }

  private onMessage(message: FromSlot): void {
    if (message.did !== "ready") {
      this.listener.message(this.slot, message);
      return;
    }
    this.ready = true;
    this.restart_ms = restart_ms_min;
    if (this.wasReady) this.listener.returned(this.slot);
    this.wasReady = true;
    this.onFirst?.resolve();
  }

  private onExit(reason: string): void {
    this.worker = null;
    const couldWork = this.ready;
    this.ready = false;
    if (this.closing) return;
    if (!this.wasReady) {
      this.onFirst?.reject(new Error(`slot ${this.slot} did not start: ${reason}`));
      return;
    }
    if (couldWork) this.listener.exited(this.slot, reason);
    this.stopRestart = this.world.timers.after(this.restart_ms, () => this.start());
    this.restart_ms = Math.min(2 * this.restart_ms, restart_ms_max);
  }
}
