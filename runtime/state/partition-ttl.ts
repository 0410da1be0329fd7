import { Expiry } from "./expiry.ts";
import type { RowTable } from "./row-table.ts";

/**
 * Lets groups of a row table go, all their rows at once, some time after a row of theirs was last written: for answers that depend on
 * the whole group, which must not change when a part of it is forgotten. Times begin anew after a restart, as those of RowTtl.
 */
export class PartitionTtl {
  readonly #table: RowTable;
  readonly #expiry: Expiry;
  readonly #forgotten: (group: number) => void;

  /** `forgotten` is told of each group before its rows go. */
  constructor(ttl_ms: number, table: RowTable, forgotten: (group: number) => void) {
    this.#table = table;
    this.#expiry = new Expiry(ttl_ms);
    this.#forgotten = forgotten;
  }

  touch(group: number, now_ms: number): void {
    this.#expiry.touch(group, now_ms);
  }

  /** Every group that is there. */
  touchAll(now_ms: number): void {
    for (const row of this.#table.liveRows()) this.touch(this.#table.groupOf(row), now_ms);
  }

  expire(now_ms: number): void {
    this.#expiry.due(now_ms, (group) => {
      if (this.#table.firstOf(group) < 0) return;
      this.#forgotten(group);
      for (let row = this.#table.firstOf(group); row >= 0; row = this.#table.firstOf(group)) this.#table.remove(row);
    });
  }
}
