import { limits } from "../contract/limits.ts";
import type { PollResult, SourceOperator } from "../contract/operator.ts";
import type { Cancel, Timers } from "../contract/world.ts";
import type { StepResult } from "./mailbox.ts";

/** Polls a source, less and less often while it has nothing. */
export class SourcePoller {
  private readonly source: SourceOperator;
  private readonly timers: Timers;
  private readonly wake: () => void;
  private readonly onEnd: () => Promise<void>;
  private delay_ms = 0;
  private timer: Cancel | null = null;

  constructor(source: SourceOperator, timers: Timers, wake: () => void, onEnd: () => Promise<void>) {
    this.source = source;
    this.timers = timers;
    this.wake = wake;
    this.onEnd = onEnd;
  }

  step(): StepResult | Promise<StepResult> {
    if (this.timer !== null) return "waiting";
    const result = this.source.poll();
    return typeof result === "string" ? this.polled(result) : result.then((settled) => this.polled(settled));
  }

  close(): void {
    this.timer?.();
    this.timer = null;
  }

  private polled(result: PollResult): StepResult | Promise<StepResult> {
    switch (result) {
      case "more":
        this.delay_ms = 0;
        return "worked";
      case "wait":
        this.pause();
        return "waiting";
      case "end":
        return this.onEnd().then(() => "worked" as const);
    }
  }

  private pause(): void {
    this.delay_ms = Math.min(Math.max(2 * this.delay_ms, limits.sourcePoll_ms_min), limits.sourcePoll_ms_max);
    this.timer = this.timers.after(this.delay_ms, () => {
      this.timer = null;
      this.wake();
    });
  }
}
