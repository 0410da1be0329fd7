import type { World } from "./world.ts";

/** Resolves after the delay, or as soon as the signal, if there is one, is aborted. */
export function sleep(world: World, delay_ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = (): void => {
      cancel();
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const cancel = world.timers.after(delay_ms, done);
    signal?.addEventListener("abort", done);
  });
}

/** Resolves with the promise, or with null after the delay. */
export function within<T>(world: World, delay_ms: number, promise: Promise<T>): Promise<T | null> {
  return new Promise((resolve, reject) => {
    const cancel = world.timers.after(delay_ms, () => resolve(null));
    promise.finally(cancel).then(resolve, reject);
  });
}

/** A promise with its ends in the open. */
export interface Deferred<T> {
  readonly promise: Promise<T>;
  resolve(value: T): void;
}

export function deferred<T>(): Deferred<T> {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
