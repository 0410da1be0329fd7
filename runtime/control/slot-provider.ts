import type { Transferable } from "node:worker_threads";
import type { TaskManagerFacts } from "../contract/control.ts";
import type { SlotDeployment, SlotListener, ToSlot } from "../contract/rpc.ts";

/** What the job masters see of the TaskManagers: slots that run tasks and speak contract/rpc.ts. */
export interface SlotProvider {
  /** Resolves when the slots that are started here take tasks. Called once, before anything is sent. */
  start(listener: SlotListener): Promise<void>;
  /** The ids of the slots that take tasks now, ascending. */
  available(): readonly number[];
  /** All slots that there should be, whether they live or are being replaced; 0 when that is not known. */
  readonly size: number;
  /**
   * Slots hold tasks of any number of jobs, and several subtasks of a vertex when there are too few of them: threads of this process.
   * Otherwise a slot is one job's, and a job waits until there are as many as it needs.
   */
  readonly shared: boolean;
  taskManagers(): readonly TaskManagerFacts[];
  /** Sends all tasks of an attempt on their way, and connects their channels. */
  deploy(deployments: readonly SlotDeployment[]): void;
  /** Messages to one slot arrive in order. To a slot that has gone: dropped, for `exited` says the rest. */
  send(slot: number, message: ToSlot, transfer: readonly Transferable[]): void;
  /** A task in the slot does not end: what runs it is ended, if that harms nobody else. `exited` tells of it. */
  abandon(slot: number, reason: string): void;
  close(): Promise<void>;
}
