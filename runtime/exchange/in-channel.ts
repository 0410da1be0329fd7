import type { FrameCodec } from "../contract/frame.ts";
import { type Watermark, watermark_max, watermark_min } from "../contract/operator.ts";
import type { RowsInFlight } from "../contract/rpc.ts";
import { type Barrier, type ControlElement, type Credits, isFrame, type StreamElement } from "./elements.ts";
import { InFlightCopy } from "./in-flight.ts";
import type { ReceiverWire } from "./wire.ts";

/** Credits go back once there are this many, or when the task's turn ends. */
const credits_elements_min = 4;

export interface ChannelPlace {
  readonly edge: string;
  /** The sending subtask. */
  readonly sender: number;
  readonly position: number;
  readonly index: number;
  readonly input: number;
}

/** Rows in front of a barrier that is not waited for. */
interface Recording {
  readonly checkpoint: number;
  readonly copy: InFlightCopy;
}

/** The receiving end of a channel: a queue that the sender's credits bound. */
export class InChannel {
  readonly edge: string;
  readonly sender: number;
  /** Place among all channels of the task. */
  readonly position: number;
  /** Place among the channels of its input. */
  readonly index: number;
  /** Input of the head operator. */
  readonly input: number;
  readonly codec: FrameCodec;
  /** A blocked channel is not read: its barrier came before the others'. */
  blocked = false;
  idle = false;
  /** The last one taken; `watermark_max` at the end. */
  watermark: Watermark = watermark_min;
  private readonly wire: ReceiverWire;
  private queue: StreamElement[] = [];
  private read = 0;
  private done_elements = 0;
  private done_buffers: ArrayBuffer[] = [];
  private recording: Recording | null = null;
  private readonly onBarrier: (barrier: Barrier) => void;

  /** `onBarrier` hears of barriers as they come, not when they are read. */
  constructor(
    place: ChannelPlace,
    codec: FrameCodec,
    wire: ReceiverWire,
    onElements: () => void,
    onBarrier: (barrier: Barrier) => void = () => undefined,
  ) {
    this.edge = place.edge;
    this.sender = place.sender;
    this.onBarrier = onBarrier;
    this.position = place.position;
    this.index = place.index;
    this.input = place.input;
    this.codec = codec;
    this.wire = wire;
    wire.listen((elements) => {
      for (const element of elements) this.receive(element);
      onElements();
    });
  }

  get readable(): boolean {
    return !this.blocked && this.read < this.queue.length;
  }

  /** The next element of a readable channel. Give it back with `done` once nothing reads it any more. */
  take(): StreamElement {
    const element = this.queue[this.read++] as StreamElement;
    if (this.read === this.queue.length) {
      this.queue = [];
      this.read = 0;
    }
    if (!isFrame(element)) this.note(element);
    return element;
  }

  /**
   * Copies what has come and what comes in front of the checkpoint's barrier, or of the channel's end, and takes the barrier
   * out. The rows are complete once `isRecording` is false.
   */
  record(checkpoint: number): readonly RowsInFlight[] {
    const unread = this.queue.slice(this.read);
    this.queue = [];
    this.read = 0;
    this.recording = { checkpoint, copy: new InFlightCopy() };
    const { rows } = this.recording.copy;
    for (const element of unread) this.receive(element);
    return rows;
  }

  get isRecording(): boolean {
    return this.recording !== null;
  }

  /** The checkpoint will not be; a newer one's recording may have begun. */
  stopRecording(checkpoint: number): void {
    if (this.recording?.checkpoint === checkpoint) this.recording = null;
  }

  done(element: StreamElement): void {
    this.done_elements += 1;
    if (isFrame(element)) this.done_buffers.push(element);
    if (this.done_elements >= credits_elements_min) this.postCredits();
  }

  postCredits(): void {
    if (this.done_elements === 0) return;
    const credits: Credits = { elements: this.done_elements, buffers: this.done_buffers };
    this.done_elements = 0;
    this.done_buffers = [];
    this.wire.send(credits, credits.buffers);
  }

  private receive(element: StreamElement): void {
    const { recording } = this;
    const isControl = !isFrame(element);
    if (recording !== null) {
      if (isControl && element.kind === "barrier" && element.checkpoint === recording.checkpoint) {
        this.recording = null;
        this.done(element);
        return;
      }
      if (isControl && element.kind === "end") this.recording = null;
      else recording.copy.add(element);
    }
    this.queue.push(element);
    if (isControl && element.kind === "barrier") this.onBarrier(element);
  }

  private note(element: ControlElement): void {
    if (element.kind === "watermark") this.watermark = element.watermark;
    else if (element.kind === "idle") this.idle = element.idle;
    else if (element.kind === "end") this.watermark = watermark_max;
  }

  close(): void {
    this.recording = null;
    this.queue = [];
    this.read = 0;
    this.wire.close();
  }
}
