import type { FromSlot } from "../contract/rpc.ts";

/** Who hears from slots: the control plane, whose SlotProvider the classes of this folder are by their shape. */
export interface SlotListener {
  message(slot: number, message: FromSlot): void;
  /** The slot has gone, and all its tasks with it. No message of it follows. */
  exited(slot: number, reason: string): void;
  /** A slot of this id takes tasks again. */
  returned(slot: number): void;
}
