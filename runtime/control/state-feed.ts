import type { StateReceiver } from "../checkpoint/read-state.ts";
import { sizeOf_bytes } from "../contract/frame.ts";
import type { RestoredTable } from "../contract/rpc.ts";

/** State on its way to tasks that have not taken it in: neither side ever holds more of it as frames. */
const underWay_bytes_max = 67_108_864;

/** Sends restored state to the tasks that wait for it, as fast as they take it in. */
export class StateFeed implements StateReceiver {
  readonly #send: (vertex: string, subtask: number, rows: RestoredTable) => void;
  readonly #waiting: (() => void)[] = [];
  #underWay_bytes = 0;
  #closed = false;

  constructor(send: (vertex: string, subtask: number, rows: RestoredTable) => void) {
    this.#send = send;
  }

  take(vertex: string, subtask: number, rows: RestoredTable): void {
    if (this.#closed) return;
    this.#underWay_bytes += sizeOf_bytes(rows.frames);
    this.#send(vertex, subtask, rows);
  }

  async ready(): Promise<boolean> {
    while (!this.#closed && this.#underWay_bytes >= underWay_bytes_max) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    return !this.#closed;
  }

  /** A task has taken in so much. */
  restored(bytes: number): void {
    this.#underWay_bytes -= bytes;
    this.#wake();
  }

  /** The tasks will not begin. */
  close(): void {
    this.#closed = true;
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
