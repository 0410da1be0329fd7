import type { Column } from "../../contract/batch.ts";
import { bigint } from "../../contract/types.ts";
import { ColumnBuffer } from "../../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { stageIntegers } from "../../kernels/stage-column.ts";
import type { Accumulator, AggregateDefinition } from "./definition.ts";
import { type AggregateInput, validMask } from "./input.ts";
import { gathered } from "./row-words.ts";

/** [count i64] of the rows whose arguments are not NULL. */
export class CountAccumulator implements Accumulator {
  readonly bytes = 8;
  private readonly offset: number;
  private readonly arguments: readonly number[];
  private readonly stored = new ColumnBuffer();

  constructor(offset: number, args: readonly number[]) {
    this.offset = offset;
    this.arguments = args;
  }

  add(rows: Pointer, count: number, input: AggregateInput): void {
    kernels().run.addCount(rows, count, this.offset, validMask(input, this.arguments), input.weights);
  }

  merge(rows: Pointer, count: number, columns: readonly Column[]): void {
    kernels().run.addCounters(rows, count, this.offset, stageIntegers(columns[0] as Column, count));
  }

  mergeRows(into: Pointer, from: Pointer, count: number): void {
    kernels().run.addCounters(into, count, this.offset, gathered(from, count, this.offset));
  }

  store(rows: Pointer, count: number): readonly Column[] {
    return [this.finish(rows, count)];
  }

  finish(rows: Pointer, count: number): Column {
    return this.stored.i64(gathered(rows, count, this.offset), count, null);
  }
}

export const countStar: AggregateDefinition = {
  name: "count_star",
  doc: "Number of rows.",
  example: { sql: "SELECT count(*) FROM (VALUES (1), (NULL), (3)) t(x)" },
  accepts: (types) => types.length === 0,
  accumulators: () => [{ name: "count", type: bigint }],
  retractable: () => true,
  create: (_call, place) => new CountAccumulator(place.offset, []),
};

export const count: AggregateDefinition = {
  name: "count",
  doc: "Number of rows whose argument is not NULL.",
  example: { sql: "SELECT count(x) FROM (VALUES (1), (NULL), (3)) t(x)" },
  accepts: (types) => types.length === 1,
  accumulators: () => [{ name: "count", type: bigint }],
  retractable: () => true,
  create: (call, place) => new CountAccumulator(place.offset, call.arguments),
};
