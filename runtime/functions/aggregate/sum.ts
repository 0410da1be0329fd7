import type { Column } from "../../contract/batch.ts";
import { SqlError } from "../../contract/errors.ts";
import type { AggregateCall } from "../../contract/job-graph.ts";
import { bigint, double, type Field, hugeint, physicalOf, type SqlType } from "../../contract/types.ts";
import { ColumnBuffer } from "../../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { stageF64, stageI64, stageIntegers } from "../../kernels/stage-column.ts";
import type { Accumulator, AggregateDefinition } from "./definition.ts";
import { type AggregateInput, validMask } from "./input.ts";
import { gathered, gatheredSet, negated } from "./row-words.ts";
import { isNumeric } from "../../contract/type-classes.ts";

const hi_at = 8;
const exactCount_at = 16;
const floatCount_at = 8;

/** Types whose sums are kept exactly, in 128 bits. */
export const isExact = (type: SqlType): boolean => {
  const phys = physicalOf(type);
  return phys === "i32" || phys === "i64" || phys === "i128" || phys === "u8";
};

const isSummable = (type: SqlType): boolean => type.id === "boolean" || isNumeric(type);

/** The accumulator of sum and avg. */
export const sumFields = (type: SqlType): readonly Field[] => [
  { name: "sum", type: isExact(type) ? hugeint : double },
  { name: "count", type: bigint },
];

function checkOverflow(overflow: number): void {
  if (overflow !== 0) throw new SqlError({ sqlState: "22003", message: "sum is out of range of HUGEINT" });
}

/** [sum lo, sum hi, count] over integers and decimals. */
export abstract class ExactSum implements Accumulator {
  readonly bytes = 24;
  protected readonly offset: number;
  private readonly argument: number;
  private readonly wide: boolean;
  private readonly sums = new ColumnBuffer();
  private readonly counts = new ColumnBuffer();

  constructor(call: AggregateCall, offset: number) {
    this.offset = offset;
    this.argument = call.arguments[0] as number;
    this.wide = physicalOf(call.argumentTypes[0] as SqlType) === "i128";
  }

  abstract finish(rows: Pointer, count: number): Column;

  add(rows: Pointer, count: number, input: AggregateInput): void {
    const { run } = kernels();
    const { staged, weights } = input;
    const mask = validMask(input, [this.argument]);
    if (this.wide)
      checkOverflow(run.sumI128(rows, count, this.offset, staged.low(this.argument), staged.high(this.argument), 0, mask, weights));
    else if (weights === 0) run.sumI64(rows, count, this.offset, staged.integers(this.argument), mask);
    else run.sumI64Weighted(rows, count, this.offset, staged.integers(this.argument), mask, weights);
  }

  merge(rows: Pointer, count: number, columns: readonly Column[]): void {
    const [sum, counts] = columns as readonly [Extract<Column, { phys: "i128" }>, Column];
    this.addSums(rows, count, stageI64(sum.lo, count), stageI64(sum.hi, count), stageIntegers(counts, count));
  }

  mergeRows(into: Pointer, from: Pointer, count: number): void {
    const counts = gathered(from, count, this.offset + exactCount_at);
    this.addSums(into, count, gathered(from, count, this.offset), gathered(from, count, this.offset + hi_at), counts);
  }

  unmergeRows(into: Pointer, from: Pointer, count: number): void {
    const { staging, heap } = kernels();
    const minusOnes = staging.bytes(count * 4);
    heap().i32.fill(-1, minusOnes >>> 2, (minusOnes >>> 2) + count);
    const counts = negated(from, count, this.offset + exactCount_at);
    this.addSums(into, count, gathered(from, count, this.offset), gathered(from, count, this.offset + hi_at), counts, minusOnes);
  }

  private addSums(rows: Pointer, count: number, lo: Pointer, hi: Pointer, counts: Pointer, weights: Pointer = 0): void {
    checkOverflow(kernels().run.sumI128(rows, count, this.offset, lo, hi, counts, 0, weights));
  }

  store(rows: Pointer, count: number): readonly Column[] {
    const sum = this.sums.i128(gathered(rows, count, this.offset), gathered(rows, count, this.offset + hi_at), count, null);
    return [sum, this.counts.i64(gathered(rows, count, this.offset + exactCount_at), count, null)];
  }

  /** Rows that had a value, as a staged mask. */
  protected seen(rows: Pointer, count: number): { readonly mask: Pointer; readonly set: number } {
    return gatheredSet(rows, count, this.offset + exactCount_at);
  }
}

class IntegerSum extends ExactSum {
  private readonly narrow: boolean;
  private readonly out = new ColumnBuffer();

  constructor(call: AggregateCall, offset: number) {
    super(call, offset);
    this.narrow = physicalOf(call.type) === "i64";
  }

  finish(rows: Pointer, count: number): Column {
    const { mask, set } = this.seen(rows, count);
    const validity = this.out.validity(mask, set, count);
    const lo = gathered(rows, count, this.offset);
    return this.narrow ? this.out.i64(lo, count, validity) : this.out.i128(lo, gathered(rows, count, this.offset + hi_at), count, validity);
  }
}

/** [sum f64, count] over doubles, added in the order of arrival. */
export abstract class FloatSum implements Accumulator {
  readonly bytes = 16;
  protected readonly offset: number;
  private readonly argument: number;
  private readonly sums = new ColumnBuffer();
  private readonly counts = new ColumnBuffer();

  constructor(call: AggregateCall, offset: number) {
    this.offset = offset;
    this.argument = call.arguments[0] as number;
  }

  abstract finish(rows: Pointer, count: number): Column;

  add(rows: Pointer, count: number, input: AggregateInput): void {
    const mask = validMask(input, [this.argument]);
    kernels().run.sumF64(rows, count, this.offset, input.staged.floats(this.argument), 0, mask, input.weights);
  }

  merge(rows: Pointer, count: number, columns: readonly Column[]): void {
    const [sum, counts] = columns as readonly [Extract<Column, { phys: "f64" }>, Column];
    kernels().run.sumF64(rows, count, this.offset, stageF64(sum.values, count), stageIntegers(counts, count), 0, 0);
  }

  mergeRows(into: Pointer, from: Pointer, count: number): void {
    const counts = gathered(from, count, this.offset + floatCount_at);
    kernels().run.sumF64(into, count, this.offset, gathered(from, count, this.offset), counts, 0, 0);
  }

  store(rows: Pointer, count: number): readonly Column[] {
    const sum = this.sums.f64(gathered(rows, count, this.offset), count, null);
    return [sum, this.counts.i64(gathered(rows, count, this.offset + floatCount_at), count, null)];
  }

  protected seen(rows: Pointer, count: number): { readonly mask: Pointer; readonly set: number } {
    return gatheredSet(rows, count, this.offset + floatCount_at);
  }
}

class DoubleSum extends FloatSum {
  private readonly out = new ColumnBuffer();

  finish(rows: Pointer, count: number): Column {
    const { mask, set } = this.seen(rows, count);
    return this.out.f64(gathered(rows, count, this.offset), count, this.out.validity(mask, set, count));
  }
}

export const sum: AggregateDefinition = {
  name: "sum",
  aliases: ["sum_no_overflow"],
  doc: "Sum of the values that are not NULL; exact in 128 bits for integers and decimals, NULL when there is none.",
  example: { sql: "SELECT sum(x) FROM (VALUES (9223372036854775807), (9223372036854775807), (NULL)) t(x)" },
  accepts: (types) => types.length === 1 && types.every(isSummable),
  accumulators: (call) => sumFields(call.argumentTypes[0] as SqlType),
  // A float that was added cannot be taken back exactly.
  retractable: (call) => isExact(call.argumentTypes[0] as SqlType),
  create: (call, place) =>
    isExact(call.argumentTypes[0] as SqlType) ? new IntegerSum(call, place.offset) : new DoubleSum(call, place.offset),
};
