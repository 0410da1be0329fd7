import type { Column } from "../../contract/batch.ts";
import { bigint, double } from "../../contract/types.ts";
import { ColumnBuffer } from "../../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { stageF64, stageIntegers, stageU8 } from "../../kernels/stage-column.ts";
import type { Accumulator, AggregateDefinition } from "./definition.ts";
import { type AggregateInput, validMask } from "./input.ts";
import { gathered, gatheredSet } from "./row-words.ts";
import { isFloat } from "../../contract/type-classes.ts";

const count_at = 8;

/** [product f64, count]; a group without values has count 0 and an arbitrary product. */
class Product implements Accumulator {
  readonly bytes = 16;
  private readonly offset: number;
  private readonly argument: number;
  private readonly products = new ColumnBuffer();
  private readonly counts = new ColumnBuffer();
  private readonly out = new ColumnBuffer();

  constructor(offset: number, argument: number) {
    this.offset = offset;
    this.argument = argument;
  }

  add(rows: Pointer, count: number, input: AggregateInput): void {
    const mask = validMask(input, [this.argument]);
    kernels().run.productF64(rows, count, this.offset, input.staged.floats(this.argument), 0, mask);
  }

  merge(rows: Pointer, count: number, columns: readonly Column[]): void {
    const [product, counts] = columns;
    if (product?.phys !== "f64" || counts?.phys !== "i64") throw new Error("invariant: a product is (product, count)");
    const seen = Uint8Array.from({ length: count }, (_, i) => (counts.values[i] === 0n ? 0 : 1));
    const values = stageF64(product.values, count);
    kernels().run.productF64(rows, count, this.offset, values, stageIntegers(counts, count), stageU8(seen, count));
  }

  mergeRows(into: Pointer, from: Pointer, count: number): void {
    const counts = gathered(from, count, this.offset + count_at);
    const { mask } = gatheredSet(from, count, this.offset + count_at);
    kernels().run.productF64(into, count, this.offset, gathered(from, count, this.offset), counts, mask);
  }

  store(rows: Pointer, count: number): readonly Column[] {
    const product = this.products.f64(gathered(rows, count, this.offset), count, null);
    return [product, this.counts.i64(gathered(rows, count, this.offset + count_at), count, null)];
  }

  finish(rows: Pointer, count: number): Column {
    const { mask, set } = gatheredSet(rows, count, this.offset + count_at);
    return this.out.f64(gathered(rows, count, this.offset), count, this.out.validity(mask, set, count));
  }
}

export const product: AggregateDefinition = {
  name: "product",
  doc: "Product of the values that are not NULL.",
  example: { sql: "SELECT product(x::DOUBLE) FROM (VALUES (2), (NULL), (3.5)) t(x)" },
  accepts: (types) => types.length === 1 && types.every(isFloat),
  accumulators: () => [
    { name: "product", type: double },
    { name: "count", type: bigint },
  ],
  retractable: () => false,
  create: (call, place) => new Product(place.offset, call.arguments[0] as number),
};
