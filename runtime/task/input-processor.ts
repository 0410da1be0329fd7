import { assert, assertNever } from "../contract/errors.ts";
import { watermark_max, watermark_min } from "../contract/operator.ts";
import type { Clock } from "../contract/world.ts";
import { type Barrier, type ControlElement, isFrame } from "../exchange/elements.ts";
import { frameLength_bytes } from "../exchange/frame-layout.ts";
import type { InChannel } from "../exchange/in-channel.ts";
import type { Progress } from "../exchange/watermark-valve.ts";
import { type AlignmentStep, BarrierAligner } from "./barrier-aligner.ts";
import type { ChainedOperator } from "./chain.ts";
import type { StepResult } from "./mailbox.ts";
import { Recording } from "./recording.ts";
import type { Replay, ReplayStep } from "./replay.ts";
import type { TaskInputs } from "./task-inputs.ts";
import type { TaskMeter } from "./task-meter.ts";

/** What the inputs ask of their task. */
export interface InputHandler {
  /** Some barriers have come. */
  aligning(checkpoint: number): void;
  /** Snapshot now, before any further element: all barriers have come, or rows in front of them are recorded. */
  checkpoint(barrier: Barrier, alignment: Alignment, recording: Recording | null): Promise<void>;
  declined(checkpoint: number): void;
  /** Every channel has ended. */
  inputEnded(): Promise<void>;
}

/** From the first barrier of a checkpoint to the last. */
export interface Alignment {
  readonly startDelay_ms: number;
  readonly alignment_ms: number;
  readonly processed_bytes: number;
}

interface BegunAlignment {
  readonly barrier: Barrier;
  readonly startDelay_ms: number;
  readonly start_ms: number;
  processed_bytes: number;
}

type Done = undefined | Promise<void>;

/** Takes the elements of a task's channels one by one to the head of its chain. */
export class InputProcessor {
  private readonly aligner: BarrierAligner;
  private readonly inputs: TaskInputs;
  private readonly head: ChainedOperator;
  private readonly meter: TaskMeter;
  private readonly clock: Clock;
  private readonly handler: InputHandler;
  private begun: BegunAlignment | null = null;
  private readonly replay: Replay;
  /** A barrier that came while rows of the restored checkpoint were still to be processed. */
  private postponed: Barrier | null = null;
  private live: number;

  constructor(inputs: TaskInputs, replay: Replay, head: ChainedOperator, meter: TaskMeter, clock: Clock, handler: InputHandler) {
    this.inputs = inputs;
    this.replay = replay;
    this.head = head;
    this.meter = meter;
    this.clock = clock;
    this.handler = handler;
    this.live = inputs.gate.channels.length;
    this.aligner = new BarrierAligner(this.live);
  }

  /** Processes one element. Its buffer goes back to the sender once the head is through with it. */
  step(): StepResult | Promise<StepResult> {
    const again = this.replay.next();
    if (again !== null) return worked(this.replayed(again));
    if (this.postponed !== null) return worked(this.overtake(this.postponed));
    const channel = this.inputs.gate.next();
    if (channel === null) return "waiting";
    const element = channel.take();
    const done = isFrame(element) ? this.frame(channel, element) : this.control(channel, element);
    if (done === undefined) {
      channel.done(element);
      return "worked";
    }
    return done.then(() => {
      channel.done(element);
      return "worked" as const;
    });
  }

  /**
   * Takes a checkpoint whose barrier has come on some channel without waiting for the others': what lies in front of them is
   * recorded while it is processed.
   */
  overtake(barrier: Barrier): Done {
    if (!this.replay.isOver) {
      this.postponed = barrier;
      return undefined;
    }
    this.postponed = null;
    const step = this.aligner.overtake(barrier.checkpoint);
    if (step === null) return undefined;
    if (step.declined !== null) {
      this.handler.declined(step.declined);
      this.begun = null;
    }
    const begun = this.begun ?? this.begin(barrier);
    this.begun = null;
    this.inputs.gate.unblock();
    const { channels } = this.inputs.gate;
    const missing = channels.filter(({ position }) => !step.arrived.has(position) && !this.aligner.hasEnded(position));
    const recording = new Recording(barrier.checkpoint, missing, begun.start_ms, this.clock);
    const { startDelay_ms, processed_bytes } = begun;
    return this.handler.checkpoint(barrier, { startDelay_ms, alignment_ms: 0, processed_bytes }, recording);
  }

  private replayed(step: ReplayStep): Done {
    if (step.kind === "rows") return this.head.operator.batch(step.batch, step.input) as Done;
    return this.progressed(this.inputs.progress.watermark(step.input, step.index, step.watermark));
  }

  abort(checkpoint: number): void {
    if (this.postponed !== null && this.postponed.checkpoint <= checkpoint) this.postponed = null;
    void this.align(this.aligner.abort(checkpoint), null, null);
  }

  postCredits(): void {
    this.inputs.gate.postCredits();
  }

  close(): void {
    this.inputs.gate.close();
  }

  private frame(channel: InChannel, frame: ArrayBuffer): Done {
    const batch = channel.codec.decode(frame);
    this.meter.recordsIn += batch.rows;
    const bytes = frameLength_bytes(frame);
    this.meter.bytesIn += bytes;
    if (this.begun !== null) this.begun.processed_bytes += bytes;
    return this.head.operator.batch(batch, channel.input) as Done;
  }

  private control(channel: InChannel, element: ControlElement): Done {
    const { progress } = this.inputs;
    switch (element.kind) {
      case "watermark":
        return this.progressed(progress.watermark(channel.input, channel.index, element.watermark));
      case "idle":
        return this.progressed(this.said(channel.input, () => progress.idle(channel.input, channel.index, element.idle)));
      case "barrier":
        return this.align(this.aligner.barrier(channel.position, element.checkpoint), channel, element);
      case "end":
        return this.ended(channel);
      default:
        return assertNever(element);
    }
  }

  /** The end of a channel may complete an alignment: that cut comes first. Ended channels count as being at `watermark_max`. */
  private async ended(channel: InChannel): Promise<void> {
    await this.align(this.aligner.end(channel.position), null, null);
    await this.progressed(this.said(channel.input, () => this.inputs.progress.watermark(channel.input, channel.index, watermark_max)));
    this.live -= 1;
    if (this.live === 0) await this.handler.inputEnded();
  }

  /** Tells the head when an input becomes idle or active. */
  private said(input: number, change: () => Progress): Progress {
    const { progress } = this.inputs;
    const before = progress.isIdle(input);
    const changed = change();
    const after = progress.isIdle(input);
    if (before !== after) this.head.operator.inputIdle?.(input, after);
    return changed;
  }

  private align(step: AlignmentStep, channel: InChannel | null, barrier: Barrier | null): Done {
    if (step.declined !== null) this.handler.declined(step.declined);
    if (step.declined !== null || (step.unblock && step.complete === null)) this.begun = null;
    if (step.unblock) this.inputs.gate.unblock();
    if (step.block && channel !== null && barrier !== null) {
      channel.blocked = true;
      if (this.begun === null) this.handler.aligning(barrier.checkpoint);
    }
    if (barrier !== null && (step.block || step.complete !== null)) this.begun ??= this.begin(barrier);
    return step.complete === null ? undefined : this.complete();
  }

  private begin(barrier: Barrier): BegunAlignment {
    const startDelay_ms = Math.max(0, this.clock.now_ms() - barrier.mode.triggered_ms);
    return { barrier, startDelay_ms, start_ms: this.clock.monotonic_ms(), processed_bytes: 0 };
  }

  private complete(): Done {
    const { begun } = this;
    assert(begun !== null, "an alignment has a first barrier");
    this.begun = null;
    const { barrier, startDelay_ms, processed_bytes } = begun;
    return this.handler.checkpoint(
      barrier,
      { startDelay_ms, alignment_ms: this.clock.monotonic_ms() - begun.start_ms, processed_bytes },
      null,
    );
  }

  private progressed(change: Progress): Done {
    if (change.idle === false) this.idle(false);
    if (change.watermark !== null && change.watermark !== watermark_min) {
      this.meter.watermark = change.watermark;
      const done = this.head.operator.watermark(change.watermark) as Done;
      if (done !== undefined) return done.then(() => (change.idle === true ? this.idle(true) : undefined));
    }
    if (change.idle === true) this.idle(true);
    return undefined;
  }

  private idle(idle: boolean): void {
    const { operator, output } = this.head;
    if (operator.idle === undefined) output.idle(idle);
    else operator.idle(idle);
  }
}

const worked = (done: Done): StepResult | Promise<StepResult> => (done === undefined ? "worked" : done.then(() => "worked" as const));
