import { limits } from "../contract/limits.ts";
import { type Deferred, deferred, within } from "../contract/wait.ts";
import type { Cancel, World } from "../contract/world.ts";
import type { SlotProvider } from "../control/slot-provider.ts";
import { decideLiveness } from "./liveness.ts";

export interface SlotWatchOptions {
  readonly world: World;
  readonly slots: Pick<SlotProvider, "available" | "send">;
  readonly onHung: (reason: string) => void;
}

/** Asks the slots of this process for signs of life, and for an end of their tasks. */
export class SlotWatch {
  readonly #options: SlotWatchOptions;
  /** When a slot was pinged that has not answered yet. */
  readonly #pinged_ms = new Map<number, number>();
  /** Slots that have not said yet that their tasks are gone. */
  readonly #resetting = new Set<number>();
  #allReset: Deferred<true> = deferred();
  #checked_ms = 0;
  #stop: Cancel = () => undefined;

  constructor(options: SlotWatchOptions) {
    this.#options = options;
  }

  start(): void {
    const { world } = this.#options;
    this.#checked_ms = world.clock.monotonic_ms();
    this.#stop = world.timers.every(limits.slotPing_ms, () => this.#check());
  }

  stop(): void {
    this.#stop();
  }

  answered(slot: number, what: "reset" | "pong"): void {
    if (what === "pong") this.#pinged_ms.delete(slot);
    else this.#wasReset(slot);
  }

  /** A slot whose thread is gone owes no answer. */
  exited(slot: number): void {
    this.#pinged_ms.delete(slot);
    this.#wasReset(slot);
  }

  /** Cancels all tasks of all slots; false when some do not end in time. */
  async reset(wait_ms_max: number): Promise<boolean> {
    const { world, slots } = this.#options;
    this.#allReset = deferred();
    for (const slot of slots.available()) this.#resetting.add(slot);
    for (const slot of this.#resetting) slots.send(slot, { do: "reset" }, []);
    if (this.#resetting.size === 0) return true;
    return (await within(world, wait_ms_max, this.#allReset.promise)) !== null;
  }

  #wasReset(slot: number): void {
    if (this.#resetting.delete(slot) && this.#resetting.size === 0) this.#allReset.resolve(true);
  }

  #check(): void {
    const { world, slots, onHung } = this.#options;
    const now_ms = world.clock.monotonic_ms();
    const facts = { now_ms, checked_ms: this.#checked_ms, interval_ms: limits.slotPing_ms, timeout_ms: limits.slotHang_ms_max };
    this.#checked_ms = now_ms;
    for (const slot of slots.available()) {
      const pinged_ms = this.#pinged_ms.get(slot);
      const liveness = pinged_ms === undefined ? "answered" : decideLiveness({ ...facts, heard_ms: pinged_ms });
      if (liveness === "lost") return onHung(`slot ${slot} has not answered for ${Math.round((now_ms - (pinged_ms ?? now_ms)) / 1_000)} s`);
      if (liveness === "unknown") this.#pinged_ms.set(slot, now_ms);
      if (liveness !== "answered") continue;
      this.#pinged_ms.set(slot, now_ms);
      slots.send(slot, { do: "ping" }, []);
    }
  }
}
