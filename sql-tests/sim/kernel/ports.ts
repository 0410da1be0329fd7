import type { ChannelPort } from "../../../runtime/contract/rpc.ts";

/** One end of a channel within a process, as a MessagePort: what is posted waits for a listener, and comes before the close. */
class Port implements ChannelPort {
  far: Port | null = null;
  #waiting: unknown[] = [];
  #onMessage: ((message: unknown) => void) | null = null;
  #onClose: (() => void) | null = null;
  #closed = false;

  postMessage(message: unknown): void {
    if (!this.#closed) this.far?.receive(message);
  }

  on(event: "message" | "close", listener: ((message: unknown) => void) | (() => void)): void {
    if (event === "close") this.#onClose = listener as () => void;
    else {
      this.#onMessage = listener;
      for (const message of this.#waiting.splice(0)) listener(message);
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.far?.close();
    this.#onClose?.();
  }

  receive(message: unknown): void {
    if (this.#closed) return;
    if (this.#onMessage === null) this.#waiting.push(message);
    else this.#onMessage(message);
  }
}

export function makePorts(): readonly [ChannelPort, ChannelPort] {
  const [a, b] = [new Port(), new Port()];
  a.far = b;
  b.far = a;
  return [a, b];
}
