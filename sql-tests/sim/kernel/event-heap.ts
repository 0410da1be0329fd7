import type { Life } from "./node.ts";

/** Something that will happen at a virtual time. */
export interface SimEvent {
  readonly at_ms: number;
  /** Of two events of one time, the one scheduled first comes first. */
  readonly sequence: number;
  /** Whose event it is: it dies with this life of its node, and waits while the node is paused. */
  readonly life: Life | null;
  readonly label: string;
  readonly run: () => void;
  canceled: boolean;
}

/** Events by time: a binary heap. */
export class EventHeap {
  readonly #events: SimEvent[] = [];

  get size(): number {
    return this.#events.length;
  }

  push(event: SimEvent): void {
    const events = this.#events;
    let at = events.length;
    events.push(event);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!earlier(event, events[parent] as SimEvent)) break;
      events[at] = events[parent] as SimEvent;
      at = parent;
    }
    events[at] = event;
  }

  pop(): SimEvent | null {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    if (first === undefined || last === undefined) return null;
    if (events.length > 0) this.#sink(last);
    return first;
  }

  #sink(event: SimEvent): void {
    const events = this.#events;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      if (left >= events.length) break;
      const right = left + 1;
      const child = right < events.length && earlier(events[right] as SimEvent, events[left] as SimEvent) ? right : left;
      if (!earlier(events[child] as SimEvent, event)) break;
      events[at] = events[child] as SimEvent;
      at = child;
    }
    events[at] = event;
  }
}

const earlier = (a: SimEvent, b: SimEvent): boolean => a.at_ms < b.at_ms || (a.at_ms === b.at_ms && a.sequence < b.sequence);
