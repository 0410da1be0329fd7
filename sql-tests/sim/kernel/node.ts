import type { Cancel, World } from "../../../runtime/contract/world.ts";
import type { Random } from "../../oracle/random/random.ts";
import type { SimEvent } from "./event-heap.ts";
import type { Kernel } from "./kernel.ts";

/** One incarnation of a node: what it scheduled, sent and asked for dies with it. */
export interface Life {
  readonly node: SimNode;
  /** The node's name and the number of this life. */
  readonly name: string;
  readonly world: World;
  readonly alive: boolean;
}

const epoch_ms = 1_767_225_600_000;

/** A process of the cluster: it can die, be born again, and stand still for a while (SIGSTOP). */
export class SimNode {
  readonly name: string;
  /** The wall clock is off by this: it may jump, the monotonic one may not. */
  skew_ms = 0;
  /** A turn of its tasks may take so much longer. */
  turn_ms = 0;
  readonly #kernel: Kernel;
  readonly #random: Random;
  #life: Life & { alive: boolean };
  #lives = 0;
  #held: SimEvent[] | null = null;

  constructor(name: string, kernel: Kernel, random: Random) {
    this.name = name;
    this.#kernel = kernel;
    this.#random = random;
    this.#life = this.#born();
  }

  get life(): Life {
    return this.#life;
  }

  get paused(): boolean {
    return this.#held !== null;
  }

  /** Kills the process, paused or not, and starts another of the same name, which has to be told what to do. */
  crash(): void {
    this.#kernel.note(`${this.#life.name} dies`);
    this.#life.alive = false;
    this.#held = null;
    this.#life = this.#born();
  }

  pause(): void {
    this.#kernel.note(`${this.#life.name} stands still`);
    this.#held ??= [];
  }

  /** What came due meanwhile happens now, in its order. */
  resume(): void {
    const held = this.#held ?? [];
    this.#held = null;
    this.#kernel.note(`${this.#life.name} goes on`);
    for (const { label, life, run } of held) this.#kernel.schedule(0, label, life, run);
  }

  /** True when the event waits here for the node to go on. */
  hold(event: SimEvent): boolean {
    if (this.#held === null || event.life !== this.#life) return false;
    this.#held.push(event);
    return true;
  }

  #born(): Life & { alive: boolean } {
    this.#lives += 1;
    const random = this.#random.fork();
    const life: Life & { alive: boolean } = {
      node: this,
      name: `${this.name}#${this.#lives}`,
      alive: true,
      world: {
        clock: {
          now_ms: () => Math.floor(epoch_ms + this.#kernel.read_ms() + this.skew_ms),
          monotonic_ms: () => this.#kernel.read_ms(),
        },
        random: () => random.below(2 ** 30) / 2 ** 30,
        timers: {
          after: (delay_ms, run) => this.#kernel.schedule(Math.max(1, delay_ms), "timer", life, run),
          every: (interval_ms, run) => this.#repeat(life, Math.max(1, interval_ms), run),
          soon: (run) =>
            void this.#kernel.schedule(turn_ms(random) + (this.turn_ms === 0 ? 0 : random.below(this.turn_ms)), "turn", life, run),
        },
      },
    };
    return life;
  }

  #repeat(life: Life, interval_ms: number, run: () => void): Cancel {
    let cancel: Cancel = () => undefined;
    const next = (): void => {
      cancel = this.#kernel.schedule(interval_ms, "interval", life, () => {
        next();
        run();
      });
    };
    next();
    return () => cancel();
  }
}

/** How long a task waits for its turn: mostly no time, so that tasks of one node come one after the other in any order. */
const turn_ms = (random: Random): number => random.below(8) * 0.01;
