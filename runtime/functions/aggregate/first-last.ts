import type { Column } from "../../contract/batch.ts";
import type { AggregateCall } from "../../contract/job-graph.ts";
import { boolean, type SqlType } from "../../contract/types.ts";
import { ColumnBuffer } from "../../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { stageU8, stageValidity } from "../../kernels/stage-column.ts";
import type { Accumulator, AccumulatorPlace, AggregateDefinition } from "./definition.ts";
import { type AggregateInput, validMask } from "./input.ts";
import { KeptValue, keptValue_bytes, type ValueWords } from "./kept-value.ts";
import { gatheredSet } from "./row-words.ts";

const state_at = 16;

interface Pick {
  readonly first: boolean;
  readonly ignoresNulls: boolean;
}

/** The first or last value in order of arrival. */
class Picked implements Accumulator {
  readonly bytes = keptValue_bytes;
  private readonly offset: number;
  private readonly argument: number;
  private readonly pick: Pick;
  private readonly value: KeptValue;
  private readonly values = new ColumnBuffer();
  private readonly seen = new ColumnBuffer();

  constructor(call: AggregateCall, place: AccumulatorPlace, pick: Pick) {
    this.offset = place.offset;
    this.argument = call.arguments[0] as number;
    this.pick = pick;
    this.value = new KeptValue(call.argumentTypes[0] as SqlType, place.dictionary);
  }

  add(rows: Pointer, count: number, input: AggregateInput): void {
    const { staged } = input;
    const mask = this.pick.ignoresNulls ? validMask(input, [this.argument]) : input.mask;
    this.keep(rows, count, this.value.ofInput(staged, this.argument), staged.validity(this.argument), mask);
  }

  merge(rows: Pointer, count: number, columns: readonly Column[]): void {
    const [value, seen] = columns;
    if (value === undefined || seen?.phys !== "u8") throw new Error("invariant: a picked value is (value, seen)");
    this.keep(rows, count, this.value.encode(value, count), stageValidity(value.validity, count), stageU8(seen.values, count));
  }

  mergeRows(into: Pointer, from: Pointer, count: number): void {
    const { mask } = gatheredSet(from, count, this.offset + state_at);
    this.keep(into, count, this.value.ofRows(from, count, this.offset), this.value.held(from, count, this.offset).mask, mask);
  }

  store(rows: Pointer, count: number): readonly Column[] {
    const { mask } = gatheredSet(rows, count, this.offset + state_at);
    return [this.finish(rows, count), this.seen.flags(mask, count)];
  }

  finish(rows: Pointer, count: number): Column {
    return this.value.read(rows, count, this.offset, this.values);
  }

  release(rows: Pointer, count: number): void {
    if (this.value.holdsStrings) kernels().run.releaseValues(rows, count, this.offset);
  }

  private keep(rows: Pointer, count: number, words: ValueWords, validity: Pointer, mask: Pointer): void {
    const { first, second } = words;
    const { run } = kernels();
    run.keepValue(rows, count, this.offset, first, second, validity, mask, this.pick.first ? 1 : 0, this.value.holdsStrings ? 1 : 0);
  }
}

const picked = (name: string, aliases: readonly string[], doc: string, pick: Pick): AggregateDefinition => ({
  name,
  aliases,
  doc,
  example: { sql: `SELECT ${name}(x) FROM (VALUES (NULL), ('b'), ('a string of more than 7 bytes')) t(x)` },
  accepts: (types) => types.length === 1,
  accumulators: (call) => [
    { name: "value", type: call.argumentTypes[0] as SqlType },
    { name: "seen", type: boolean },
  ],
  retractable: () => false,
  create: (call, place) => new Picked(call, place, pick),
});

export const first = picked("first", ["arbitrary"], "Value of the row that came first, which may be NULL.", {
  first: true,
  ignoresNulls: false,
});
export const last = picked("last", [], "Value of the row that came last, which may be NULL.", { first: false, ignoresNulls: false });
export const anyValue = picked("any_value", [], "The first value that is not NULL.", { first: true, ignoresNulls: true });
