import type { Kernel } from "./kernel.ts";
import type { Life } from "./node.ts";

/** How long a message is under way, drawn for each. */
export type Delay = () => number;

/** One direction of a connection: messages arrive in order, each after a delay of its own, while both ends live. */
export class Pipe<M> {
  readonly #kernel: Kernel;
  readonly #from: Life;
  readonly #to: Life;
  readonly #delay_ms: Delay;
  readonly #receive: (message: M) => void;
  #last_ms = 0;
  #broken = false;

  constructor(kernel: Kernel, from: Life, to: Life, delay_ms: Delay, receive: (message: M) => void) {
    this.#kernel = kernel;
    this.#from = from;
    this.#to = to;
    this.#delay_ms = delay_ms;
    this.#receive = receive;
  }

  /** What was sent before the sender died still arrives. */
  send(label: string, message: M): void {
    if (!this.#from.alive || this.#broken) return;
    this.#last_ms = Math.max(this.#last_ms, this.#kernel.now_ms + this.#delay_ms());
    this.#kernel.scheduleAt(this.#last_ms, label, this.#to, () => {
      if (!this.#broken) this.#receive(message);
    });
  }

  /** Nothing that is under way arrives. */
  break(): void {
    this.#broken = true;
  }
}
