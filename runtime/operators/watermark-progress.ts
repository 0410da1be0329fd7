import { words } from "../contract/batch.ts";
import { type Watermark, watermark_min } from "../contract/operator.ts";

/** High words of the times that a double holds exactly: -2^53 to 2^53 µs, the years 1684 to 2255. */
const exactHighWord = 0x20_0000;

/**
 * How far the watermark is, row by row. A row is late *as a row* when its time is not above the watermark that the rows before
 * it made. A cut is due in front of such a row, unless that watermark was emitted already: then whoever gets the row knows.
 */
export class WatermarkProgress {
  /** The greatest watermark of all rows so far. */
  current: Watermark = watermark_min;
  emitted: Watermark = watermark_min;

  /**
   * Advances over rows from `from` on, whose watermarks are their times less `delay_us`. Returns the row in front of which to
   * cut, or `rows`. `exact` is what `isExact` says of the batch. The common case, times in order, is one comparison of
   * doubles a row.
   */
  advanceByDelay(times: BigInt64Array, from: number, rows: number, delay_us: bigint, exact: boolean): number {
    if (!exact || !isExactTime(this.current) || !isExactTime(delay_us)) {
      return this.#advanceExactly(times, from, rows, (row) => (times[row] as bigint) - delay_us);
    }
    const lanes = words(times);
    const delay = Number(delay_us);
    let greatest = this.current === watermark_min ? Number.NEGATIVE_INFINITY : Number(this.current) + delay;
    let news = this.current > this.emitted;
    let row = from;
    for (; row < rows; row++) {
      const time = (lanes[2 * row + 1] as number) * 4_294_967_296 + ((lanes[2 * row] as number) >>> 0);
      if (news && time <= greatest - delay) break;
      if (time > greatest) {
        greatest = time;
        news = true;
      }
    }
    if (greatest !== Number.NEGATIVE_INFINITY) this.current = BigInt(greatest - delay);
    return row;
  }

  /** The same for watermarks from an expression; a NULL one says nothing. */
  advanceByValues(times: BigInt64Array, from: number, rows: number, values: BigInt64Array, validity: Uint8Array | null): number {
    return this.#advanceExactly(times, from, rows, (row) => (validity === null || validity[row] === 1 ? (values[row] as bigint) : null));
  }

  #advanceExactly(times: BigInt64Array, from: number, rows: number, watermarkOf: (row: number) => bigint | null): number {
    for (let row = from; row < rows; row++) {
      if (this.current > this.emitted && (times[row] as bigint) <= this.current) return row;
      const watermark = watermarkOf(row);
      if (watermark !== null && watermark > this.current) this.current = watermark;
    }
    return rows;
  }
}

const isExactTime = (time: bigint): boolean => time === watermark_min || (time > -(2n ** 52n) && time < 2n ** 52n);

/** The greatest distance of a high word from 0, sign folded away: says in one pass how far from 1970 a batch goes. */
export function farthestHighWord(times: BigInt64Array, rows: number): number {
  const lanes = words(times);
  let farthest = 0;
  for (let w = 1; w < 2 * rows; w += 2) {
    const high = lanes[w] as number;
    // Every bit that is set in some word is set here: enough to compare with powers of two.
    farthest |= high ^ (high >> 31);
  }
  return farthest;
}

/** Whether doubles hold all the times. */
export const isExact = (farthest: number): boolean => farthest < exactHighWord;

/** Infinities have the high words 2^31 - 1 and -2^31. */
export const mayBeInfinite = (farthest: number): boolean => farthest === 0x7fff_ffff;
