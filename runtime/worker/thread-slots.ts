import type { Transferable } from "node:worker_threads";
import type { ToSlot } from "../contract/rpc.ts";
import type { World } from "../contract/world.ts";
import { avoidMaglev } from "./avoid-maglev.ts";
import { SlotThread } from "./slot-thread.ts";
import type { SlotListener } from "../contract/rpc.ts";

/** Slots that are worker threads of this process. A thread that dies is reported and replaced under its id. */
export class ThreadSlots {
  readonly size: number;
  private readonly world: World;
  private readonly threads: SlotThread[] = [];

  constructor(size: number, world: World) {
    this.size = size;
    this.world = world;
  }

  async start(listener: SlotListener): Promise<void> {
    avoidMaglev();
    const ready: Promise<void>[] = [];
    for (let slot = 0; slot < this.size; slot++) {
      const thread = new SlotThread(slot, listener, this.world);
      this.threads.push(thread);
      ready.push(thread.firstReady());
    }
    await Promise.all(ready);
  }

  available(): readonly number[] {
    return this.threads.filter((thread) => thread.available).map((thread) => thread.slot);
  }

  send(slot: number, message: ToSlot, transfer: readonly Transferable[] = []): void {
    this.threads[slot]?.send(message, transfer);
  }

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()));
  }
}
