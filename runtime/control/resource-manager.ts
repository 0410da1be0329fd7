import type { Transferable } from "node:worker_threads";
import type { SlotShortage, TaskManagerInfo } from "../contract/control.ts";
import type { SlotDeployment, ToSlot } from "../contract/rpc.ts";
import type { World } from "../contract/world.ts";
import { sleep } from "../contract/wait.ts";
import { assignSlots, bySpread, decideDeployment, slotsNeeded } from "./slot-assignment.ts";
import type { SlotProvider } from "./slot-provider.ts";
import type { Topology } from "./topology.ts";

/** How long a job waits for threads that died before it runs on those that live. */
const patience_ms = 5_000;
const poll_ms = 50;

/** Hands the slots of the provider to jobs, spread over the TaskManagers, and remembers who holds them and who waits. */
export class ResourceManager {
  readonly #provider: SlotProvider;
  readonly #world: World;
  /** Tasks by slot and job. */
  readonly #held = new Map<number, Map<string, number>>();
  readonly #waiting = new Map<string, number>();

  constructor(provider: SlotProvider, world: World) {
    this.#provider = provider;
    this.#world = world;
  }

  /** The slot of each subtask by its index; null when the signal came first. `onWait` is called once, if there are too few. */
  async acquire(job: string, topology: Topology, signal: AbortSignal, onWait: () => void): Promise<readonly number[] | null> {
    const start_ms = this.#world.clock.monotonic_ms();
    const needed = slotsNeeded(topology);
    try {
      while (!signal.aborted) {
        const usable = this.#usable();
        const { size, shared } = this.#provider;
        const waited_ms = this.#world.clock.monotonic_ms() - start_ms;
        if (decideDeployment({ shared, needed, usable: usable.length, size, waited_ms, patience_ms }) === "deploy")
          return this.#take(job, topology, usable);
        if (!this.#waiting.has(job)) {
          this.#waiting.set(job, needed);
          onWait();
        }
        await sleep(this.#world, poll_ms, signal);
      }
      return null;
    } finally {
      this.#waiting.delete(job);
    }
  }

  release(job: string, slots: readonly number[]): void {
    for (const slot of slots) this.#count(job, slot, -1);
  }

  /** Those among the slots that take no tasks (any more): no `exited` will tell of them. */
  goneOf(slots: readonly number[]): readonly number[] {
    const available = new Set(this.#provider.available());
    return [...new Set(slots)].filter((slot) => !available.has(slot));
  }

  /** What the job waits for; null when it does not. */
  shortage(job: string): SlotShortage | null {
    const needed = this.#waiting.get(job);
    return needed === undefined ? null : { needed, free: this.#usable().length };
  }

  taskManagers(): readonly TaskManagerInfo[] {
    return this.#provider.taskManagers().map((facts) => ({
      ...facts,
      slots: facts.slots.map(({ slot, alive }) => {
        const held = this.#held.get(slot);
        const tasks = this.#tasksOn(slot);
        return { slot, state: alive ? (tasks === 0 ? "free" : "allocated") : "gone", jobs: [...(held?.keys() ?? [])], tasks };
      }),
    }));
  }

  deploy(deployments: readonly SlotDeployment[]): void {
    this.#provider.deploy(deployments);
  }

  send(slot: number, message: ToSlot, transfer: readonly Transferable[] = []): void {
    this.#provider.send(slot, message, transfer);
  }

  #usable(): readonly number[] {
    const available = this.#provider.available();
    return this.#provider.shared ? available : available.filter((slot) => !this.#held.has(slot));
  }

  #take(job: string, topology: Topology, usable: readonly number[]): readonly number[] {
    const taskManagerOf = new Map(this.#provider.taskManagers().flatMap(({ id, slots }) => slots.map(({ slot }) => [slot, id] as const)));
    const places = usable.map((slot) => ({ slot, taskManager: taskManagerOf.get(slot) ?? "", tasks: this.#tasksOn(slot) }));
    const slots = assignSlots(topology, bySpread(places));
    for (const slot of slots) this.#count(job, slot, 1);
    return slots;
  }

  #tasksOn(slot: number): number {
    return [...(this.#held.get(slot)?.values() ?? [])].reduce((sum, tasks) => sum + tasks, 0);
  }

  #count(job: string, slot: number, change: number): void {
    const jobs = this.#held.get(slot) ?? new Map<string, number>();
    const tasks = (jobs.get(job) ?? 0) + change;
    if (tasks > 0) jobs.set(job, tasks);
    else jobs.delete(job);
    if (jobs.size > 0) this.#held.set(slot, jobs);
    else this.#held.delete(slot);
  }
}
