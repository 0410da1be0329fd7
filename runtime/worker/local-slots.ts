import type { FromSlot, ToSlot } from "../contract/rpc.ts";
import type { World } from "../contract/world.ts";
import { LocalWires } from "../exchange/wire.ts";
import type { DefinitionOf } from "../task/task-environment.ts";
import { SlotHost } from "./slot-host.ts";
import type { SlotListener } from "../contract/rpc.ts";

export interface LocalSlotsOptions {
  readonly world: World;
  readonly definitionOf: DefinitionOf;
}

/**
 * Slots without threads, for tests and simulation: tasks run in this thread's turns. Channels may have null ports even
 * between two of these slots. Messages are delivered in order, each in a microtask of its own, as they are: not cloned.
 */
export class LocalSlots {
  readonly size: number;
  private readonly options: LocalSlotsOptions;
  private readonly wires = new LocalWires();
  private readonly hosts = new Map<number, SlotHost>();
  private listener: SlotListener | null = null;

  constructor(size: number, options: LocalSlotsOptions) {
    this.size = size;
    this.options = options;
  }

  start(listener: SlotListener): Promise<void> {
    this.listener = listener;
    for (let slot = 0; slot < this.size; slot++) this.open(slot);
    return Promise.resolve();
  }

  available(): readonly number[] {
    return [...this.hosts.keys()].sort((a, b) => a - b);
  }

  send(slot: number, message: ToSlot): void {
    const host = this.hosts.get(slot);
    if (host === undefined) return;
    queueMicrotask(() => {
      if (message.do === "exit") void host.close();
      else host.receive(message);
    });
  }

  /** What the death of a slot's thread looks like: its tasks are gone without a word. It comes back with `restart`. */
  async crash(slot: number, reason: string): Promise<void> {
    const host = this.hosts.get(slot);
    this.hosts.delete(slot);
    this.listener?.exited(slot, reason);
    await host?.close();
  }

  restart(slot: number): void {
    this.open(slot);
    this.listener?.returned(slot);
  }

  async close(): Promise<void> {
    const hosts = [...this.hosts.values()];
    this.hosts.clear();
    await Promise.all(hosts.map((host) => host.close()));
  }

  private open(slot: number): void {
    const { world, definitionOf } = this.options;
    const post = (message: FromSlot): void => {
      queueMicrotask(() => {
        if (this.hosts.get(slot) === host) this.listener?.message(slot, message);
      });
    };
    const host = new SlotHost({ world, definitionOf, wires: this.wires, post });
    this.hosts.set(slot, host);
  }
}
