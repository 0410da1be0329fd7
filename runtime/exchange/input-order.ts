import { type Watermark, watermark_max, watermark_min } from "../contract/operator.ts";

/** What is known of a channel when the next element to read is chosen. */
export interface ChannelFacts {
  readonly readable: boolean;
  /** Its barrier came before the others': it is not read, and nobody waits for it. */
  readonly blocked: boolean;
  readonly idle: boolean;
  /** The last one read; `watermark_min` where there was none, `watermark_max` at the channel's end. */
  readonly watermark: Watermark;
}

export interface Choice {
  /** Index among the channels; -1: none can be read. */
  readonly channel: number;
  /** So far ahead of a channel that has nothing at hand just now that it is better to wait for that one a little. */
  readonly ahead: boolean;
}

const nothing: Choice = { channel: -1, ahead: false };

/**
 * Of the channels that can be read, from `cursor` on, the one whose turn it is; where that is ahead of another by more than the drift,
 * the one that is least far: rows that are ahead of the other inputs only fill state until these have come as far. (Flink aligns
 * sources for that.) Channels without watermarks have their turns as if alone.
 */
export function chooseChannel(channels: readonly ChannelFacts[], cursor: number, drift_us: bigint): Choice {
  const turn = firstReadable(channels, cursor);
  const own = channels[turn];
  if (own === undefined) return nothing;
  if (own.watermark === watermark_min) return { channel: turn, ahead: false };
  let least = turn;
  let slowest: Watermark = watermark_max;
  let isKnown = true;
  for (const [i, channel] of channels.entries()) {
    const { watermark } = channel;
    if (channel.readable && watermark !== watermark_min && watermark < (channels[least] as ChannelFacts).watermark) least = i;
    if (channel.blocked || channel.idle) continue;
    if (watermark === watermark_min) isKnown = false;
    else if (watermark < slowest) slowest = watermark;
  }
  const channel = own.watermark - drift_us > (channels[least] as ChannelFacts).watermark ? least : turn;
  const { watermark } = channels[channel] as ChannelFacts;
  return { channel, ahead: isKnown && watermark !== watermark_max && watermark - drift_us > slowest };
}

function firstReadable(channels: readonly ChannelFacts[], cursor: number): number {
  for (let tried = 0; tried < channels.length; tried++) {
    const at = (cursor + tried) % channels.length;
    if (channels[at]?.readable === true) return at;
  }
  return -1;
}
