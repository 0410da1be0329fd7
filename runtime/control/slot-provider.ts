import type { Transferable } from "node:worker_threads";
import type { SlotListener, ToSlot } from "../contract/rpc.ts";

/** What the job masters see of the task managers: threads that run tasks and speak contract/rpc.ts. */
export interface SlotProvider {
  /** Starts the threads and resolves when each has said `ready`. Called once, before any `send`. */
  start(listener: SlotListener): Promise<void>;
  /** The ids of the threads that take tasks now, ascending. */
  available(): readonly number[];
  /** All threads that there should be, whether they live or are being replaced. */
  readonly size: number;
  /** Messages to one thread arrive in order. To a thread that has gone: dropped, for `exited` says the rest. */
  send(slot: number, message: ToSlot, transfer: readonly Transferable[]): void;
  close(): Promise<void>;
}
