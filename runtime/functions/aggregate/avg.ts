import type { Column } from "../../contract/batch.ts";
import type { AggregateCall } from "../../contract/job-graph.ts";
import { physicalOf, type SqlType } from "../../contract/types.ts";
import { ColumnBuffer } from "../../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import type { AggregateDefinition } from "./definition.ts";
import { ExactSum, FloatSum, isExact, sumFields } from "./sum.ts";
import { isNumeric, isTime } from "../../contract/type-classes.ts";

const hi_at = 8;
const exactCount_at = 16;
const floatCount_at = 8;
const two32 = 4_294_967_296;

/** The quotient of a 128-bit sum, correct in the last place: whole part and remainder apart where a double cannot hold the sum. */
function exactQuotient(lo: bigint, hi: bigint, divisor: bigint): number {
  const sum = (hi << 64n) + BigInt.asUintN(64, lo);
  return Number(sum / divisor) + Number(sum % divisor) / Number(divisor);
}

/** avg of integers and decimals: DOUBLE. */
class ExactAverage extends ExactSum {
  private readonly scale: number;
  private readonly out = new ColumnBuffer();
  private values = new Float64Array(0);

  constructor(call: AggregateCall, offset: number) {
    super(call, offset);
    const type = call.argumentTypes[0] as SqlType;
    this.scale = type.id === "decimal" ? 10 ** type.scale : 1;
  }

  finish(rows: Pointer, count: number): Column {
    const { mask, set } = this.seen(rows, count);
    if (this.values.length < count) this.values = new Float64Array(Math.max(64, count));
    const { u32, i32 } = kernels().heap();
    for (let i = 0; i < count; i++) {
      const row = ((u32[(rows >>> 2) + i] as number) + this.offset) >>> 2;
      this.values[i] = this.average(i32, row);
    }
    return { phys: "f64", values: this.values, validity: this.out.validity(mask, set, count) };
  }

  // A sum whose high parts are its sign fits 32 + 21 bits: a double holds it, and one division rounds once.
  private average(i32: Int32Array, row: number): number {
    const low = (i32[row] as number) >>> 0;
    const high = i32[row + 1] as number;
    const n = (i32[row + 4] as number) >>> 0;
    const small =
      high >= -1_048_576 && high < 1_048_576 && i32[row + 2] === high >> 31 && i32[row + 3] === high >> 31 && i32[row + 5] === 0;
    if (small) return (high * two32 + low) / (n * this.scale);
    const { i64 } = kernels().heap();
    const word = row >>> 1;
    const counted = i64[word + exactCount_at / 8] as bigint;
    if (counted === 0n) return 0;
    return exactQuotient(i64[word] as bigint, i64[word + hi_at / 8] as bigint, counted * BigInt(this.scale));
  }
}

/** Toward zero, but up where more than half of the divisor is left over: DuckDB's rounding of averaged times. */
function timeQuotient(sum: bigint, divisor: bigint): bigint {
  return sum / divisor + (sum % divisor > divisor / 2n ? 1n : 0n);
}

/** avg of times: a time again. Dates become timestamps. */
class TimeAverage extends ExactSum {
  private readonly unit: bigint;
  private readonly out = new ColumnBuffer();
  private values = new BigInt64Array(0);

  constructor(call: AggregateCall, offset: number) {
    super(call, offset);
    this.unit = call.argumentTypes[0]?.id === "date" && physicalOf(call.type) === "i64" ? 86_400_000_000n : 1n;
  }

  finish(rows: Pointer, count: number): Column {
    const { mask, set } = this.seen(rows, count);
    if (this.values.length < count) this.values = new BigInt64Array(Math.max(64, count));
    const { u32, i64 } = kernels().heap();
    for (let i = 0; i < count; i++) {
      const word = ((u32[(rows >>> 2) + i] as number) + this.offset) >>> 3;
      const n = i64[word + exactCount_at / 8] as bigint;
      const sum = ((i64[word + hi_at / 8] as bigint) << 64n) + BigInt.asUintN(64, i64[word] as bigint);
      this.values[i] = n === 0n ? 0n : timeQuotient(sum * this.unit, n);
    }
    return { phys: "i64", values: this.values, validity: this.out.validity(mask, set, count) };
  }
}

class FloatAverage extends FloatSum {
  private readonly out = new ColumnBuffer();
  private values = new Float64Array(0);

  finish(rows: Pointer, count: number): Column {
    const { mask, set } = this.seen(rows, count);
    if (this.values.length < count) this.values = new Float64Array(Math.max(64, count));
    const { u32, f64, i64 } = kernels().heap();
    for (let i = 0; i < count; i++) {
      const word = ((u32[(rows >>> 2) + i] as number) + this.offset) >>> 3;
      this.values[i] = (f64[word] as number) / Number(i64[word + floatCount_at / 8]);
    }
    return { phys: "f64", values: this.values, validity: this.out.validity(mask, set, count) };
  }
}

export const avg: AggregateDefinition = {
  name: "avg",
  aliases: ["mean"],
  doc: "Average of the values that are not NULL: exact sum, then one division; DOUBLE for numbers, a time for times.",
  example: { sql: "SELECT avg(x) FROM (VALUES (1), (2), (NULL), (4)) t(x)" },
  accepts: (types) => types.length === 1 && types.every((type) => isNumeric(type) || isTime(type)),
  accumulators: (call) => sumFields(call.argumentTypes[0] as SqlType),
  retractable: (call) => isExact(call.argumentTypes[0] as SqlType),
  create(call, place) {
    if (!isExact(call.argumentTypes[0] as SqlType)) return new FloatAverage(call, place.offset);
    return physicalOf(call.type) === "f64" ? new ExactAverage(call, place.offset) : new TimeAverage(call, place.offset);
  },
};
