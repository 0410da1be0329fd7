import { sourceConnectors } from "../connectors/registry.ts";
import type { Batch } from "../contract/batch.ts";
import type { BadRow, ReaderContext, ReadResult, SourceReader, SplitPosition } from "../contract/connector.ts";
import { assert, TaskFailure } from "../contract/errors.ts";
import { badRowSchema, type SourceSpec } from "../contract/job-graph.ts";
import type {
  OperatorContext,
  OperatorDefinition,
  OperatorSnapshot,
  Output,
  PollResult,
  SourceOperator,
  StateTableSpec,
  Watermark,
} from "../contract/operator.ts";
import { batchOf, rowsOf } from "../contract/rows.ts";
import { varchar } from "../contract/types.ts";
import { TableReader } from "./table-reader.ts";

const splitsTable: StateTableSpec = {
  name: "splits",
  version: 1,
  columns: [
    { name: "split", type: varchar },
    { name: "position", type: varchar },
  ],
  keyColumns: 1,
  redistribution: { kind: "union" },
};

export const source: OperatorDefinition<SourceSpec> = {
  op: "source",
  doc: "Reads rows with a connector, and remembers how far it has read each split.",
  stateTables: () => [splitsTable],
  create: (spec, context, output) => new Source(spec, context, output),
};

class Source implements SourceOperator {
  private readonly spec: SourceSpec;
  private readonly context: OperatorContext;
  private readonly output: Output;
  private readonly reader: SourceReader;
  private isIdle = false;
  private readonly restored: SplitPosition[] = [];
  /** Positions as of the last snapshot: the next one holds what differs. */
  private readonly saved = new Map<string, string>();

  constructor(spec: SourceSpec, context: OperatorContext, output: Output) {
    this.spec = spec;
    this.context = context;
    this.output = output;
    const readerContext: ReaderContext = { ...context, bad: (row) => this.bad(row) };
    if (spec.connector === "table") {
      this.reader = new TableReader(spec, readerContext);
      return;
    }
    const connector = Object.hasOwn(sourceConnectors, spec.connector) ? sourceConnectors[spec.connector] : undefined;
    assert(connector !== undefined, `there is a source connector ${spec.connector}`);
    this.reader = connector.createReader(spec, readerContext);
    if (context.origins !== undefined) context.origins.of = (row) => this.reader.originOf?.(row) ?? null;
  }

  restore(_table: string, rows: Batch): void {
    for (const [split, position] of rowsOf({ columns: splitsTable.columns }, rows)) {
      this.restored.push({ split: split as string, position: position as string });
    }
  }

  async open(): Promise<void> {
    for (const { split, position } of this.restored) this.saved.set(split, position);
    await this.reader.open(this.restored);
  }

  poll(): PollResult | Promise<PollResult> {
    const result = this.reader.read();
    return "kind" in result ? this.emit(result) : result.then((read) => this.emit(read));
  }

  batch(): void {
    assert(false, "a source has no input");
  }

  watermark(watermark: Watermark): void {
    this.output.watermark(watermark);
  }

  snapshot(): OperatorSnapshot {
    const changed = this.reader.positions().filter(({ split, position }) => this.saved.get(split) !== position);
    for (const { split, position } of changed) this.saved.set(split, position);
    const puts = changed.map(({ split, position }) => [split, position]);
    return {
      deltas: puts.length === 0 ? [] : [{ table: splitsTable.name, puts: batchOf({ columns: splitsTable.columns }, puts), deletes: null }],
    };
  }

  close(): Promise<void> {
    return this.reader.close();
  }

  private emit(result: ReadResult): PollResult {
    const polled = this.emitRows(result);
    // A changelog has no event time: behind its snapshot it is idle for good, however many changes come.
    if (!this.isIdle && this.spec.changelog === true && this.reader.caughtUp?.() === true) {
      this.isIdle = true;
      this.output.idle(true);
    }
    return polled;
  }

  private emitRows(result: ReadResult): PollResult {
    if (result.kind !== "batch") return result.kind;
    if (result.batch.rows > 0) {
      this.context.metrics.add("numRecordsIn", result.batch.rows);
      this.output.batch(this.spec.metadata === undefined ? result.batch : this.withMetadata(result.batch, this.spec.metadata));
    }
    return "more";
  }

  private withMetadata(batch: Batch, metadata: NonNullable<SourceSpec["metadata"]>): Batch {
    const { reader } = this;
    assert(reader.metadata !== undefined, "the connector lists the metadata that its reader gives");
    const columns = [...batch.columns];
    for (const { column, key } of metadata) columns.splice(column, 0, reader.metadata(key, batch.rows));
    return { ...batch, columns };
  }

  private bad({ file, line, reason, raw }: BadRow): void {
    const { badRows, source: name } = this.spec;
    if (badRows === "fail") {
      const where = line > 0 ? `${file}:${line}` : file;
      throw new TaskFailure("user", "fail", `source "${name}" met a bad row at ${where}: ${reason}`, { sqlState: "22000" });
    }
    this.context.metrics.add("numBadRecords", 1);
    if (badRows === "skip") return;
    this.context.sideOutput("bad")?.batch(batchOf(badRowSchema, [[name, file, BigInt(line), reason, raw]]));
  }
}
