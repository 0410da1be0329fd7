import type { Transferable } from "node:worker_threads";
import type { ToSlot } from "../contract/rpc.ts";
import type { World } from "../contract/world.ts";
import { assignSlots, byLoad, decideDeployment } from "./slot-assignment.ts";
import type { SlotProvider } from "./slot-provider.ts";
import type { Topology } from "./topology.ts";
import { sleep } from "./wait.ts";

/** How long a job waits for threads that died before it runs on those that live. */
const patience_ms = 5_000;
const poll_ms = 50;

/** Hands the threads of the slot provider to jobs, the least loaded first. */
export class ResourceManager {
  readonly #provider: SlotProvider;
  readonly #world: World;
  readonly #tasksOn = new Map<number, number>();

  constructor(provider: SlotProvider, world: World) {
    this.#provider = provider;
    this.#world = world;
  }

  /** The thread of each subtask by its index; null when the signal came first. */
  async acquire(topology: Topology, signal: AbortSignal): Promise<readonly number[] | null> {
    const start_ms = this.#world.clock.monotonic_ms();
    while (!signal.aborted) {
      const threads = this.#provider.available();
      const waited_ms = this.#world.clock.monotonic_ms() - start_ms;
      const decision = decideDeployment({ available: threads.length, size: this.#provider.size, waited_ms, patience_ms });
      if (decision === "deploy") return this.#take(topology, threads);
      await sleep(this.#world, poll_ms, signal);
    }
    return null;
  }

  release(slots: readonly number[]): void {
    for (const slot of slots) this.#count(slot, -1);
  }

  send(slot: number, message: ToSlot, transfer: readonly Transferable[] = []): void {
    this.#provider.send(slot, message, transfer);
  }

  #take(topology: Topology, threads: readonly number[]): readonly number[] {
    const slots = assignSlots(topology, byLoad(threads, this.#tasksOn));
    for (const slot of slots) this.#count(slot, 1);
    return slots;
  }

  #count(slot: number, change: number): void {
    this.#tasksOn.set(slot, (this.#tasksOn.get(slot) ?? 0) + change);
  }
}
