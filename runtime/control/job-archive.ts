import { readRows } from "../checkpoint/job-records.ts";
import type { ArchivedJob } from "../contract/job-shape.ts";
import { noCounts } from "./job-info.ts";
import type { Store } from "../contract/store.ts";

/** Older ones are forgotten. */
const archived_max = 200;

/**
 * Jobs that have ended, as they were then: plan, exceptions, checkpoints (Flink's ExecutionGraphInfoStore and its history server).
 * They stay after the job itself is dropped, in `millrace.job_archive`.
 */
export class JobArchive {
  readonly #store: Store;
  #jobs: readonly ArchivedJob[];

  private constructor(store: Store, jobs: readonly ArchivedJob[]) {
    this.#store = store;
    this.#jobs = jobs;
  }

  static async open(store: Store): Promise<JobArchive> {
    const rows = await readRows(store, "SELECT document FROM millrace.job_archive ORDER BY archived");
    return new JobArchive(
      store,
      rows.map(([document]) => parse(document as string)),
    );
  }

  /** Oldest first. */
  get jobs(): readonly ArchivedJob[] {
    return this.#jobs;
  }

  of(id: string): ArchivedJob | null {
    return this.#jobs.find((job) => job.info.id === id) ?? null;
  }

  /** Keeps the job as it is now, in place of what was kept of it before. */
  async add(job: ArchivedJob): Promise<void> {
    const kept = [...this.#jobs.filter(({ info }) => info.id !== job.info.id), job];
    this.#jobs = kept.slice(-archived_max);
    const gone = [job, ...kept.slice(0, -archived_max)].map(({ info }) => info.id);
    const { id, name, state, started_ms, ended_ms } = job.info;
    await this.#store.transact(async (transaction) => {
      for (const one of gone) await transaction.run("DELETE FROM millrace.job_archive WHERE id = ?", [one]);
      await transaction.run(
        `INSERT INTO millrace.job_archive VALUES (?, ?, ?, epoch_ms(?::BIGINT), epoch_ms(?::BIGINT), epoch_ms(?::BIGINT), ?)`,
        [id, name, state, whole(started_ms), whole(ended_ms), whole(job.archived_ms), print(job)],
      );
    });
  }
}

const whole = (ms: number | null): bigint | null => (ms === null ? null : BigInt(Math.round(ms)));

const tag = "$bigint";

/** JSON has no bigint. */
const print = (job: ArchivedJob): string =>
  JSON.stringify(job, (_, value: unknown) => (typeof value === "bigint" ? { [tag]: String(value) } : value));

const parse = (document: string): ArchivedJob =>
  JSON.parse(document, (_, value: unknown) => {
    if (typeof value !== "object" || value === null) return value;
    if (tag in value) return BigInt(String(value[tag]));
    return "recordsIn" in value && "slot" in value ? { ...sinceCounted, ...value } : value;
  }) as ArchivedJob;

/** Of subtasks that were archived before these were counted. */
const sinceCounted = { ...noCounts, entered_ms: {} } as const;
