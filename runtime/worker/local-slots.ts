import { noUsage, type TaskManagerFacts } from "../contract/control.ts";
import type { FromSlot, SlotDeployment, SlotListener, ToSlot } from "../contract/rpc.ts";
import { version } from "../contract/version.ts";
import type { World } from "../contract/world.ts";
import { LocalWires } from "../exchange/wire.ts";
import type { DefinitionOf } from "../task/task-environment.ts";
import type { SnapshotPieces } from "../task/take-snapshot.ts";
import { SlotHost } from "./slot-host.ts";

export interface LocalSlotsOptions {
  readonly world: World;
  readonly definitionOf: DefinitionOf;
  readonly snapshotPieces?: SnapshotPieces;
}

/**
 * Slots without threads, for tests and simulation: tasks run in this thread's turns. Channels may have null ports even
 * between two of these slots. Messages are delivered in order, each in a microtask of its own, as they are: not cloned.
 */
export class LocalSlots {
  readonly size: number;
  readonly shared = true;
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

  taskManagers(): readonly TaskManagerFacts[] {
    const slots = Array.from({ length: this.size }, (_, slot) => ({ slot, alive: this.hosts.has(slot) }));
    return [
      {
        id: "local",
        host: "localhost",
        pid: 0,
        dataPort: 0,
        version,
        cpuCores: 1,
        memory_bytes: 0,
        registered_ms: 0,
        lastHeartbeat_ms: 0,
        usage: noUsage,
        slots,
      },
    ];
  }

  deploy(deployments: readonly SlotDeployment[]): void {
    for (const { slot, deployments: tasks } of deployments) this.send(slot, { do: "deploy", deployments: tasks });
  }

  send(slot: number, message: ToSlot): void {
    const host = this.hosts.get(slot);
    if (host === undefined) return;
    queueMicrotask(() => {
      if (message.do === "exit") void host.close();
      else host.receive(message);
    });
  }

  abandon(_slot: number, _reason: string): void {}

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
    const { world, definitionOf, snapshotPieces } = this.options;
    const post = (message: FromSlot): void => {
      queueMicrotask(() => {
        if (this.hosts.get(slot) === host) this.listener?.message(slot, message);
      });
    };
    const host = new SlotHost({ world, definitionOf, snapshotPieces, wires: this.wires, post });
    this.hosts.set(slot, host);
  }
}
