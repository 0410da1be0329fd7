import type { Column } from "../../contract/batch.ts";
import { SqlError } from "../../contract/errors.ts";
import { bigint, double } from "../../contract/types.ts";
import { ColumnBuffer } from "../../kernels/column-buffer.ts";
import { kernels, type Pointer } from "../../kernels/kernels.ts";
import { stageF64, stageIntegers } from "../../kernels/stage-column.ts";
import type { Accumulator, AggregateDefinition } from "./definition.ts";
import { type AggregateInput, validMask } from "./input.ts";
import { gathered } from "./row-words.ts";

const mean_at = 8;
const m2_at = 16;

/** The result of count (above 0) and the sum of squared deviations; null: NULL. */
type FinishVariance = (count: number, m2: number) => number | null;

/** [count i64, mean f64, m2 f64]: Welford's method, parts merged by Chan's formula, as in DuckDB. */
class Variance implements Accumulator {
  readonly bytes = 24;
  private readonly offset: number;
  private readonly argument: number;
  private readonly name: string;
  private readonly result: FinishVariance;
  private readonly buffers = [new ColumnBuffer(), new ColumnBuffer(), new ColumnBuffer()] as const;

  constructor(offset: number, argument: number, name: string, result: FinishVariance) {
    this.offset = offset;
    this.argument = argument;
    this.name = name;
    this.result = result;
  }

  add(rows: Pointer, count: number, input: AggregateInput): void {
    const mask = validMask(input, [this.argument]);
    kernels().run.varianceF64(rows, count, this.offset, input.staged.floats(this.argument), mask, input.weights);
  }

  merge(rows: Pointer, count: number, columns: readonly Column[]): void {
    const [counts, mean, m2] = columns;
    if (counts === undefined || mean?.phys !== "f64" || m2?.phys !== "f64") throw new Error("invariant: a variance is (count, mean, m2)");
    kernels().run.mergeVariance(
      rows,
      count,
      this.offset,
      stageIntegers(counts, count),
      stageF64(mean.values, count),
      stageF64(m2.values, count),
    );
  }

  mergeRows(into: Pointer, from: Pointer, count: number): void {
    const [counts, means, m2s] = this.words(from, count);
    kernels().run.mergeVariance(into, count, this.offset, counts, means, m2s);
  }

  store(rows: Pointer, count: number): readonly Column[] {
    const [counts, means, m2s] = this.words(rows, count);
    const [a, b, c] = this.buffers;
    return [a.i64(counts, count, null), b.f64(means, count, null), c.f64(m2s, count, null)];
  }

  finish(rows: Pointer, count: number): Column {
    const [counts, , m2s] = this.words(rows, count);
    const { i64, f64 } = kernels().heap();
    const values = new Float64Array(count);
    const validity = new Uint8Array(count);
    for (let i = 0; i < count; i++) {
      const n = Number(i64[(counts >>> 3) + i]);
      // Rows that were taken back may leave a rounding error below 0.
      const result = n <= 0 ? null : this.result(n, Math.max(0, f64[(m2s >>> 3) + i] as number));
      if (result === null) continue;
      if (!Number.isFinite(result)) throw new SqlError({ sqlState: "22003", message: `${this.name} is out of range` });
      values[i] = result;
      validity[i] = 1;
    }
    return { phys: "f64", values, validity: validity.includes(0) ? validity : null };
  }

  private words(rows: Pointer, count: number): readonly [Pointer, Pointer, Pointer] {
    const at = this.offset;
    return [gathered(rows, count, at), gathered(rows, count, at + mean_at), gathered(rows, count, at + m2_at)];
  }
}

const sample = (n: number, m2: number): number | null => (n > 1 ? m2 / (n - 1) : null);
const population = (n: number, m2: number): number => m2 / n;
const rootOf =
  (variance: FinishVariance): FinishVariance =>
  (n, m2) => {
    const value = variance(n, m2);
    return value === null ? null : Math.sqrt(value);
  };

const spread = (name: string, aliases: readonly string[], doc: string, result: FinishVariance): AggregateDefinition => ({
  name,
  aliases,
  doc,
  example: { sql: `SELECT ${name}(x::DOUBLE) FROM (VALUES (2), (4), (NULL), (9)) t(x)` },
  accepts: (types) => types.length === 1 && (types[0]?.id === "double" || types[0]?.id === "real"),
  accumulators: () => [
    { name: "count", type: bigint },
    { name: "mean", type: double },
    { name: "m2", type: double },
  ],
  // Welford's steps back lose digits: over a changelog the exact form stands in.
  retractable: () => false,
  create: (call, place) => new Variance(place.offset, call.arguments[0] as number, name, result),
});

export const varSamp = spread("var_samp", ["variance"], "Sample variance; NULL below two values.", sample);
export const varPop = spread("var_pop", [], "Population variance.", population);
export const stddevSamp = spread("stddev_samp", ["stddev"], "Sample standard deviation; NULL below two values.", rootOf(sample));
export const stddevPop = spread("stddev_pop", [], "Population standard deviation.", rootOf(population));
