import type { Clock, Timers, World } from "../contract/world.ts";
import { limits } from "../contract/limits.ts";

export type StepResult = "worked" | "waiting";

export interface MailboxOwner {
  /** One step of work; "waiting" when there is none until the next `wake`. */
  step(): StepResult | Promise<StepResult>;
  /** Before the thread goes on to something else: send what was gathered. `waiting`: no step is at hand. */
  turnEnded(waiting: boolean): void;
  failed(error: unknown): void;
}

/**
 * Runs the steps of a task one at a time, never re-entrantly: in turns of some ms, so that the tasks of a thread share it
 * and its messages come through. A task that waits costs nothing until it is woken.
 */
export class Mailbox {
  private spent_ms = 0;
  /** When the step that is waited for began. */
  private pendingSince_ms = 0;
  private readonly owner: MailboxOwner;
  private readonly clock: Clock;
  private readonly timers: Timers;
  private scheduled = false;
  /** Woken while a step was under way: it may have looked too early. */
  private woken = false;
  private underWay: Promise<void> | null = null;
  private stopped = false;
  private turnStart_ms = 0;

  constructor(owner: MailboxOwner, { clock, timers }: World) {
    this.owner = owner;
    this.clock = clock;
    this.timers = timers;
  }

  /** Time spent in steps, that of the one under way included. */
  get busy_ms(): number {
    return this.spent_ms + (this.underWay === null ? 0 : this.clock.monotonic_ms() - this.pendingSince_ms);
  }

  wake(): void {
    if (this.underWay !== null) this.woken = true;
    if (this.scheduled || this.stopped || this.underWay !== null) return;
    this.scheduled = true;
    this.timers.soon(() => {
      this.scheduled = false;
      this.turnStart_ms = this.clock.monotonic_ms();
      this.turn();
    });
  }

  /** No further step. Resolves when the one under way is over, or after `wait_ms_max`. */
  async stop(wait_ms_max: number): Promise<void> {
    this.stopped = true;
    const { underWay } = this;
    if (underWay === null) return;
    await new Promise<void>((resolve) => {
      const cancel = this.timers.after(wait_ms_max, resolve);
      void underWay.then(() => {
        cancel();
        resolve();
      });
    });
  }

  /** Whatever a step throws ends the task here. */
  private turn(): void {
    if (this.stopped || this.underWay !== null) return;
    try {
      this.steps();
    } catch (error) {
      this.fail(error);
    }
  }

  private steps(): void {
    let from_ms = this.clock.monotonic_ms();
    for (;;) {
      const result = this.owner.step();
      if (typeof result !== "string") {
        this.wait(result, from_ms);
        return;
      }
      const now_ms = this.clock.monotonic_ms();
      this.spent_ms += now_ms - from_ms;
      from_ms = now_ms;
      if (result === "worked" && now_ms - this.turnStart_ms < limits.taskTurn_ms_max) continue;
      this.owner.turnEnded(result === "waiting");
      if (result === "worked") this.wake();
      return;
    }
  }

  private wait(step: Promise<StepResult>, from_ms: number): void {
    this.woken = false;
    this.pendingSince_ms = from_ms;
    this.underWay = step.then(
      (result) => {
        this.underWay = null;
        this.resume(result, from_ms);
      },
      (error: unknown) => {
        this.underWay = null;
        this.fail(error);
      },
    );
    this.owner.turnEnded(false);
  }

  /** Goes on in the same turn if its time is not over: a promise that was settled at once costs no round through the event loop. */
  private resume(result: StepResult, from_ms: number): void {
    const now_ms = this.clock.monotonic_ms();
    this.spent_ms += now_ms - from_ms;
    if (this.stopped) return;
    if (result === "worked" && now_ms - this.turnStart_ms < limits.taskTurn_ms_max) this.turn();
    else this.endTurn(result);
  }

  private endTurn(result: StepResult): void {
    try {
      this.owner.turnEnded(result === "waiting");
    } catch (error) {
      this.fail(error);
    }
    if (result === "worked" || this.woken) this.wake();
  }

  private fail(error: unknown): void {
    if (this.stopped) return;
    this.stopped = true;
    this.owner.failed(error);
  }
}
