import type { MetricName } from "../contract/metrics.ts";
import type { OperatorMetrics, Watermark } from "../contract/operator.ts";
import type { TaskId, TaskMetrics, TaskRates } from "../contract/rpc.ts";
import type { Sent } from "../exchange/out-channel.ts";

/** Rates follow what happens within about this long. */
const rate_ms = 5_000;
/** Time at work that is too little for a report of its own is told once it has come to this. */
const untold_ms_max = 100;

/** What a task counts. */
export class TaskMeter implements OperatorMetrics {
  recordsIn = 0;
  recordsOut = 0;
  bytesIn = 0;
  /** Of the inputs; of a source: the last within its chain. */
  watermark: Watermark | null = null;
  private readonly isSource: boolean;
  private readonly counters: Record<string, number> = {};
  private last: TaskMetrics | null = null;
  private last_ms: number;
  private lastBusy_ms = 0;
  private counted: TaskRates = noRates;
  private rates: TaskRates = noRates;
  private earlierBackpressured_ms = 0;
  private backpressured_ms = 0;
  private blockedSince_ms: number | null = null;

  constructor(isSource: boolean, now_ms: number) {
    this.isSource = isSource;
    this.last_ms = now_ms;
  }

  add(name: MetricName, count: number): void {
    this.counters[name] = (this.counters[name] ?? 0) + count;
  }

  /** A watermark passed from one operator of the chain to the next, or left the chain. */
  emitted(watermark: Watermark): void {
    if (this.isSource) this.watermark = watermark;
  }

  /** The task has no credit to go on (true), or goes on (false). */
  backpressured(blocked: boolean, now_ms: number): void {
    if (blocked) this.blockedSince_ms ??= now_ms;
    else if (this.blockedSince_ms !== null) {
      this.backpressured_ms += now_ms - Math.max(this.blockedSince_ms, this.last_ms);
      this.blockedSince_ms = null;
    }
  }

  /** null when nothing changed since the last report. `busy_ms`, `sent`: since the task's start. */
  report(task: TaskId, busy_ms: number, sent: Sent, now_ms: number): TaskMetrics | null {
    const blocked_ms = this.backpressured_ms + (this.blockedSince_ms === null ? 0 : now_ms - Math.max(this.blockedSince_ms, this.last_ms));
    const passed_ms = Math.max(now_ms - this.last_ms, 1);
    const { recordsIn, recordsOut, bytesIn } = this;
    this.follow({ recordsIn, recordsOut, bytesIn, bytesOut: sent.bytes }, passed_ms);
    this.earlierBackpressured_ms += blocked_ms;
    const next: TaskMetrics = {
      task,
      recordsIn,
      recordsOut,
      bytesIn,
      bytesOut: sent.bytes,
      framesOut: sent.frames,
      rates: this.rates,
      watermark_us: this.watermark,
      busy_ratio: ratio(busy_ms - this.lastBusy_ms, passed_ms),
      backpressured_ratio: ratio(blocked_ms, passed_ms),
      busy_ms,
      backpressured_ms: this.earlierBackpressured_ms,
      counters: { ...this.counters },
    };
    this.lastBusy_ms = busy_ms;
    this.backpressured_ms = 0;
    this.last_ms = now_ms;
    if (this.last !== null && sameMetrics(this.last, next)) return null;
    this.last = next;
    return next;
  }

  /** Each rate goes its share of the way to what it was since the last report. */
  private follow(counted: TaskRates, passed_ms: number): void {
    const share = 1 - Math.exp(-passed_ms / rate_ms);
    const { rates, counted: before } = this;
    const rate = (name: keyof TaskRates): number => {
      const next = rates[name] + share * (((counted[name] - before[name]) * 1_000) / passed_ms - rates[name]);
      return next < least ? 0 : next;
    };
    this.rates = { recordsIn: rate("recordsIn"), recordsOut: rate("recordsOut"), bytesIn: rate("bytesIn"), bytesOut: rate("bytesOut") };
    this.counted = counted;
  }
}

const noRates: TaskRates = { recordsIn: 0, recordsOut: 0, bytesIn: 0, bytesOut: 0 };
/** A rate that has faded to this is none: a task with nothing to do has nothing to report. */
const least = 0.01;

/** To two digits, so that an idle task's noise is no news. */
const ratio = (part_ms: number, whole_ms: number): number => Math.round(Math.min(part_ms / whole_ms, 1) * 100) / 100;

const sameMetrics = (a: TaskMetrics, b: TaskMetrics): boolean =>
  a.recordsIn === b.recordsIn &&
  a.recordsOut === b.recordsOut &&
  a.framesOut === b.framesOut &&
  sameRates(a.rates, b.rates) &&
  a.watermark_us === b.watermark_us &&
  a.busy_ratio === b.busy_ratio &&
  a.backpressured_ratio === b.backpressured_ratio &&
  b.busy_ms - a.busy_ms < untold_ms_max &&
  b.backpressured_ms - a.backpressured_ms < untold_ms_max &&
  Object.entries(b.counters).every(([name, count]) => a.counters[name] === count);

const sameRates = (a: TaskRates, b: TaskRates): boolean =>
  a.recordsIn === b.recordsIn && a.recordsOut === b.recordsOut && a.bytesIn === b.bytesIn && a.bytesOut === b.bytesOut;
