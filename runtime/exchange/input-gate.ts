import { limits } from "../contract/limits.ts";
import type { World } from "../contract/world.ts";
import type { InChannel } from "./in-channel.ts";
import { chooseChannel } from "./input-order.ts";

const drift_us = BigInt(limits.inputDrift_ms_max) * 1_000n;

/**
 * All channels into a task, read in turn: one element of each that has one, but those that are behind in event time first. A channel
 * that is ahead of one with nothing at hand waits a little, as what is awaited is mostly on its way; then an element of it goes
 * through, for it may be that nothing comes before it is read (two ways from one source).
 */
export class InputGate {
  readonly channels: readonly InChannel[];
  private readonly world: World;
  private readonly wake: () => void;
  private cursor = 0;
  private heldUntil_ms: number | null = null;

  constructor(channels: readonly InChannel[], world: World, wake: () => void) {
    this.channels = channels;
    this.world = world;
    this.wake = wake;
  }

  /** The next channel that can be read, or null. */
  next(): InChannel | null {
    const { channel, ahead } = chooseChannel(this.channels, this.cursor, drift_us);
    if (channel < 0 || (ahead && this.holds())) return null;
    this.heldUntil_ms = null;
    this.cursor = channel + 1 === this.channels.length ? 0 : channel + 1;
    return this.channels[channel] as InChannel;
  }

  unblock(): void {
    for (const channel of this.channels) channel.blocked = false;
  }

  postCredits(): void {
    for (const channel of this.channels) channel.postCredits();
  }

  close(): void {
    for (const channel of this.channels) channel.close();
  }

  /** Whether what is ahead still waits. */
  private holds(): boolean {
    const now_ms = this.world.clock.monotonic_ms();
    if (this.heldUntil_ms !== null) return now_ms < this.heldUntil_ms;
    this.heldUntil_ms = now_ms + limits.inputHold_ms_max;
    this.world.timers.after(limits.inputHold_ms_max, this.wake);
    return true;
  }
}
