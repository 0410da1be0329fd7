import type { Cancel } from "../../../runtime/contract/world.ts";
import { EventHeap, type SimEvent } from "./event-heap.ts";
import type { Life } from "./node.ts";

/** An unexpected state of the cluster under test: ends the seed's run. */
export class BrokenInvariant extends Error {}

/** Each reading of a clock takes this long, so that what waits for time to pass while it works comes to its end. */
const reading_ms = 0.002;

/**
 * Virtual time (notes/reliability.md section 2): a heap of events, run one by one in this thread. After each, all promises that can
 * settle do, and calls of the real store are waited for; only then does time move on. So one seed always gives one course.
 */
export class Kernel {
  #now_ms = 0;
  #sequence = 0;
  #count = 0;
  #hash = 0;
  readonly #heap = new EventHeap();
  readonly #labels = new Map<string, number>();
  readonly #trace: ((line: string) => void) | null;
  #broken: Error | null = null;
  #calls = 0;
  #lastCall: Promise<void> = Promise.resolve();

  /** `trace` hears of everything that happens. */
  constructor(trace: ((line: string) => void) | null = null) {
    this.#trace = trace;
  }

  get now_ms(): number {
    return this.#now_ms;
  }

  /** Events so far. */
  get events(): number {
    return this.#count;
  }

  /** Of all events and their times: two runs of a seed have the same. */
  get hash(): number {
    return this.#hash >>> 0;
  }

  /** A reading of the clock by code under test. */
  read_ms(): number {
    this.#now_ms += reading_ms;
    return this.#now_ms;
  }

  schedule(delay_ms: number, label: string, life: Life | null, run: () => void): Cancel {
    return this.scheduleAt(this.#now_ms + Math.max(0, delay_ms), label, life, run);
  }

  scheduleAt(at_ms: number, label: string, life: Life | null, run: () => void): Cancel {
    return this.#push({ at_ms, sequence: this.#sequence++, life, label, run, canceled: false });
  }

  /**
   * A call that leaves the simulation (DuckDB). Calls are made one after the other, at once in virtual time; the answer comes
   * `latency_ms` after the question, however long the call took, and to a dead life never.
   */
  call<T>(life: Life | null, label: string, latency_ms: number, work: () => Promise<T>): Promise<T> {
    this.#calls += 1;
    const at_ms = this.#now_ms + latency_ms;
    const sequence = this.#sequence++;
    return new Promise<T>((resolve, reject) => {
      const answer = (run: () => void): void => {
        this.#calls -= 1;
        this.#push({ at_ms, sequence, life, label, run, canceled: false });
      };
      this.#lastCall = this.#lastCall.then(work).then(
        (value) => answer(() => resolve(value)),
        (error: unknown) => answer(() => reject(error as Error)),
      );
    });
  }

  /** The last call of a dead life; resolves when it is made, in no virtual time. */
  async abandon(work: () => Promise<void>): Promise<void> {
    this.#calls += 1;
    const call = this.#lastCall.then(work);
    this.#lastCall = call.finally(() => {
      this.#calls -= 1;
    });
    await call;
  }

  /** Runs until the condition holds, nothing is left to do, or virtual time is up. Throws what broke. */
  async run(done: () => boolean, limit_ms: number): Promise<"done" | "idle" | "late"> {
    for (;;) {
      await this.#settle();
      if (this.#broken !== null) throw this.#broken;
      if (done()) return "done";
      const event = this.#heap.pop();
      if (event === null) return "idle";
      if (event.at_ms > limit_ms) {
        this.#heap.push(event);
        return "late";
      }
      this.#happen(event);
    }
  }

  /** Ends the run with this error at the next step. */
  fail(error: Error): void {
    this.#broken ??= error;
  }

  /** A line of the trace, also part of the hash. */
  note(line: string): void {
    this.#mix(line);
    this.#trace?.(`${this.#now_ms.toFixed(3).padStart(11)} ${line}`);
  }

  #push(event: SimEvent): Cancel {
    this.#heap.push(event);
    return () => {
      event.canceled = true;
    };
  }

  #happen(event: SimEvent): void {
    const { life, label } = event;
    if (event.canceled || (life !== null && !life.alive)) return;
    this.#now_ms = Math.max(this.#now_ms, event.at_ms);
    if (life?.node.hold(event) === true) return;
    this.#count += 1;
    this.#hash = (Math.imul(this.#hash, 31) + Math.round(this.#now_ms * 1_000)) | 0;
    this.#mix(label);
    this.#trace?.(`${this.#now_ms.toFixed(3).padStart(11)} ${life === null ? "" : `${life.name}: `}${label}`);
    try {
      event.run();
    } catch (error) {
      this.fail(error as Error);
    }
  }

  async #settle(): Promise<void> {
    await turn();
    while (this.#calls > 0) {
      await this.#lastCall;
      await turn();
    }
  }

  #mix(label: string): void {
    let hash = this.#labels.get(label);
    if (hash === undefined) {
      hash = hashOf(label);
      this.#labels.set(label, hash);
    }
    this.#hash = (Math.imul(this.#hash, 0x01000193) ^ hash) | 0;
  }
}

/** All promises that can settle have settled afterwards. */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash | 0;
}
