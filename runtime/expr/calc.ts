import type { Batch, Column } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import type { Expression } from "../contract/expressions.ts";
import { operandsOf } from "../contract/expressions.ts";
import { physicalOf, type Schema } from "../contract/types.ts";
import { canCompile } from "../functions/registry.ts";
import { ByteHeap } from "../functions/scalar/byte-heap.ts";
import { type Path, pathOf } from "../functions/scalar/path.ts";
import { gatherColumn, gatherWeights } from "./gather.ts";
import { columnAt, hasNulls, validityAt } from "./inputs.ts";
import { buildKernel, type Kernel } from "./kernel.ts";
import { OutputColumn } from "./output-column.ts";

/** A filter and projections, compiled. */
export interface CompiledCalc {
  /**
   * The kept rows, projected. Its arrays are reused at the next call (the law of borrowed batches); columns that are passed
   * through without a filter are the input's own. Throws TaskFailure where a row has no value (overflow, a bad cast).
   */
  run(batch: Batch, now_us: bigint): Batch;
}

/** How one projection comes about: forwarded (or gathered when rows were dropped), or the kernel's result number `output`. */
type Projection = { readonly kind: "forward"; readonly path: Path } | { readonly kind: "computed"; readonly output: number };

/** Compiles once per job. Every expression must be one that `canCompile` accepts. */
export function compileCalc(filter: Expression | null, projections: readonly Expression[], input: Schema): CompiledCalc {
  for (const e of filter === null ? projections : [filter, ...projections]) {
    assert(canCompile(e), "an expression without a kernel goes to DuckDB");
    for (const path of pathsOf(e)) assert(path.column < input.columns.length, "an expression reads columns of its input");
  }
  return new Calc(filter, projections);
}

class Calc implements CompiledCalc {
  readonly #filter: Expression | null;
  readonly #projections: readonly Projection[];
  readonly #computed: readonly Expression[];
  readonly #read: readonly Path[];
  readonly #heap = new ByteHeap();
  readonly #outputs: readonly OutputColumn[];
  /** By what they need; built when a batch first needs it. */
  readonly #kernels = new Map<string, Kernel>();
  #selection = new Int32Array(0);
  #weights = new Int32Array(0);
  #ones = new Uint8Array(0);

  constructor(filter: Expression | null, projections: readonly Expression[]) {
    this.#filter = filter;
    const computed: Expression[] = [];
    this.#projections = projections.map((e) => {
      const path = pathOf(e);
      if (path !== null && (filter === null || !isFlat(path))) return { kind: "forward", path };
      return { kind: "computed", output: computed.push(e) - 1 };
    });
    this.#computed = computed;
    this.#outputs = computed.map((e) => new OutputColumn(e.type));
    this.#read = (filter === null ? computed : [filter, ...computed]).flatMap(pathsOf);
  }

  run(batch: Batch, now_us: bigint): Batch {
    if (this.#filter === null && this.#computed.length === 0) return this.#result(batch, batch.rows, []);
    this.#reserve(batch.rows);
    this.#heap.reset();
    const kernel = this.#kernelFor(batch);
    try {
      const rows = kernel.run(batch, this.#ones, this.#selection, this.#outputs, now_us);
      return this.#result(batch, rows, rows === 0 ? [] : kernel.columnsOf(batch, this.#outputs));
    } catch (error) {
      // V8 leaves the fast code for good after a 64-bit overflow: the next batch gets fresh code.
      this.#kernels.clear();
      throw error;
    }
  }

  #result(batch: Batch, rows: number, computed: readonly Column[]): Batch {
    if (rows === 0) return { rows, columns: [], weights: null };
    const all = this.#filter === null;
    const columns = this.#projections.map((projection): Column => {
      if (projection.kind === "computed") return computed[projection.output] as Column;
      const column = forwarded(batch, projection.path);
      return all ? column : gatherColumn(column, this.#selection, rows);
    });
    const weights = batch.weights === null || all ? batch.weights : gatherWeights(batch.weights, this.#selection, rows, this.#weights);
    return { rows, columns, weights };
  }

  #kernelFor(batch: Batch): Kernel {
    const nullable = this.#read.some((path) => hasNulls(batch, path));
    const gathers = batch.weights !== null || this.#projections.some((projection) => projection.kind === "forward");
    const select = this.#filter !== null && gathers;
    const key = `${nullable} ${select}`;
    let kernel = this.#kernels.get(key);
    if (kernel === undefined) {
      kernel = buildKernel(this.#filter, this.#computed, { nullable, select }, this.#heap);
      this.#kernels.set(key, kernel);
    }
    return kernel;
  }

  #reserve(rows: number): void {
    if (this.#selection.length >= rows) return;
    this.#selection = new Int32Array(rows);
    this.#weights = new Int32Array(rows);
    this.#ones = new Uint8Array(rows).fill(1);
    for (const output of this.#outputs) output.reserve(rows);
  }
}

const isFlat = (path: Path): boolean => physicalOf(path.type) !== "list" && physicalOf(path.type) !== "struct";

const forwarded = (batch: Batch, path: Path): Column =>
  path.fields.length === 0 ? columnAt(batch, path) : { ...columnAt(batch, path), validity: validityAt(batch, path) };

/** The columns and fields that an expression reads. */
function pathsOf(e: Expression): readonly Path[] {
  const path = pathOf(e);
  return path !== null ? [path] : operandsOf(e).flatMap(pathsOf);
}
