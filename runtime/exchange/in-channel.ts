import type { FrameCodec } from "../contract/frame.ts";
import { type Credits, isFrame, type StreamElement } from "./elements.ts";
import type { ReceiverWire } from "./wire.ts";

/** Credits go back once there are this many, or when the task's turn ends. */
const credits_elements_min = 4;

export interface ChannelPlace {
  readonly position: number;
  readonly index: number;
  readonly input: number;
}

/** The receiving end of a channel: a queue that the sender's credits bound. */
export class InChannel {
  /** Place among all channels of the task. */
  readonly position: number;
  /** Place among the channels of its input. */
  readonly index: number;
  /** Input of the head operator. */
  readonly input: number;
  readonly codec: FrameCodec;
  /** A blocked channel is not read: its barrier came before the others'. */
  blocked = false;
  ended = false;
  private readonly wire: ReceiverWire;
  private queue: StreamElement[] = [];
  private read = 0;
  private done_elements = 0;
  private done_buffers: ArrayBuffer[] = [];

  constructor(place: ChannelPlace, codec: FrameCodec, wire: ReceiverWire, onElements: () => void) {
    this.position = place.position;
    this.index = place.index;
    this.input = place.input;
    this.codec = codec;
    this.wire = wire;
    wire.listen((elements) => {
      for (const element of elements) this.queue.push(element);
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
    return element;
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

  close(): void {
    this.queue = [];
    this.read = 0;
    this.wire.close();
  }
}
