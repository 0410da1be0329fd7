import { type Watermark, watermark_max, watermark_min } from "../contract/operator.ts";

/** What the change of one channel means for the whole: a watermark goes on before `idle: true`, and after `idle: false`. */
export interface Progress {
  readonly watermark: Watermark | null;
  readonly idle: boolean | null;
}

export const noProgress: Progress = { watermark: null, idle: null };

interface ChannelProgress {
  watermark: Watermark;
  idle: boolean;
  /** Caught up with the output: a channel that was idle must not hold back what went on without it. */
  aligned: boolean;
}

/**
 * Merges the watermarks of the channels of one input: Flink's StatusWatermarkValve (semantics.md section 3), with one
 * difference. A channel at `watermark_max` has ended and counts no more until all have: else the end of one channel
 * would make all rows of an idle one late.
 */
export class WatermarkValve {
  private readonly channels: readonly ChannelProgress[];
  private output: Watermark = watermark_min;
  private outputIdle = false;

  constructor(channels: number) {
    this.channels = Array.from({ length: channels }, () => ({ watermark: watermark_min, idle: false, aligned: true }));
  }

  watermark(index: number, watermark: Watermark): Progress {
    const channel = this.channels[index] as ChannelProgress;
    if (watermark <= channel.watermark) return noProgress;
    if (watermark === watermark_max) return this.end(channel);
    if (channel.idle) return noProgress;
    channel.watermark = watermark;
    if (watermark >= this.output) channel.aligned = true;
    return { watermark: this.advance(this.minAligned()), idle: null };
  }

  idle(index: number, idle: boolean): Progress {
    const channel = this.channels[index] as ChannelProgress;
    if (channel.idle === idle || channel.watermark === watermark_max) return noProgress;
    channel.idle = idle;
    if (idle) {
      channel.aligned = false;
      return this.afterLoss();
    }
    channel.aligned = channel.watermark >= this.output;
    return this.activate();
  }

  private end(channel: ChannelProgress): Progress {
    channel.watermark = watermark_max;
    if (this.channels.some((c) => c.watermark !== watermark_max)) return this.afterLoss();
    return { ...this.activate(), watermark: this.advance(watermark_max) };
  }

  private activate(): Progress {
    if (!this.outputIdle) return noProgress;
    this.outputIdle = false;
    return { watermark: null, idle: false };
  }

  /** A channel counts no more: the others may be further on, or all be idle. */
  private afterLoss(): Progress {
    const live = this.channels.filter((c) => c.watermark !== watermark_max);
    if (live.some((c) => !c.idle)) return { watermark: this.advance(this.minAligned()), idle: null };
    if (this.outputIdle) return noProgress;
    this.outputIdle = true;
    return { watermark: this.advance(live.reduce((most, c) => (c.watermark > most ? c.watermark : most), watermark_min)), idle: true };
  }

  private minAligned(): Watermark {
    let least: Watermark | null = null;
    for (const { watermark, idle, aligned } of this.channels) {
      if (idle || !aligned || watermark === watermark_max) continue;
      if (least === null || watermark < least) least = watermark;
    }
    return least ?? watermark_min;
  }

  private advance(to: Watermark): Watermark | null {
    if (to <= this.output) return null;
    this.output = to;
    return to;
  }
}

/**
 * Merges the inputs of an operator with several: the least watermark of the inputs that are not idle. An input at
 * `watermark_max` has ended and holds nothing back, and pushes nothing on until all have ended.
 */
export class InputProgress {
  private readonly valves: readonly WatermarkValve[];
  private readonly watermarks: Watermark[];
  private readonly idles: boolean[];
  private outputIdle = false;
  /** The combined watermark; `watermark_min` before the first. */
  current: Watermark = watermark_min;

  private readonly silent: ReadonlySet<number>;

  /** `channels`: how many channels each input has; `silent`: inputs whose rows have no part in event time, and that never hold it back. */
  constructor(channels: readonly number[], silent: ReadonlySet<number> = new Set()) {
    this.silent = silent;
    this.valves = channels.map((count) => new WatermarkValve(count));
    this.watermarks = channels.map(() => watermark_min);
    this.idles = channels.map(() => false);
  }

  watermark(input: number, channel: number, watermark: Watermark): Progress {
    return this.combine(input, (this.valves[input] as WatermarkValve).watermark(channel, watermark));
  }

  idle(input: number, channel: number, idle: boolean): Progress {
    return this.combine(input, (this.valves[input] as WatermarkValve).idle(channel, idle));
  }

  /** Whether the input says nothing more of event time: idle or ended. */
  isIdle(input: number): boolean {
    return this.idles[input] === true || this.watermarks[input] === watermark_max;
  }

  private combine(input: number, change: Progress): Progress {
    if (change.watermark !== null) this.watermarks[input] = change.watermark;
    if (change.idle !== null) this.idles[input] = change.idle;
    if (change.watermark === null && change.idle === null) return noProgress;
    const next = this.least();
    const idle = next === null;
    const idleChange = idle === this.outputIdle ? null : idle;
    this.outputIdle = idle;
    // While all are idle the last watermark of a valve may still be news: it comes before its idleness.
    const candidate = next ?? (this.watermarks.length === 1 ? change.watermark : null);
    if (candidate === null || candidate <= this.current) return { watermark: null, idle: idleChange };
    this.current = candidate;
    return { watermark: candidate, idle: idleChange };
  }

  /** null: every input that has not ended is idle. */
  private least(): Watermark | null {
    let least: Watermark | null = null;
    let ended = 0;
    for (let i = 0; i < this.watermarks.length; i++) {
      const watermark = this.watermarks[i] as Watermark;
      if (watermark === watermark_max || this.silent.has(i)) ended += 1;
      else if (!this.idles[i] && (least === null || watermark < least)) least = watermark;
    }
    return ended === this.watermarks.length ? watermark_max : least;
  }
}
