import type { ChannelPort, TaskId } from "../contract/rpc.ts";
import { type Credits, isFrame, type StreamElement } from "../exchange/elements.ts";
import { copyFrame, frameLength_bytes } from "../exchange/frame-layout.ts";
import type { DataMessage } from "./messages.ts";

/** Copying what a buffer holds is cheaper than sending much that it does not hold. */
const filled_ratio_min = 0.75;

const wellFilled = (frame: ArrayBuffer): ArrayBuffer =>
  frameLength_bytes(frame) < filled_ratio_min * frame.byteLength ? copyFrame(frame) : frame;

export interface PumpOptions {
  readonly channel: string;
  readonly task: TaskId;
  readonly slot: number;
  /** Which end of the channel the task has. */
  readonly end: "sender" | "receiver";
  /** Towards the task. */
  readonly port: ChannelPort;
  readonly send: (message: DataMessage) => void;
  /** Nothing is to be sent any more, nor received. */
  readonly onClose: () => void;
}

/**
 * Carries one channel between a task's port and a connection. It always takes what the task posts: the channel's credits bound what
 * lies here. The buffers of frames do not come back over the connection; the sender's pump keeps them and gives them back with the credits.
 */
export class ChannelPump {
  readonly task: TaskId;
  readonly slot: number;
  readonly #options: PumpOptions;
  /** What waits until the other end is there. */
  #held: DataMessage[] | null = [];
  #kept: ArrayBuffer[] = [];
  #closed = false;

  constructor(options: PumpOptions) {
    this.task = options.task;
    this.slot = options.slot;
    this.#options = options;
    options.port.on("message", (message) => this.#fromTask(message));
    options.port.on("close", () => this.#portClosed());
  }

  /** The other end is there. */
  opened(): void {
    const held = this.#held ?? [];
    this.#held = null;
    for (const message of held) this.#options.send(message);
    if (this.#closed) this.#options.onClose();
  }

  receive(message: Extract<DataMessage, { readonly kind: "elements" | "credits" }>): void {
    if (this.#closed) return;
    if (message.kind === "elements") {
      const elements = message.elements as readonly StreamElement[];
      this.#options.port.postMessage(elements, elements.filter(isFrame));
      return;
    }
    const buffers = this.#kept.splice(0, message.frames);
    this.#options.port.postMessage({ elements: message.elements, buffers } satisfies Credits, buffers);
  }

  /** The channel is over, from the other side: the task's port closes behind what was posted to it. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#options.port.close();
  }

  #fromTask(message: unknown): void {
    if (this.#closed) return;
    const { channel } = this.#options;
    if (this.#options.end === "receiver") {
      const { elements, buffers } = message as Credits;
      this.#out({ kind: "credits", channel, elements, frames: buffers.length });
      return;
    }
    const elements = message as readonly StreamElement[];
    for (const element of elements) if (isFrame(element)) this.#kept.push(element);
    this.#out({ kind: "elements", channel, elements: elements.map((element) => (isFrame(element) ? wellFilled(element) : element)) });
  }

  #out(message: DataMessage): void {
    if (this.#held === null) this.#options.send(message);
    else this.#held.push(message);
  }

  #portClosed(): void {
    if (this.#closed) return;
    this.#closed = true;
    const wasOpen = this.#held === null;
    this.#out({ kind: "close", channel: this.#options.channel });
    if (wasOpen) this.#options.onClose();
  }
}
