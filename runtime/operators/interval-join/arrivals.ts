import { type Batch, type Column, words } from "../../contract/batch.ts";
import { hashRows } from "../../contract/hash.ts";
import type { IntervalJoinSpec } from "../../contract/job-graph.ts";
import type { Watermark } from "../../contract/operator.ts";
import type { SideOptions } from "./interval-side.ts";
import { fates, type Probe } from "./time-bucket.ts";
import { approximate_us, gap_us, lanesOf } from "./times.ts";

/** What is to be done with the rows of a batch once they were joined with what was there. Reused: read before the next batch. */
export interface Sorted {
  /** Rows to buffer, and their fates. */
  readonly stored: Int32Array;
  readonly fate: Uint8Array | null;
  /** Rows without a match that cannot find one any more, where that is a result. */
  readonly unmatched: Int32Array;
  /** Rows that came too late for any partner. */
  readonly dropped: number;
}

/** The rows of one batch of one input: what they look for, and what becomes of them. */
export class Arrivals {
  readonly #options: SideOptions & { readonly nullSafe: readonly boolean[] };
  readonly #low_us: number;
  readonly #high_us: number;
  #batch: Batch = { rows: 0, columns: [], weights: null };
  #watermark = lanesOf(0n);
  hashes = new Int32Array(0);
  /** Per row: it found a partner. */
  matched = new Uint8Array(0);
  #bounds_us = new Float64Array(0);
  #stored = new Int32Array(0);
  #fate = new Uint8Array(0);
  #skip: Uint8Array | null = null;

  constructor(options: SideOptions & { readonly nullSafe: readonly boolean[] }) {
    this.#options = options;
    this.#low_us = Number(options.low_us);
    this.#high_us = Number(options.high_us);
  }

  begin(batch: Batch, watermark: Watermark): void {
    const { rows } = batch;
    this.#batch = batch;
    this.#watermark = lanesOf(watermark);
    if (this.hashes.length < rows) {
      this.hashes = new Int32Array(rows);
      this.matched = new Uint8Array(rows);
      this.#bounds_us = new Float64Array(rows);
      this.#stored = new Int32Array(rows);
      this.#fate = new Uint8Array(rows);
    }
    hashRows(batch, this.#options.keys, this.hashes);
    this.matched.fill(0, 0, rows);
    this.#skip = nullKeys(batch, this.#options.keys, this.#options.nullSafe);
  }

  /** A late row finds only partners that are not past themselves, so that what it finds does not hang on when those were forgotten. */
  probe(): Probe {
    const times = this.#times();
    const bounds_us = this.#bounds_us;
    const low_us = this.#low_us;
    let least = Number.POSITIVE_INFINITY;
    let greatest = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < this.#batch.rows; i++) {
      const late_us = gap_us(this.#watermark, 0, times, i);
      bounds_us[i] = late_us < 0 ? low_us : low_us + late_us + 1;
      const time = approximate_us(times, i);
      if (time < least) least = time;
      if (time > greatest) greatest = time;
    }
    const { keys } = this.#options;
    return {
      batch: this.#batch,
      keys,
      hashes: this.hashes,
      times,
      skip: this.#skip,
      low_us: bounds_us,
      high_us: this.#high_us,
      from_us: least + low_us,
      to_us: greatest + this.#high_us,
    };
  }

  /** Only the left rows of semi and anti need no second match. */
  end(join: IntervalJoinSpec["join"]): Sorted {
    const { tracksFates } = this.#options;
    const once = tracksFates && (join === "semi" || join === "anti");
    const times = this.#times();
    const stored = this.#stored;
    const unmatched: number[] = [];
    let kept = 0;
    let dropped = 0;
    for (let i = 0; i < this.#batch.rows; i++) {
      const isMatched = this.matched[i] === 1;
      if (once && isMatched) continue;
      const late_us = gap_us(this.#watermark, 0, times, i);
      const isAlone = this.#skip !== null && this.#skip[i] === 1;
      if (late_us < this.#high_us && !isAlone) {
        this.#fate[kept] = isMatched ? fates.matched : fates.fresh;
        stored[kept++] = i;
        continue;
      }
      if (isMatched) continue;
      if (tracksFates && join !== "semi") unmatched.push(i);
      else if (late_us >= Math.max(0, this.#high_us - Math.min(0, this.#low_us))) dropped++;
    }
    return {
      stored: stored.subarray(0, kept),
      fate: tracksFates ? this.#fate.subarray(0, kept) : null,
      unmatched: Int32Array.from(unmatched),
      dropped,
    };
  }

  #times(): Int32Array {
    return words((this.#batch.columns[this.#options.time] as Extract<Column, { phys: "i64" }>).values);
  }
}

/** Rows that equal nothing because a key is NULL; null when there are none. */
function nullKeys(batch: Batch, keys: readonly number[], nullSafe: readonly boolean[]): Uint8Array | null {
  let skip: Uint8Array | null = null;
  for (const [k, key] of keys.entries()) {
    const { validity } = batch.columns[key] as Column;
    if (validity === null || nullSafe[k] === true) continue;
    skip ??= new Uint8Array(batch.rows);
    for (let i = 0; i < batch.rows; i++) if (validity[i] === 0) skip[i] = 1;
  }
  return skip;
}
