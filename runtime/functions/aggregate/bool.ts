import type { Column, Validity } from "../../contract/batch.ts";
import { bigint, physicalOf, type SqlType } from "../../contract/types.ts";
import { ColumnBuffer } from "../../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { gatheredSet } from "./row-words.ts";
import { Counters } from "./counters.ts";
import type { AggregateDefinition } from "./definition.ts";
import { validMask } from "./input.ts";

const valueCounter = 1;
const counter_bytes = 8;

const truthFields = [
  { name: "true", type: bigint },
  { name: "count", type: bigint },
] as const;

/** Counts the rows that are true and those that are not NULL, so that rows can be taken back. */
abstract class TruthCounts extends Counters {
  protected readonly out = new ColumnBuffer();

  constructor(offset: number, argument: number) {
    super(offset, 2, (input) => [input.staged.both(input.mask, input.staged.truth(argument)), validMask(input, [argument])]);
  }

  protected validity(rows: Pointer, count: number): Validity {
    const { mask, set } = gatheredSet(rows, count, this.offset + valueCounter * counter_bytes);
    return this.out.validity(mask, set, count);
  }
}

class BoolAndOr extends TruthCounts {
  private readonly all: boolean;

  constructor(offset: number, argument: number, all: boolean) {
    super(offset, argument);
    this.all = all;
  }

  finish(rows: Pointer, count: number): Column {
    const truths = this.counter(rows, count, 0) >>> 3;
    const values = this.counter(rows, count, valueCounter) >>> 3;
    const { i64 } = kernels().heap();
    const results = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const least = this.all ? (i64[values + i] as bigint) : 1n;
      results[i] = (i64[truths + i] as bigint) >= least ? 1 : 0;
    }
    return { phys: "u8", values: results, validity: this.validity(rows, count) };
  }
}

/** HUGEINT in DuckDB. */
class CountIf extends TruthCounts {
  private readonly wide: boolean;

  constructor(offset: number, argument: number, type: SqlType) {
    super(offset, argument);
    this.wide = physicalOf(type) === "i128";
  }

  finish(rows: Pointer, count: number): Column {
    const truths = this.counter(rows, count, 0);
    const validity = this.validity(rows, count);
    if (!this.wide) return this.out.i64(truths, count, validity);
    const { staging, heap } = kernels();
    const high = staging.bytes(count * 8);
    heap().u8.fill(0, high, high + count * 8);
    return this.out.i128(truths, high, count, validity);
  }
}

const isBoolean = (types: readonly SqlType[]): boolean => types.length === 1 && types[0]?.id === "boolean";

const overTruths = (name: string, doc: string, all: boolean): AggregateDefinition => ({
  name,
  doc,
  example: { sql: `SELECT ${name}(x) FROM (VALUES (true), (NULL), (false)) t(x)` },
  accepts: isBoolean,
  ofSet: true,
  accumulators: () => truthFields,
  retractable: () => true,
  create: (call, place) => new BoolAndOr(place.offset, call.arguments[0] as number, all),
});

export const boolAnd = overTruths("bool_and", "Whether every value that is not NULL is true; NULL when there is none.", true);
export const boolOr = overTruths("bool_or", "Whether any value is true; NULL when all are NULL.", false);

export const countIf: AggregateDefinition = {
  name: "count_if",
  aliases: ["countif"],
  doc: "Number of rows where the argument is true; NULL when all are NULL.",
  example: { sql: "SELECT count_if(x) FROM (VALUES (true), (NULL), (false), (true)) t(x)" },
  accepts: isBoolean,
  accumulators: () => truthFields,
  retractable: () => true,
  create: (call, place) => new CountIf(place.offset, call.arguments[0] as number, call.type),
};
