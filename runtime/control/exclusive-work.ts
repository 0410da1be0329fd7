import { SqlError } from "../contract/errors.ts";
import { deferred } from "../contract/wait.ts";

/** What one statement at a time does with a job. A change can be interrupted: it ends with an error once the job has been canceled. */
export type WorkKind = "submit" | "change" | "rename" | "drop";

const words = {
  submit: "created",
  change: "resumed or altered",
  rename: "renamed",
  drop: "dropped",
} as const satisfies Readonly<Record<WorkKind, string>>;

interface Work {
  readonly kind: WorkKind;
  readonly ended: Promise<void>;
}

/** Work on jobs by their names, one piece at a time each: whoever comes second is told so, and does not wait. */
export class ExclusiveWork {
  readonly #underWay = new Map<string, Work>();

  isUnderWay(job: string): boolean {
    return this.#underWay.has(job);
  }

  /** Throws SqlError 55006 while there is some. */
  requireNone(job: string): void {
    const work = this.#underWay.get(job);
    if (work !== undefined) throw new SqlError({ sqlState: "55006", message: `job "${job}" is being ${words[work.kind]}` });
  }

  async run(job: string, kind: WorkKind, work: () => Promise<void>): Promise<void> {
    this.requireNone(job);
    const over = deferred<void>();
    this.#underWay.set(job, { kind, ended: over.promise });
    try {
      await work();
    } finally {
      this.#underWay.delete(job);
      over.resolve();
    }
  }

  /** Cancels; a change that is under way is awaited, as it may run the job on. Throws SqlError 55006 where another kind of work is. */
  async interrupt(job: string, cancel: () => Promise<void>): Promise<void> {
    const work = this.#underWay.get(job);
    if (work !== undefined && work.kind !== "change") this.requireNone(job);
    await cancel();
    await work?.ended;
  }
}
