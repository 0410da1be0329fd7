import { kernels, type Pointer } from "../kernels/kernels.ts";
import type { GroupTable } from "./group-table.ts";
import { staged } from "./group-table.ts";

const rows_perPass = 65_536;
/** Groups are looked through so often in their time to live. */
const passes = 10;
const pass_ms_min = 1_000;

/**
 * When each group was last touched, in its packed row. It is in no checkpoint: after a restart the time of all groups begins anew,
 * so none is forgotten too soon. A group that was read too late is forgotten then, so no result depends on when one looks.
 */
export class GroupTtl {
  /** In a packed row, at `offset`. */
  static readonly bytes = 8;
  readonly #ttl_ms: number;
  readonly #table: GroupTable;
  readonly #offset: number;
  #nextPass_ms: number | null = null;

  constructor(ttl_ms: number | undefined, table: GroupTable, offset: number) {
    this.#ttl_ms = ttl_ms ?? Number.POSITIVE_INFINITY;
    this.#table = table;
    this.#offset = offset;
  }

  /** Notes that rows are touched; returns those whose time was over before. */
  touch(rows: Pointer, count: number, now_ms: number): readonly number[] {
    const { u32, f64 } = kernels().heap();
    const over: number[] = [];
    for (let i = 0; i < count; i++) {
      const row = u32[(rows >>> 2) + i] as number;
      const at = (row + this.#offset) >>> 3;
      const touched_ms = f64[at] as number;
      if (touched_ms !== 0 && now_ms - touched_ms >= this.#ttl_ms) over.push(row);
      f64[at] = now_ms;
    }
    return over;
  }

  /** Groups whose time is over, from time to time. Those that were restored begin theirs. */
  expired(now_ms: number): readonly number[] {
    const due = this.#nextPass_ms === null || now_ms >= this.#nextPass_ms;
    if (!due) return [];
    this.#nextPass_ms = now_ms + Math.max(pass_ms_min, this.#ttl_ms / passes);
    const over: number[] = [];
    for (let position: number | null = 0; position !== null; ) position = this.#pass(position, now_ms, over);
    return over;
  }

  #pass(position: number, now_ms: number, over: number[]): number | null {
    return staged(() => {
      const rows = kernels().staging.bytes(rows_perPass * 4);
      const { count, next } = this.#table.rows(position, rows_perPass, rows);
      const { u32, f64 } = kernels().heap();
      for (let i = 0; i < count; i++) {
        const row = u32[(rows >>> 2) + i] as number;
        const at = (row + this.#offset) >>> 3;
        const touched_ms = f64[at] as number;
        if (touched_ms === 0) f64[at] = now_ms;
        else if (now_ms - touched_ms >= this.#ttl_ms) over.push(row);
      }
      return next;
    });
  }
}
