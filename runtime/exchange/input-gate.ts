import type { InChannel } from "./in-channel.ts";

/** All channels into a task, read in turn: one element of each that has one. */
export class InputGate {
  readonly channels: readonly InChannel[];
  private cursor = 0;

  constructor(channels: readonly InChannel[]) {
    this.channels = channels;
  }

  /** The next channel that can be read, or null. */
  next(): InChannel | null {
    const { channels } = this;
    for (let tried = 0; tried < channels.length; tried++) {
      const channel = channels[this.cursor] as InChannel;
      this.cursor = this.cursor + 1 === channels.length ? 0 : this.cursor + 1;
      if (channel.readable) return channel;
    }
    return null;
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
}
