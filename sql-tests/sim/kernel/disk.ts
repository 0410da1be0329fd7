import { SqlError } from "../../../runtime/contract/errors.ts";
import type { Random } from "../../oracle/random/random.ts";
import type { Marks } from "../marks.ts";

/** Where a transaction meets the error. `lost` is the worst: it is committed, and the answer says that it failed. */
export type DiskPoint = "begin" | "append" | "commit" | "lost";

/** The disk under the store: what the seed has in mind for the next transactions. It outlives the server. */
export class Disk {
  /** Appends and commits fail while it is full. */
  full = false;
  /** Each call takes so much longer. */
  slow_ms = 0;
  /** DuckDB after an error of the disk that it could not undo: nothing works until it is opened again. */
  invalidated = false;
  #next: DiskPoint | null = null;
  readonly #random: Random;
  readonly marks: Marks;

  constructor(random: Random, marks: Marks) {
    this.#random = random;
    this.marks = marks;
  }

  failNext(point: DiskPoint): void {
    this.#next = point;
  }

  latency_ms(): number {
    return 0.1 + this.#random.below(20) * 0.05 + (this.slow_ms === 0 ? 0 : this.#random.below(this.slow_ms));
  }

  /** Throws if a call of the store fails here. */
  check(point: Exclude<DiskPoint, "lost">): void {
    if (this.invalidated) {
      const message = "database has been invalidated because of a previous fatal error: it must be restarted";
      throw new SqlError({ sqlState: "58030", message });
    }
    if (this.full && point !== "begin") {
      this.marks.add("disk full");
      throw new SqlError({ sqlState: "53100", message: "no space left on device" });
    }
    if (this.#next !== point) return;
    this.#next = null;
    this.marks.add(`disk error at ${point}`);
    throw new SqlError({ sqlState: "58030", message: `the disk failed at ${point}` });
  }

  /** After a commit: throws if its answer is lost, and with it the database. */
  committed(): void {
    if (this.#next !== "lost") return;
    this.#next = null;
    this.invalidated = true;
    this.marks.add("disk error after commit");
    throw new SqlError({ sqlState: "58030", message: "fatal: the log could not be synced" });
  }

  /** No more errors; an invalidated database stays what it is. */
  heal(): void {
    this.full = false;
    this.slow_ms = 0;
    this.#next = null;
  }

  reopened(): void {
    this.invalidated = false;
  }
}
