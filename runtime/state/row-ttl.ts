import { Expiry } from "./expiry.ts";
import type { RowTable } from "./row-table.ts";

/**
 * Lets rows of a table go some time after they were last written. The times are in no checkpoint: after a restart that of all rows
 * begins anew, so none goes too soon.
 */
export class RowTtl {
  readonly #table: RowTable;
  readonly #expiry: Expiry;

  constructor(ttl_ms: number, table: RowTable) {
    this.#table = table;
    this.#expiry = new Expiry(ttl_ms);
  }

  touch(row: number, now_ms: number): void {
    this.#expiry.touch(row, now_ms);
  }

  /** Every row that is there. */
  touchAll(now_ms: number): void {
    for (const row of this.#table.liveRows()) this.touch(row, now_ms);
  }

  /** Lets rows go that `mayGo`; the time of others begins anew. */
  expire(now_ms: number, mayGo: (row: number) => boolean): void {
    this.#expiry.due(now_ms, (row) => {
      if (this.#table.countOf(row) === 0) return;
      if (mayGo(row)) this.#table.remove(row);
      else this.touch(row, now_ms);
    });
  }
}
