import type { Batch } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import type { Operator, Output, Watermark } from "../contract/operator.ts";
import type { TaskMeter } from "./task-meter.ts";

const alone = "only the head of a chain may return a promise from batch or watermark";

/** Calls the next operator of the chain. */
export class ChainOutput implements Output {
  private readonly next: Operator;
  /** Where the next operator emits to: idleness goes there when the operator has no say in it. */
  private readonly after: Output;
  private readonly meter: TaskMeter;

  constructor(next: Operator, after: Output, meter: TaskMeter) {
    this.next = next;
    this.after = after;
    this.meter = meter;
  }

  batch(batch: Batch): void {
    if (batch.rows > 0) assert(this.next.batch(batch, 0) === undefined, alone);
  }

  watermark(watermark: Watermark): void {
    this.meter.emitted(watermark);
    assert(this.next.watermark(watermark) === undefined, alone);
  }

  idle(idle: boolean): void {
    if (this.next.idle === undefined) this.after.idle(idle);
    else this.next.idle(idle);
  }
}

/** Several edges from one place. */
export class FanOutput implements Output {
  private readonly targets: readonly Output[];

  constructor(targets: readonly Output[]) {
    this.targets = targets;
  }

  batch(batch: Batch): void {
    for (const target of this.targets) target.batch(batch);
  }

  watermark(watermark: Watermark): void {
    for (const target of this.targets) target.watermark(watermark);
  }

  idle(idle: boolean): void {
    for (const target of this.targets) target.idle(idle);
  }
}

/** An operator with side outputs: they see its watermarks and idleness as its main output does, but only their own rows. */
export class WithSides implements Output {
  private readonly main: Output;
  private readonly sides: readonly Output[];

  constructor(main: Output, sides: readonly Output[]) {
    this.main = main;
    this.sides = sides;
  }

  batch(batch: Batch): void {
    this.main.batch(batch);
  }

  watermark(watermark: Watermark): void {
    for (const side of this.sides) side.watermark(watermark);
    this.main.watermark(watermark);
  }

  idle(idle: boolean): void {
    for (const side of this.sides) side.idle(idle);
    this.main.idle(idle);
  }
}

/** Counts what a source emits. */
export class MeteredSource implements Output {
  private readonly target: Output;
  private readonly meter: TaskMeter;

  constructor(target: Output, meter: TaskMeter) {
    this.target = target;
    this.meter = meter;
  }

  batch(batch: Batch): void {
    this.meter.recordsIn += batch.rows;
    this.target.batch(batch);
  }

  watermark(watermark: Watermark): void {
    this.target.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.target.idle(idle);
  }
}

/** The end of the chain: counts what leaves it. */
export class MeteredEnd implements Output {
  private readonly target: Output;
  private readonly meter: TaskMeter;

  constructor(target: Output, meter: TaskMeter) {
    this.target = target;
    this.meter = meter;
  }

  batch(batch: Batch): void {
    this.meter.recordsOut += batch.rows;
    this.target.batch(batch);
  }

  watermark(watermark: Watermark): void {
    this.meter.emitted(watermark);
    this.target.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.target.idle(idle);
  }
}
