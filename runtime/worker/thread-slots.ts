import type { Transferable } from "node:worker_threads";
import type { ProcessUsage, TaskManagerFacts } from "../contract/control.ts";
import type { SlotDeployment, SlotListener, ToSlot } from "../contract/rpc.ts";
import { version } from "../contract/version.ts";
import type { World } from "../contract/world.ts";
import { thisProcess, usageOfThisProcess } from "../world/this-process.ts";
import { avoidMaglev } from "./avoid-maglev.ts";
import { connectChannels, transferOf } from "./connect-channels.ts";
import { SlotThread } from "./slot-thread.ts";

/** Slots that are worker threads of this process. A thread that dies is reported and replaced under its id. */
export class ThreadSlots {
  readonly size: number;
  readonly shared = true;
  private readonly world: World;
  private readonly threads: SlotThread[] = [];
  private readonly ready: Promise<void>[] = [];
  private listener: SlotListener | null = null;
  private readonly started_ms: number;

  constructor(size: number, world: World) {
    this.size = size;
    this.world = world;
    this.started_ms = world.clock.now_ms();
  }

  /** Starts the threads before anybody listens: they have nothing to say until they are given tasks. */
  warmUp(): void {
    avoidMaglev();
    const listener: SlotListener = {
      message: (slot, message) => this.listener?.message(slot, message),
      exited: (slot, reason) => this.listener?.exited(slot, reason),
      returned: (slot) => this.listener?.returned(slot),
    };
    for (let slot = this.threads.length; slot < this.size; slot++) {
      const thread = new SlotThread(slot, listener, this.world);
      this.threads.push(thread);
      const ready = thread.firstReady();
      ready.catch(() => undefined); // `start` meets it.
      this.ready.push(ready);
    }
  }

  async start(listener: SlotListener): Promise<void> {
    this.listener = listener;
    this.warmUp();
    await Promise.all(this.ready);
  }

  available(): readonly number[] {
    return this.threads.filter((thread) => thread.available).map((thread) => thread.slot);
  }

  /** This process as a TaskManager: it is always there. */
  taskManagers(): readonly TaskManagerFacts[] {
    const slots = this.threads.map(({ slot, available }) => ({ slot, alive: available }));
    const usage: ProcessUsage = usageOfThisProcess();
    const lastHeartbeat_ms = this.world.clock.now_ms();
    return [{ id: "local", ...thisProcess, dataPort: 0, version, registered_ms: this.started_ms, lastHeartbeat_ms, usage, slots }];
  }

  deploy(deployments: readonly SlotDeployment[]): void {
    for (const { slot, deployments: tasks } of connectChannels(deployments))
      this.send(slot, { do: "deploy", deployments: tasks }, tasks.flatMap(transferOf));
  }

  send(slot: number, message: ToSlot, transfer: readonly Transferable[] = []): void {
    this.threads[slot]?.send(message, transfer);
  }

  /** Ending a thread by force can abort this process, and all jobs with it: the task is left behind. */
  abandon(): void {}

  async close(): Promise<void> {
    await Promise.all(this.threads.map((thread) => thread.close()));
  }
}
