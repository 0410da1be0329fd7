import { IntList } from "./int-list.ts";
import type { RowTable } from "./row-table.ts";

/**
 * Lets rows of an append-only table go some time after they came. The times are in no checkpoint: after a restart that of all rows
 * begins anew, so none goes too soon.
 */
export class RowTtl {
  readonly #ttl_ms: number;
  readonly #table: RowTable;
  /** Rows in the order in which they came, with their time; those in front of `#first` are gone. */
  readonly #rows = new IntList();
  #times: number[] = [];
  #first = 0;

  constructor(ttl_ms: number, table: RowTable) {
    this.#ttl_ms = ttl_ms;
    this.#table = table;
  }

  came(rows: Int32Array, count: number, now_ms: number): void {
    for (let i = 0; i < count; i++) {
      this.#rows.push(rows[i] as number);
      this.#times.push(now_ms);
    }
  }

  /** Only here do rows leave the table, so a number stands for one row until then. */
  expire(now_ms: number): void {
    while (this.#first < this.#times.length && now_ms - (this.#times[this.#first] as number) >= this.#ttl_ms) {
      this.#table.remove(this.#rows.values[this.#first] as number);
      this.#first++;
    }
    if (this.#first > 1_024 && this.#first * 2 > this.#times.length) this.#compact();
  }

  #compact(): void {
    const rows = this.#rows.values.slice(this.#first, this.#times.length);
    this.#times = this.#times.slice(this.#first);
    this.#first = 0;
    this.#rows.clear();
    for (const row of rows) this.#rows.push(row);
  }
}
