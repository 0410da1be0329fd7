import { triggerTargets } from "./trigger-decision.ts";

/** How far the tasks of an attempt are, as far as checkpoints care. Tasks are indices of `upstream`. */
export class TaskProgress {
  readonly #upstream: readonly (readonly number[])[];
  readonly running = new Set<number>();
  /** All input processed. */
  readonly ended = new Set<number>();
  /** The checkpoint after their end is complete: they stop, and take part in no further one. */
  readonly #finished = new Set<number>();

  constructor(upstream: readonly (readonly number[])[]) {
    this.#upstream = upstream;
  }

  finish(task: number): void {
    this.ended.add(task);
    this.#finished.add(task);
  }

  /** The tasks that a checkpoint started now must hear from. */
  participants(): readonly number[] {
    return [...this.#upstream.keys()].filter((task) => !this.#finished.has(task));
  }

  allRunning(): boolean {
    const participants = this.participants();
    return participants.length > 0 && participants.every((task) => this.running.has(task));
  }

  allEnded(): boolean {
    return this.participants().every((task) => this.ended.has(task));
  }

  targets(awaited: Iterable<number>, unaligned: boolean): readonly number[] {
    return triggerTargets(awaited, this.#upstream, this.ended, unaligned);
  }
}
