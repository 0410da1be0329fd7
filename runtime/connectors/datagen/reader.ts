import type { ReaderContext, ReadResult, SourceReader, SplitPosition } from "../../contract/connector.ts";
import type { SourceSpec } from "../../contract/job-graph.ts";
import { columnOf } from "../../contract/rows.ts";
import type { Schema } from "../../contract/types.ts";
import { Lanes } from "../lanes.ts";
import { mix } from "../mix.ts";
import { OptionReader } from "../options.ts";
import { Pace } from "../pace.ts";
import { datagenOptions } from "./descriptor.ts";
import { type Generate, generatorOf } from "./generators.ts";

const block_rows = 1_024;
const wait: ReadResult = { kind: "wait" };
const end: ReadResult = { kind: "end" };

/** Rows for examples and tests: made value by value, unlike those of a benchmark. */
export class DatagenReader implements SourceReader {
  private readonly schema: Schema;
  private readonly generators: readonly Generate[];
  private readonly lanes: Lanes;
  private readonly pace: Pace;

  constructor(spec: SourceSpec, context: ReaderContext) {
    const options = new OptionReader(datagenOptions, spec.options);
    const seed = mix((options.number("seed") ?? 0) | 0);
    this.schema = spec.schema;
    // A column's values depend on its place among the declared ones, not on which of them a query reads.
    this.generators = spec.schema.columns.map((field) => {
      const place = spec.declared.columns.findIndex(({ name }) => name === field.name);
      return generatorOf(field, mix(seed + place), options);
    });
    this.lanes = new Lanes(block_rows, options.number("rows") ?? 0, context.subtaskIndex, context.parallelism);
    this.pace = new Pace(context.world.clock, options.number("rows_per_second") ?? 0);
  }

  async open(restored: readonly SplitPosition[]): Promise<void> {
    this.lanes.restore(restored);
  }

  read(): ReadResult {
    const lowest = this.lanes.lowest();
    if (lowest === null) return end;
    const run = this.lanes.run(lowest, this.pace.limit(lowest));
    const rows = run.to - run.from;
    if (rows === 0) return wait;
    const numbers = Array.from({ length: rows }, (_, i) => run.from + i);
    const columns = this.generators.map((generate, c) => {
      const type = this.schema.columns[c]?.type ?? { id: "varchar" };
      return columnOf(type, numbers.map(generate));
    });
    this.lanes.advance(run, run.to);
    return { kind: "batch", batch: { rows, columns, weights: null } };
  }

  positions(): readonly SplitPosition[] {
    return this.lanes.positions();
  }

  async close(): Promise<void> {}
}
