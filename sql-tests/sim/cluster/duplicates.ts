import type { FromSlot, SlotListener, ToSlot } from "../../../runtime/contract/rpc.ts";
import type { SlotProvider } from "../../../runtime/control/slot-provider.ts";
import type { Random } from "../../oracle/random/random.ts";
import type { Kernel } from "../kernel/kernel.ts";
import type { Life } from "../kernel/node.ts";
import type { Marks } from "../marks.ts";
import { heardOn, passedOn } from "../pass-on.ts";

/**
 * Messages about a task's life and its checkpoints bear to come twice, the second time late. Those that hand something over once
 * (a deployment, rows of a table) do not: under them lies a connection that keeps order and count.
 */
const repeatable = {
  fromSlot: new Set<FromSlot["did"]>(["taskState", "ended", "acknowledged", "checkpointing", "declined", "channelLost", "metrics"]),
  toSlot: new Set<ToSlot["do"]>(["triggerCheckpoint", "checkpointComplete", "abortCheckpoint", "drain", "cancel"]),
};

/** The fault that control messages come twice. */
export class Duplicates {
  readonly #kernel: Kernel;
  readonly #random: Random;
  readonly #marks: Marks;
  #late_ms: number | null = null;

  constructor(kernel: Kernel, random: Random, marks: Marks) {
    this.#kernel = kernel;
    this.#random = random;
    this.#marks = marks;
  }

  begin(for_ms: number, late_ms: number): void {
    this.#late_ms = late_ms;
    this.#kernel.schedule(for_ms, "messages once", null, () => this.end());
  }

  end(): void {
    this.#late_ms = null;
  }

  /** The provider as one life of the server has it. */
  of(life: Life, provider: SlotProvider): SlotProvider {
    const again = (is: boolean, deliver: () => void): void => {
      if (this.#late_ms === null || !is || !this.#random.oneIn(2)) return;
      this.#kernel.schedule(this.#random.below(this.#late_ms + 1), "message again", life, () => {
        this.#marks.add("message came twice");
        deliver();
      });
    };
    const listening = (listener: SlotListener): SlotListener => ({
      ...heardOn(listener),
      message: (slot, message) => {
        listener.message(slot, message);
        again(repeatable.fromSlot.has(message.did), () => listener.message(slot, message));
      },
    });
    return {
      ...passedOn(provider),
      start: (listener) => provider.start(listening(listener)),
      send: (slot, message, transfer) => {
        provider.send(slot, message, transfer);
        again(repeatable.toSlot.has(message.do), () => provider.send(slot, message, []));
      },
    };
  }
}
