import type { Column } from "../../contract/batch.ts";
import type { AggregateCall } from "../../contract/job-graph.ts";
import { columnOf, valueAt } from "../../contract/rows.ts";
import { bigint, double, type Field, varchar } from "../../contract/types.ts";
import type { Value } from "../../contract/value.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { Cells } from "./cells.ts";
import type { Accumulator, AccumulatorPlace, AggregateDefinition } from "./definition.ts";
import { type Dyadic, dyadicFromText, dyadicOf, dyadicToText, plus, scaled, times, zero } from "./dyadic.ts";
import { type AggregateInput, validMask } from "./input.ts";

/** A sum of products of the arguments: x^i * y^j. */
export interface Power {
  readonly name: string;
  readonly x: number;
  readonly y: number;
}

/** Exact sums over the rows whose arguments are all finite, and how many rows had others. */
export interface Moments {
  readonly count: bigint;
  readonly nan: bigint;
  readonly positive: bigint;
  readonly negative: bigint;
  readonly sums: readonly Dyadic[];
}

/** null: NULL. */
export type FinishMoments = (moments: Moments, name: string) => number | bigint | null;

/**
 * Sums of doubles as exact numbers: the result does not depend on the order of the rows, and a row that is taken back leaves
 * nothing behind.
 */
class ExactMoments implements Accumulator {
  readonly bytes = 8;
  private readonly call: AggregateCall;
  private readonly powers: readonly Power[];
  private readonly result: FinishMoments;
  private readonly cells: Cells<Moments>;

  constructor(call: AggregateCall, place: AccumulatorPlace, powers: readonly Power[], result: FinishMoments) {
    this.call = call;
    this.powers = powers;
    this.result = result;
    this.cells = new Cells(place.offset);
  }

  add(rows: Pointer, count: number, input: AggregateInput): void {
    const mask = validMask(input, this.call.arguments);
    const columns = this.call.arguments.map((c) => input.staged.column(c));
    const { u8, i32 } = kernels().heap();
    for (let i = 0; i < count; i++) {
      if (mask !== 0 && u8[mask + i] === 0) continue;
      const [x = 0, y = 0] = columns.map((column) => valueAt(double, column, i) as number);
      const weight = input.weights === 0 ? 1 : (i32[(input.weights >>> 2) + i] as number);
      this.addTo(rows, i, this.ofRow(x, y, BigInt(weight)));
    }
  }

  merge(rows: Pointer, count: number, columns: readonly Column[]): void {
    const [counts, nans, positives, negatives, ...sums] = columns;
    const numberAt = (column: Column | undefined, i: number): bigint =>
      column === undefined ? 0n : ((valueAt(bigint, column, i) as bigint | null) ?? 0n);
    for (let i = 0; i < count; i++) {
      this.addTo(rows, i, {
        count: numberAt(counts, i),
        nan: numberAt(nans, i),
        positive: numberAt(positives, i),
        negative: numberAt(negatives, i),
        sums: sums.map((column) => dyadicFromText((valueAt(varchar, column, i) as string | null) ?? "0")),
      });
    }
  }

  mergeRows(into: Pointer, from: Pointer, count: number): void {
    for (let i = 0; i < count; i++) {
      const moments = this.cells.get(from, i);
      if (moments !== undefined) this.addTo(into, i, moments);
    }
  }

  store(rows: Pointer, count: number): readonly Column[] {
    const all = Array.from({ length: count }, (_, i) => this.cells.get(rows, i) ?? this.none());
    const counters = [all.map((m) => m.count), all.map((m) => m.nan), all.map((m) => m.positive), all.map((m) => m.negative)];
    return [
      ...counters.map((values) => columnOf(bigint, values)),
      ...this.powers.map((_, p) =>
        columnOf(
          varchar,
          all.map((m) => dyadicToText(m.sums[p] ?? zero)),
        ),
      ),
    ];
  }

  finish(rows: Pointer, count: number): Column {
    const values = Array.from({ length: count }, (_, i): Value => this.result(this.cells.get(rows, i) ?? this.none(), this.call.name));
    return columnOf(this.call.type, values);
  }

  release(rows: Pointer, count: number): void {
    this.cells.release(rows, count);
  }

  private none(): Moments {
    return { count: 0n, nan: 0n, positive: 0n, negative: 0n, sums: this.powers.map(() => zero) };
  }

  private ofRow(x: number, y: number, weight: bigint): Moments {
    if (!Number.isFinite(x) || !Number.isFinite(y)) {
      const odd = Number.isFinite(x) ? y : x;
      const one = (is: boolean): bigint => (is ? weight : 0n);
      return {
        ...this.none(),
        count: weight,
        nan: one(Number.isNaN(odd)),
        positive: one(odd === Infinity),
        negative: one(odd === -Infinity),
      };
    }
    const [dx, dy] = [dyadicOf(x), dyadicOf(y)];
    const sums = this.powers.map((power) => {
      let product: Dyadic = { mantissa: weight, exponent: 0 };
      for (let k = 0; k < power.x; k++) product = times(product, dx);
      for (let k = 0; k < power.y; k++) product = times(product, dy);
      return product;
    });
    return { count: weight, nan: 0n, positive: 0n, negative: 0n, sums };
  }

  private addTo(rows: Pointer, i: number, more: Moments): void {
    const has = this.cells.get(rows, i);
    this.cells.set(rows, i, has === undefined ? more : sumOf(has, more));
  }
}

const sumOf = (a: Moments, b: Moments): Moments => ({
  count: a.count + b.count,
  nan: a.nan + b.nan,
  positive: a.positive + b.positive,
  negative: a.negative + b.negative,
  sums: a.sums.map((sum, i) => plus(sum, b.sums[i] ?? zero)),
});

/** n * Σab - Σa * Σb, the numerator of a covariance. */
export const deviation = (n: bigint, ab: Dyadic, a: Dyadic, b: Dyadic): Dyadic => plus(scaled(ab, n), scaled(times(a, b), -1n));

interface MomentsForm {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly doc: string;
  readonly example: string;
  readonly arguments: 1 | 2;
  readonly powers: readonly Power[];
  readonly finish: FinishMoments;
}

/** An aggregate over one or two columns of doubles. */
export const overMoments = (form: MomentsForm): AggregateDefinition => ({
  name: form.name,
  ...(form.aliases === undefined ? {} : { aliases: form.aliases }),
  doc: form.doc,
  example: { sql: form.example },
  accepts: (types) => types.length === form.arguments && types.every((type) => type.id === "double" || type.id === "real"),
  accumulators: () => [
    ...["count", "nan", "positive_infinity", "negative_infinity"].map((name): Field => ({ name, type: bigint })),
    ...form.powers.map(({ name }): Field => ({ name: `sum_${name}`, type: varchar })),
  ],
  retractable: () => true,
  create: (call, place) => new ExactMoments(call, place, form.powers, form.finish),
});
