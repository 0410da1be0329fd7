import type { ProcessUsage } from "../contract/control.ts";
import type { Answer, Question } from "../contract/diagnostics.ts";
import type { Address } from "../contract/network.ts";
import type { FromSlot, SlotDeployment, ToSlot } from "../contract/rpc.ts";

/**
 * What a TaskManager and the ResourceManager say to each other. A TaskManager dials twice: `control` carries deployments, state and
 * commands, `heartbeat` nothing that is large. The session is a token that the ResourceManager makes for one registration: what comes
 * under another one is dropped. Slots are numbered within the TaskManager.
 */
export type ToResourceManager =
  | { readonly kind: "register"; readonly taskManager: TaskManagerDescription }
  /** The first message of the second connection. */
  | { readonly kind: "attach"; readonly session: string }
  | { readonly kind: "heartbeat"; readonly session: string; readonly usage: ProcessUsage }
  | { readonly kind: "fromSlot"; readonly session: string; readonly slot: number; readonly message: FromSlot }
  | { readonly kind: "slotExited"; readonly session: string; readonly slot: number; readonly reason: string }
  | { readonly kind: "slotReturned"; readonly session: string; readonly slot: number }
  | { readonly kind: "answered"; readonly session: string; readonly id: number; readonly answer: Answer };

export interface TaskManagerDescription {
  /** The same after it came back: then an earlier session of this id is over. */
  readonly id: string;
  /** Of Millrace: all processes of a cluster have the same. */
  readonly version: string;
  readonly slots: number;
  /** Where other TaskManagers reach it. */
  readonly data: Address;
  readonly host: string;
  readonly pid: number;
  readonly cpuCores: number;
  readonly memory_bytes: number;
}

export type ToTaskManager =
  | ({ readonly kind: "registered" } & Registration)
  /** The TaskManager cannot be of use, whatever it tries again. */
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "heartbeat"; readonly session: string; readonly epoch: number }
  | { readonly kind: "deploy"; readonly session: string; readonly epoch: number; readonly deployments: readonly SlotDeployment[] }
  | { readonly kind: "toSlot"; readonly session: string; readonly epoch: number; readonly slot: number; readonly message: ToSlot }
  /** About the process; the answer is `answered` with the same id. */
  | { readonly kind: "ask"; readonly session: string; readonly epoch: number; readonly id: number; readonly question: Question }
  /** The session is over: cancel all tasks, then register anew. */
  | { readonly kind: "reset"; readonly session: string; readonly reason: string };

export interface Registration {
  readonly session: string;
  readonly leader: LeaderToken;
  readonly heartbeat_ms: number;
  /** Without a sign of life for this long either side gives the other up. */
  readonly timeout_ms: number;
}

/** Which start of which server leads: its epoch grows with each start over the same store. */
export interface LeaderToken {
  readonly cluster: string;
  readonly epoch: number;
}

/** What TaskManagers send each other, over one connection per pair. Channels are named by their id. */
export type DataMessage =
  /** The dialer's first: who it is, and whom it means. Sessions that are over are refused. */
  | { readonly kind: "hello"; readonly from: string; readonly to: string }
  /** Said at every heartbeat interval: silence is what a lost connection sounds like. */
  | { readonly kind: "alive" }
  /** The end of the channel on this side is there: what was held back for it may come. */
  | { readonly kind: "open"; readonly channel: string }
  /** Elements, or credits with the number of buffers in the place of buffers (exchange/elements.ts). */
  | { readonly kind: "elements"; readonly channel: string; readonly elements: unknown }
  | { readonly kind: "credits"; readonly channel: string; readonly elements: number; readonly frames: number }
  | { readonly kind: "close"; readonly channel: string };
