import type { Column } from "../../contract/batch.ts";
import type { AggregateCall } from "../../contract/job-graph.ts";
import type { SqlType } from "../../contract/types.ts";
import { ColumnBuffer } from "../../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { stageValidity } from "../../kernels/stage-column.ts";
import type { Accumulator, AccumulatorPlace, AggregateDefinition } from "./definition.ts";
import { type AggregateInput, validMask } from "./input.ts";
import { isOrdered, KeptValue, keptValue_bytes, type ValueWords } from "./kept-value.ts";

interface ArgMode {
  readonly greatest: boolean;
  /** Whether a row whose argument is NULL may win. */
  readonly keepsNulls: boolean;
}

/** The first argument of the row with the least or greatest second one: two kept values, the second follows the first. */
class ArgExtreme implements Accumulator {
  readonly bytes = 2 * keptValue_bytes;
  private readonly byOffset: number;
  private readonly valueOffset: number;
  private readonly valueArgument: number;
  private readonly byArgument: number;
  private readonly mode: ArgMode;
  private readonly value: KeptValue;
  private readonly by: KeptValue;
  private readonly values = new ColumnBuffer();
  private readonly bys = new ColumnBuffer();

  constructor(call: AggregateCall, place: AccumulatorPlace, mode: ArgMode) {
    this.byOffset = place.offset;
    this.valueOffset = place.offset + keptValue_bytes;
    this.valueArgument = call.arguments[0] as number;
    this.byArgument = call.arguments[1] as number;
    this.mode = mode;
    this.value = new KeptValue(call.argumentTypes[0] as SqlType, place.dictionary);
    this.by = new KeptValue(call.argumentTypes[1] as SqlType, place.dictionary);
  }

  add(rows: Pointer, count: number, input: AggregateInput): void {
    const { staged } = input;
    const mask = validMask(input, this.mode.keepsNulls ? [this.byArgument] : [this.valueArgument, this.byArgument]);
    const by = this.by.ofInput(staged, this.byArgument);
    this.keep(rows, count, by, mask, this.value.ofInput(staged, this.valueArgument), staged.validity(this.valueArgument));
  }

  merge(rows: Pointer, count: number, columns: readonly Column[]): void {
    const [value, by] = columns as readonly [Column, Column];
    const mask = stageValidity(by.validity, count);
    this.keep(rows, count, this.by.encode(by, count), mask, this.value.encode(value, count), stageValidity(value.validity, count));
  }

  mergeRows(into: Pointer, from: Pointer, count: number): void {
    const by = this.by.ofRows(from, count, this.byOffset);
    const value = this.value.ofRows(from, count, this.valueOffset);
    const validity = this.value.held(from, count, this.valueOffset).mask;
    this.keep(into, count, by, this.by.held(from, count, this.byOffset).mask, value, validity);
  }

  store(rows: Pointer, count: number): readonly Column[] {
    return [this.finish(rows, count), this.by.read(rows, count, this.byOffset, this.bys)];
  }

  finish(rows: Pointer, count: number): Column {
    return this.value.read(rows, count, this.valueOffset, this.values);
  }

  release(rows: Pointer, count: number): void {
    const { run } = kernels();
    if (this.by.holdsStrings) run.releaseValues(rows, count, this.byOffset);
    if (this.value.holdsStrings) run.releaseValues(rows, count, this.valueOffset);
  }

  private keep(rows: Pointer, count: number, by: ValueWords, mask: Pointer, value: ValueWords, validity: Pointer): void {
    const { run, staging } = kernels();
    const won = staging.bytes(count);
    run.keepExtreme(rows, count, this.byOffset, by.first, by.second, mask, this.by.order, this.mode.greatest ? 1 : 0, won);
    run.keepValue(rows, count, this.valueOffset, value.first, value.second, validity, won, 0, this.value.holdsStrings ? 1 : 0);
  }
}

const argExtreme = (name: string, aliases: readonly string[], mode: ArgMode): AggregateDefinition => {
  const which = mode.greatest ? "greatest" : "least";
  return {
    name,
    aliases,
    doc: `First argument of the row whose second one is ${which}${mode.keepsNulls ? ", NULL or not" : ", among rows where neither is NULL"}.`,
    example: { sql: `SELECT ${name}(x, y) FROM (VALUES ('b', 2), (NULL, 1), (NULL, 9), ('a', 3), ('c', NULL)) t(x, y)` },
    accepts: (types) => types.length === 2 && types[1] !== undefined && isOrdered(types[1]),
    accumulators: (call) => [
      { name: "value", type: call.argumentTypes[0] as SqlType },
      { name: "by", type: call.argumentTypes[1] as SqlType },
    ],
    ofSet: true,
    retractable: () => false,
    create: (call, place) => new ArgExtreme(call, place, mode),
  };
};

export const argMin = argExtreme("arg_min", ["argmin", "min_by"], { greatest: false, keepsNulls: false });
export const argMax = argExtreme("arg_max", ["argmax", "max_by"], { greatest: true, keepsNulls: false });
export const argMinNull = argExtreme("arg_min_null", [], { greatest: false, keepsNulls: true });
export const argMaxNull = argExtreme("arg_max_null", [], { greatest: true, keepsNulls: true });
