import { type Batch, batch_rows_target } from "../contract/batch.ts";
import type { FrameCodec } from "../contract/frame.ts";
import { limits } from "../contract/limits.ts";
import type { RowsInFlight } from "../contract/rpc.ts";
import type { Schema } from "../contract/types.ts";
import { BatchBuilder } from "./batch-builder.ts";
import type { RowRange } from "./column-builder.ts";
import { type Barrier, type ControlElement, type Credits, isFrame, type StreamElement } from "./elements.ts";
import { frameLength_bytes } from "./frame-layout.ts";
import { InFlightCopy } from "./in-flight.ts";
import type { SenderWire } from "./wire.ts";

/** Elements are posted in one message once there are this many, or when the task's turn ends. */
const post_elements_min = 4;

const isBarrierOf = (element: StreamElement, checkpoint: number): boolean =>
  !isFrame(element) && element.kind === "barrier" && element.checkpoint === checkpoint;

export interface Sent {
  readonly bytes: number;
  readonly frames: number;
}

/**
 * The sending end of a channel. Rows are gathered until they make a frame worth sending; control elements first send what
 * was gathered, so order is kept. Without credit, elements wait in the backlog: the task must not run again until
 * `available`, so the backlog is bounded by what one call of an operator emits.
 */
export class OutChannel {
  /** Frames made of rows since the start. */
  readonly sent = { bytes: 0, frames: 0 };
  private readonly codec: FrameCodec;
  private readonly wire: SenderWire;
  private readonly onAvailable: () => void;
  private readonly builder: BatchBuilder;
  private readonly free: ArrayBuffer[] = [];
  private backlog: StreamElement[] = [];
  private outbox: StreamElement[] = [];
  private outboxFrames: ArrayBuffer[] = [];
  private frames_underWay = 0;
  private elements_underWay = 0;

  constructor(schema: Schema, codec: FrameCodec, wire: SenderWire, onAvailable: () => void) {
    this.codec = codec;
    this.wire = wire;
    this.onAvailable = onAvailable;
    this.builder = new BatchBuilder(schema);
    wire.listen((credits) => this.onCredits(credits));
  }

  get available(): boolean {
    return (
      this.backlog.length === 0 && this.frames_underWay < limits.exchangeCredits_max && this.elements_underWay < limits.exchangeElements_max
    );
  }

  /** Rows that no frame holds yet. */
  get gathered(): number {
    return this.builder.rows;
  }

  append(batch: Batch, range: RowRange): void {
    const rows = range.to - range.from;
    if (rows === 0) return;
    if (this.builder.rows + rows > 2 * batch_rows_target) this.flush();
    if (rows === batch.rows && range.selection === null && this.builder.rows === 0 && 2 * rows >= batch_rows_target) {
      this.enqueue(this.encode(batch));
      return;
    }
    this.builder.append(batch, range);
    if (this.builder.rows >= batch_rows_target || this.builder.variableBytes() >= limits.exchangeFrame_bytes_target) this.flush();
  }

  control(element: ControlElement): void {
    this.flush();
    this.enqueue(element);
  }

  /** Whether the checkpoint's barrier waits for credit behind rows. */
  holds(checkpoint: number): boolean {
    return this.backlog.some((element) => isBarrierOf(element, checkpoint));
  }

  /**
   * Sends a barrier at once, credit or not, in front of what waits, and returns copies of the rows that it overtook. One that waits
   * already is moved.
   */
  overtake(barrier: Barrier): readonly RowsInFlight[] {
    this.flush();
    const held = this.backlog.findIndex((element) => isBarrierOf(element, barrier.checkpoint));
    const overtaken = held < 0 ? this.backlog : this.backlog.slice(0, held);
    const copy = new InFlightCopy();
    for (const element of overtaken) copy.add(element);
    if (held >= 0) this.backlog.splice(held, 1);
    this.dispatch(barrier);
    this.post();
    return copy.rows;
  }

  /** Makes a frame of the rows gathered. */
  flush(): void {
    if (this.builder.rows === 0) return;
    const frame = this.encode(this.builder.build());
    this.builder.clear();
    this.enqueue(frame);
  }

  /** Sends what has credit: called when the task's turn ends. */
  post(): void {
    if (this.outbox.length === 0) return;
    const elements = this.outbox;
    const frames = this.outboxFrames;
    this.outbox = [];
    this.outboxFrames = [];
    this.wire.send(elements, frames);
  }

  close(): void {
    this.wire.close();
  }

  private encode(batch: Batch): ArrayBuffer {
    const frame = this.codec.encode(batch, this.free.pop() ?? null);
    this.sent.bytes += frameLength_bytes(frame);
    this.sent.frames += 1;
    return frame;
  }

  private enqueue(element: StreamElement): void {
    if (this.backlog.length > 0 || !this.hasCredit(element)) this.backlog.push(element);
    else this.dispatch(element);
  }

  private hasCredit(element: StreamElement): boolean {
    if (this.elements_underWay >= limits.exchangeElements_max) return false;
    return !isFrame(element) || this.frames_underWay < limits.exchangeCredits_max;
  }

  private dispatch(element: StreamElement): void {
    this.elements_underWay += 1;
    this.outbox.push(element);
    if (isFrame(element)) {
      this.frames_underWay += 1;
      this.outboxFrames.push(element);
    }
    if (this.outbox.length >= post_elements_min) this.post();
  }

  private onCredits(credits: Credits): void {
    const wasAvailable = this.available;
    this.elements_underWay -= credits.elements;
    this.frames_underWay -= credits.buffers.length;
    for (const buffer of credits.buffers) if (this.free.length < limits.exchangeCredits_max) this.free.push(buffer);
    let sent = 0;
    while (sent < this.backlog.length && this.hasCredit(this.backlog[sent] as StreamElement))
      this.dispatch(this.backlog[sent++] as StreamElement);
    if (sent > 0) {
      this.backlog = this.backlog.slice(sent);
      this.post();
    }
    if (!wasAvailable && this.available) this.onAvailable();
  }
}
