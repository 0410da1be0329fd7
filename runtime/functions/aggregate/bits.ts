import type { Column } from "../../contract/batch.ts";
import type { AggregateCall } from "../../contract/job-graph.ts";
import { physicalOf, type SqlType } from "../../contract/types.ts";
import { ColumnBuffer } from "../../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { stageI64, stageIntegers, stageValidity } from "../../kernels/stage-column.ts";
import type { Accumulator, AggregateDefinition } from "./definition.ts";
import { type AggregateInput, validMask } from "./input.ts";
import { gathered, gatheredSet } from "./row-words.ts";
import { isInteger } from "../../contract/type-classes.ts";

/** [word, seen], and the same for the high word of 128 bits. */
const place_bytes = 16;
const seen_at = 8;

type BitOperation = 0 | 1 | 2;

class Bits implements Accumulator {
  readonly bytes: number;
  private readonly offset: number;
  private readonly argument: number;
  private readonly operation: BitOperation;
  private readonly phys: "i32" | "i64" | "i128";
  private readonly buffer = new ColumnBuffer();

  constructor(call: AggregateCall, offset: number, operation: BitOperation) {
    const phys = physicalOf(call.argumentTypes[0] as SqlType);
    if (phys !== "i32" && phys !== "i64" && phys !== "i128") throw new Error("invariant: bits are of integers");
    this.phys = phys;
    this.bytes = phys === "i128" ? 2 * place_bytes : place_bytes;
    this.offset = offset;
    this.argument = call.arguments[0] as number;
    this.operation = operation;
  }

  add(rows: Pointer, count: number, input: AggregateInput): void {
    const { staged } = input;
    const c = this.argument;
    const words = this.phys === "i128" ? [staged.low(c), staged.high(c)] : [staged.integers(c)];
    this.combine(rows, count, words, validMask(input, [c]));
  }

  merge(rows: Pointer, count: number, columns: readonly Column[]): void {
    const column = columns[0] as Column;
    const words = column.phys === "i128" ? [stageI64(column.lo, count), stageI64(column.hi, count)] : [stageIntegers(column, count)];
    this.combine(rows, count, words, stageValidity(column.validity, count));
  }

  mergeRows(into: Pointer, from: Pointer, count: number): void {
    this.combine(into, count, this.words(from, count), gatheredSet(from, count, this.offset + seen_at).mask);
  }

  store(rows: Pointer, count: number): readonly Column[] {
    return [this.finish(rows, count)];
  }

  finish(rows: Pointer, count: number): Column {
    const { mask, set } = gatheredSet(rows, count, this.offset + seen_at);
    const validity = this.buffer.validity(mask, set, count);
    const [low, high] = this.words(rows, count) as readonly [Pointer, Pointer];
    if (this.phys === "i128") return this.buffer.i128(low, high, count, validity);
    return this.buffer[this.phys](low, count, validity);
  }

  private combine(rows: Pointer, count: number, words: readonly Pointer[], mask: Pointer): void {
    for (const [i, pointer] of words.entries())
      kernels().run.combineBits(rows, count, this.offset + i * place_bytes, pointer, mask, this.operation);
  }

  private words(rows: Pointer, count: number): readonly Pointer[] {
    return Array.from({ length: this.bytes / place_bytes }, (_, i) => gathered(rows, count, this.offset + i * place_bytes));
  }
}

const xor = 2;

const bits = (name: string, doc: string, operation: BitOperation): AggregateDefinition => ({
  name,
  doc,
  example: { sql: `SELECT ${name}(x) FROM (VALUES (6), (NULL), (12), (5)) t(x)` },
  accepts: (types) => types.length === 1 && types.every(isInteger),
  accumulators: (call) => [{ name: "value", type: call.argumentTypes[0] as SqlType }],
  ofSet: operation !== xor,
  retractable: () => false,
  create: (call, place) => new Bits(call, place.offset, operation),
});

export const bitAnd = bits("bit_and", "Bitwise AND of the values that are not NULL.", 0);
export const bitOr = bits("bit_or", "Bitwise OR of the values that are not NULL.", 1);
export const bitXor = bits("bit_xor", "Bitwise XOR of the values that are not NULL.", xor);
