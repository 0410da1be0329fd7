import { noUsage, type ProcessUsage, type TaskManagerFacts } from "../contract/control.ts";
import type { Connection } from "../contract/network.ts";
import type { TaskManagerDescription, ToTaskManager } from "./messages.ts";

/** One registration of a TaskManager, as the ResourceManager keeps it. */
export interface SessionOptions {
  readonly token: string;
  readonly description: TaskManagerDescription;
  readonly control: Connection;
  /** Its slots' numbers in the cluster begin here; none was another's before. */
  readonly firstSlot: number;
  readonly registered_ms: number;
  readonly now_ms: number;
}

export class Session {
  readonly token: string;
  readonly description: TaskManagerDescription;
  readonly firstSlot: number;
  readonly registered_ms: number;
  /** By index in the TaskManager. */
  readonly alive: boolean[];
  /** Monotonic. */
  heard_ms: number;
  lastHeartbeat_ms: number;
  usage: ProcessUsage = noUsage;
  heartbeat: Connection | null = null;
  readonly #control: Connection;

  constructor({ token, description, control, firstSlot, registered_ms, now_ms }: SessionOptions) {
    this.token = token;
    this.description = description;
    this.firstSlot = firstSlot;
    this.registered_ms = registered_ms;
    this.alive = Array.from({ length: description.slots }, () => true);
    this.heard_ms = now_ms;
    this.lastHeartbeat_ms = registered_ms;
    this.#control = control;
  }

  send(message: ToTaskManager): void {
    this.#control.send(message);
  }

  close(reason: string): void {
    this.#control.send({ kind: "reset", session: this.token, reason } satisfies ToTaskManager);
    this.#control.close(reason);
    this.heartbeat?.close(reason);
  }

  /** None before its heartbeats can be heard: from then on it answers to its session's token. */
  slots(): readonly number[] {
    return this.heartbeat === null ? [] : this.alive.flatMap((alive, index) => (alive ? [this.firstSlot + index] : []));
  }

  facts(): TaskManagerFacts {
    const { id, host, pid, data, version, cpuCores, memory_bytes } = this.description;
    const { registered_ms, lastHeartbeat_ms, usage } = this;
    const slots = this.alive.map((alive, index) => ({ slot: this.firstSlot + index, alive }));
    return { id, host, pid, dataPort: data.port, version, cpuCores, memory_bytes, registered_ms, lastHeartbeat_ms, usage, slots };
  }
}
