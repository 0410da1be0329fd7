import type { Kernel } from "./kernel.ts";
import type { Life } from "./node.ts";

interface Waiter {
  readonly holder: object;
  readonly life: Life;
  readonly go: () => void;
}

/** Whose transaction is open: the real store has one at a time, and processes on one store wait for each other in virtual time. */
export class StoreTurns {
  readonly #kernel: Kernel;
  readonly #waiting: Waiter[] = [];
  #holder: object | null = null;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  take(holder: object, life: Life): Promise<void> {
    if (this.#holder === null) {
      this.#holder = holder;
      return Promise.resolve();
    }
    return new Promise((go) => this.#waiting.push({ holder, life, go }));
  }

  /** Nothing when another has the turn. */
  release(holder: object): void {
    if (this.#holder !== holder) return;
    this.#holder = null;
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      if (!next.life.alive) continue;
      this.#holder = next.holder;
      this.#kernel.schedule(0, "turn of the store", next.life, next.go);
      return;
    }
  }
}
