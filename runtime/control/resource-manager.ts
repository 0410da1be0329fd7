import type { Transferable } from "node:worker_threads";
import type { SlotShortage, TaskManagerInfo } from "../contract/control.ts";
import type { SlotDeployment, ToSlot } from "../contract/rpc.ts";
import type { World } from "../contract/world.ts";
import { sleep } from "../contract/wait.ts";
import type { JobRecord } from "../checkpoint/job-records.ts";
import { assert } from "../contract/errors.ts";
import { decideTurn, type SlotTurn } from "./slot-queue.ts";
import { assignSlots, bySpread, decideDeployment, slotsNeeded } from "./slot-assignment.ts";
import { SupplyMemory } from "./supply-memory.ts";
import type { SlotProvider } from "./slot-provider.ts";
import type { Topology } from "./topology.ts";

/** How long a job waits for threads that died before it runs on those that live. */
const patience_ms = 5_000;
const poll_ms = 50;

/** A job by its id, with the name that users know it by. */
export type JobIdentity = Pick<JobRecord, "id" | "job">;

/** A job that has been started and has not come to rest; in order of their starts. */
interface Place {
  readonly name: string;
  needed: number;
  holds: boolean;
  asks: boolean;
}

/** Hands the slots of the provider to jobs, spread over the TaskManagers, and remembers who holds them and who waits. */
export class ResourceManager {
  readonly #provider: SlotProvider;
  readonly #world: World;
  /** Tasks by slot and name of the job. */
  readonly #held = new Map<number, Map<string, number>>();
  /** By id of the job. */
  readonly #places = new Map<string, Place>();
  readonly #supply: SupplyMemory;

  constructor(provider: SlotProvider, world: World) {
    this.#supply = new SupplyMemory(world.clock);
    this.#provider = provider;
    this.#world = world;
  }

  /** The job has been started, or runs on: its place is that of its first start until it leaves, through all restarts. */
  enter({ id, job: name }: JobIdentity, topology: Topology): void {
    const needed = slotsNeeded(topology);
    const place = this.#places.get(id);
    if (place === undefined) this.#places.set(id, { name, needed, holds: false, asks: false });
    else place.needed = needed;
  }

  /** The job has come to rest. */
  leave({ id }: JobIdentity): void {
    this.#places.delete(id);
  }

  /** The slot of each subtask by its index; null when the signal came first. `onWait` is called once, if there are too few. */
  async acquire(job: JobIdentity, topology: Topology, signal: AbortSignal, onWait: () => void): Promise<readonly number[] | null> {
    const place = this.#places.get(job.id);
    assert(place !== undefined, `job "${job.job}" has been started`);
    const start_ms = this.#world.clock.monotonic_ms();
    try {
      while (!signal.aborted) {
        const waited_ms = this.#world.clock.monotonic_ms() - start_ms;
        if (this.#mayTake(job.id, waited_ms)) return this.#take(place, topology);
        if (!place.asks) {
          place.asks = true;
          onWait();
        }
        await sleep(this.#world, poll_ms, signal);
      }
      return null;
    } finally {
      place.asks = false;
    }
  }

  release({ id, job }: JobIdentity, slots: readonly number[]): void {
    for (const slot of slots) this.#count(job, slot, -1);
    const place = this.#places.get(id);
    if (place !== undefined) place.holds = false;
  }

  /** A slot has gone, perhaps to come back. */
  lost(): void {
    this.#supply.lost(this.#provider.available().length);
  }

  /** Those among the slots that take no tasks (any more): no `exited` will tell of them. */
  goneOf(slots: readonly number[]): readonly number[] {
    const available = new Set(this.#provider.available());
    return [...new Set(slots)].filter((slot) => !available.has(slot));
  }

  /** What the job waits for; null when it does not. */
  shortage(id: string): SlotShortage | null {
    const place = this.#places.get(id);
    if (place?.asks !== true) return null;
    const turn = this.#provider.shared ? null : this.#turnOf(id);
    const behind = turn?.do === "wait" && turn.behind !== null ? (this.#places.get(turn.behind)?.name ?? null) : null;
    return { needed: place.needed, free: this.#usable().length, behind };
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

  abandon(slot: number, reason: string): void {
    this.#provider.abandon(slot, reason);
  }

  #usable(): readonly number[] {
    const available = this.#provider.available();
    return this.#provider.shared ? available : available.filter((slot) => !this.#held.has(slot));
  }

  #mayTake(id: string, waited_ms: number): boolean {
    const { shared, size } = this.#provider;
    if (!shared) return this.#turnOf(id).do === "take";
    return decideDeployment({ usable: this.#usable().length, size, waited_ms, patience_ms }) === "deploy";
  }

  #turnOf(id: string): SlotTurn {
    const requests = [...this.#places].flatMap(([job, { needed, holds }]) => (holds ? [] : [{ job, needed }]));
    const total = this.#supply.total(this.#provider.available().length);
    return decideTurn(requests, id, { free: this.#usable().length, total });
  }

  #take(place: Place, topology: Topology): readonly number[] {
    const taskManagerOf = new Map(this.#provider.taskManagers().flatMap(({ id, slots }) => slots.map(({ slot }) => [slot, id] as const)));
    const choices = this.#usable().map((slot) => ({ slot, taskManager: taskManagerOf.get(slot) ?? "", tasks: this.#tasksOn(slot) }));
    const slots = assignSlots(topology, bySpread(choices));
    for (const slot of slots) this.#count(place.name, slot, 1);
    place.holds = true;
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
