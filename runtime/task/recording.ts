import type { RowsInFlight } from "../contract/rpc.ts";
import type { Clock } from "../contract/world.ts";
import type { InChannel } from "../exchange/in-channel.ts";

/** What lies in front of barriers that a checkpoint did not wait for, channel by channel, while it is processed. */
export class Recording {
  readonly checkpoint: number;
  private readonly channels: readonly { readonly channel: InChannel; readonly rows: readonly RowsInFlight[] }[];
  private readonly start_ms: number;
  private readonly clock: Clock;
  private end_ms: number | null = null;

  constructor(checkpoint: number, channels: readonly InChannel[], start_ms: number, clock: Clock) {
    this.checkpoint = checkpoint;
    this.channels = channels.map((channel) => ({ channel, rows: channel.record(checkpoint) }));
    this.start_ms = start_ms;
    this.clock = clock;
  }

  /** All barriers have come, or the ends of their channels. */
  get isComplete(): boolean {
    if (this.end_ms !== null) return true;
    if (this.channels.some(({ channel }) => channel.isRecording)) return false;
    this.end_ms = this.clock.monotonic_ms();
    return true;
  }

  /** From the first barrier to the last. */
  get alignment_ms(): number {
    return (this.end_ms ?? this.clock.monotonic_ms()) - this.start_ms;
  }

  stop(): void {
    for (const { channel } of this.channels) channel.stopRecording(this.checkpoint);
  }

  /** Of the channels that had any. */
  taken(): readonly { readonly edge: string; readonly sender: number; readonly rows: readonly RowsInFlight[] }[] {
    return this.channels
      .filter(({ rows }) => rows.length > 0)
      .map(({ channel, rows }) => ({ edge: channel.edge, sender: channel.sender, rows }));
  }
}
