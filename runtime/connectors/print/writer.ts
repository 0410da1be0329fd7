import type { Batch } from "../../contract/batch.ts";
import type { SinkWriter } from "../../contract/connector.ts";
import type { SinkSpec } from "../../contract/job-graph.ts";
import type { OperatorContext } from "../../contract/operator.ts";
import { rowsOf } from "../../contract/rows.ts";
import { formatValue } from "../../formats/format-text.ts";

export class PrintWriter implements SinkWriter {
  private readonly spec: SinkSpec;
  private readonly context: OperatorContext;
  private readonly prefix: string;

  constructor(spec: SinkSpec, context: OperatorContext) {
    this.spec = spec;
    this.context = context;
    this.prefix = spec.options["prefix"] ?? "";
  }

  async open(): Promise<void> {}

  write(batch: Batch): void {
    this.context.metrics.add("numRecordsOut", batch.rows);
    const lines = rowsOf(this.spec.schema, batch).map((row, i) => {
      const values = this.spec.schema.columns.map(({ type }, c) => formatValue(type, row[c] ?? null));
      const weight = batch.weights?.[i] ?? 1;
      const line = `${this.prefix}${weight < 0 ? "-D" : "+I"}[${values.join(", ")}]\n`;
      return line.repeat(Math.abs(weight));
    });
    process.stdout.write(lines.join(""));
  }

  prepare(): readonly string[] {
    return [];
  }

  async commit(): Promise<void> {}

  async close(): Promise<void> {}
}
