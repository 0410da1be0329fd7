import type { Column } from "../../contract/batch.ts";
import type { AggregateCall } from "../../contract/job-graph.ts";
import type { SqlType } from "../../contract/types.ts";
import { ColumnBuffer } from "../../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { stageValidity } from "../../kernels/stage-column.ts";
import type { Accumulator, AccumulatorPlace, AggregateDefinition } from "./definition.ts";
import { type AggregateInput, validMask } from "./input.ts";
import { isOrdered, KeptValue, keptValue_bytes, type ValueWords } from "./kept-value.ts";

class Extreme implements Accumulator {
  readonly bytes = keptValue_bytes;
  private readonly offset: number;
  private readonly argument: number;
  private readonly greatest: boolean;
  private readonly value: KeptValue;
  private readonly buffer = new ColumnBuffer();

  constructor(call: AggregateCall, place: AccumulatorPlace, greatest: boolean) {
    this.offset = place.offset;
    this.argument = call.arguments[0] as number;
    this.greatest = greatest;
    this.value = new KeptValue(call.argumentTypes[0] as SqlType, place.dictionary);
  }

  add(rows: Pointer, count: number, input: AggregateInput): void {
    this.keep(rows, count, this.value.ofInput(input.staged, this.argument), validMask(input, [this.argument]));
  }

  merge(rows: Pointer, count: number, columns: readonly Column[]): void {
    const column = columns[0] as Column;
    this.keep(rows, count, this.value.encode(column, count), stageValidity(column.validity, count));
  }

  mergeRows(into: Pointer, from: Pointer, count: number): void {
    const { mask } = this.value.held(from, count, this.offset);
    this.keep(into, count, this.value.ofRows(from, count, this.offset), mask);
  }

  store(rows: Pointer, count: number): readonly Column[] {
    return [this.finish(rows, count)];
  }

  finish(rows: Pointer, count: number): Column {
    return this.value.read(rows, count, this.offset, this.buffer);
  }

  release(rows: Pointer, count: number): void {
    if (this.value.holdsStrings) kernels().run.releaseValues(rows, count, this.offset);
  }

  private keep(rows: Pointer, count: number, { first, second }: ValueWords, mask: Pointer): void {
    const { run } = kernels();
    const { order } = this.value;
    if (order !== 0) run.keepExtreme(rows, count, this.offset, first, second, mask, order, this.greatest ? 1 : 0, 0);
    else if (this.greatest) run.maxI64(rows, count, this.offset, first, mask);
    else run.minI64(rows, count, this.offset, first, mask);
  }
}

const extreme = (name: string, doc: string, greatest: boolean): AggregateDefinition => ({
  name,
  doc,
  example: { sql: `SELECT ${name}(x) FROM (VALUES ('b'), (NULL), ('a somewhat longer text'), ('')) t(x)` },
  accepts: (types) => types.length === 1 && types.every(isOrdered),
  accumulators: (call) => [{ name: "value", type: call.argumentTypes[0] as SqlType }],
  ofSet: true,
  retractable: () => false,
  create: (call, place) => new Extreme(call, place, greatest),
});

export const min = extreme("min", "Least value that is not NULL; NaN is greatest, strings by bytes.", false);
export const max = extreme("max", "Greatest value that is not NULL; NaN is greatest, strings by bytes.", true);
