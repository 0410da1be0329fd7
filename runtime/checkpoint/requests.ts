import { SqlError } from "../contract/errors.ts";
import { type CheckpointRequest, mostUrgent } from "./trigger-decision.ts";

export interface Waiter {
  readonly request: CheckpointRequest;
  resolve(checkpoint: number): void;
  reject(error: Error): void;
}

/** Flink's bound on requests that wait (CheckpointCoordinator). */
const waiting_max = 1_000;

/** Those who wait for a checkpoint that begins after they asked. */
export class CheckpointRequests {
  #waiting: Waiter[] = [];

  get mostUrgent(): CheckpointRequest | null {
    return mostUrgent(this.#waiting.map(({ request }) => request));
  }

  add(request: CheckpointRequest): Promise<number> {
    if (this.#waiting.length >= waiting_max) {
      return Promise.reject(new SqlError({ sqlState: "54000", message: `${waiting_max} requests for a checkpoint are waiting already` }));
    }
    return new Promise((resolve, reject) => this.#waiting.push({ request, resolve, reject }));
  }

  /** Those whom a checkpoint that starts now serves: an aligned one is good for all. */
  take(aligned: boolean): readonly Waiter[] {
    const served = this.#waiting.filter(({ request }) => aligned || !request.aligned);
    this.#waiting = this.#waiting.filter((waiter) => !served.includes(waiter));
    return served;
  }
}
