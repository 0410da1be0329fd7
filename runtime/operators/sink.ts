import { sinkConnectors } from "../connectors/registry.ts";
import type { Batch } from "../contract/batch.ts";
import type { SinkWriter } from "../contract/connector.ts";
import { assert } from "../contract/errors.ts";
import type { SinkSpec } from "../contract/job-graph.ts";
import type {
  Operator,
  OperatorContext,
  OperatorDefinition,
  OperatorSnapshot,
  Output,
  StateTableSpec,
  Watermark,
} from "../contract/operator.ts";
import { batchOf, rowsOf } from "../contract/rows.ts";
import { bigint, integer, varchar } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { ResultSink } from "./result-sink.ts";

/** What was prepared for a checkpoint and must be committed when it completes, be it by another attempt. */
const committablesTable: StateTableSpec = {
  name: "committables",
  version: 1,
  columns: [
    { name: "checkpoint", type: bigint },
    { name: "subtask", type: integer },
    { name: "number", type: integer },
    { name: "committable", type: varchar },
  ],
  keyColumns: 3,
  redistribution: { kind: "union" },
};

export const sink: OperatorDefinition<SinkSpec> = {
  op: "sink",
  doc: "Writes rows into the job's result table, or with a connector.",
  stateTables: (spec) => (spec.connector === "result" ? [] : [committablesTable]),
  create: (spec, context, output) =>
    spec.connector === "result" ? new ResultSink(spec, context, output) : new ConnectorSink(spec, context, output),
};

/** One row of the table. */
interface Prepared {
  readonly checkpoint: number;
  readonly subtask: number;
  readonly number: number;
  readonly committable: string;
}

class ConnectorSink implements Operator {
  private readonly context: OperatorContext;
  private readonly output: Output;
  private readonly writer: SinkWriter;
  /** In the state of a checkpoint, or about to be, and not yet committed. */
  private prepared: Prepared[] = [];
  /** Committed since the last snapshot: the next one deletes them. */
  private committed: Prepared[] = [];
  private fresh: readonly Prepared[] = [];

  constructor(spec: SinkSpec, context: OperatorContext, output: Output) {
    this.context = context;
    this.output = output;
    const connector = Object.hasOwn(sinkConnectors, spec.connector) ? sinkConnectors[spec.connector] : undefined;
    assert(connector !== undefined, `there is a sink connector ${spec.connector}`);
    this.writer = connector.createWriter(spec, context);
  }

  restore(_table: string, rows: Batch): void {
    for (const [checkpoint, subtask, number, committable] of rowsOf({ columns: committablesTable.columns }, rows)) {
      this.prepared.push({
        checkpoint: Number(checkpoint),
        subtask: subtask as number,
        number: number as number,
        committable: committable as string,
      });
    }
  }

  /** Every subtask commits all that was restored: committing is idempotent, and none may begin while another's rows are uncommitted. */
  async open(): Promise<void> {
    await this.commit(() => true);
    await this.writer.open();
  }

  batch(batch: Batch): void {
    this.writer.write(batch);
  }

  watermark(watermark: Watermark): void {
    this.output.watermark(watermark);
  }

  async prepareBarrier(checkpointId: number): Promise<void> {
    const committables = await this.writer.prepare(checkpointId);
    const subtask = this.context.subtaskIndex;
    this.fresh = committables.map((committable, number) => ({ checkpoint: checkpointId, subtask, number, committable }));
  }

  snapshot(): OperatorSnapshot {
    const { fresh, committed } = this;
    this.prepared.push(...fresh);
    this.fresh = [];
    this.committed = [];
    if (fresh.length === 0 && committed.length === 0) return { deltas: [] };
    const puts = fresh.length === 0 ? null : batchOf({ columns: committablesTable.columns }, fresh.map(rowOf));
    return { deltas: [{ table: committablesTable.name, puts, deletes: committed.length === 0 ? null : keysOf(committed) }] };
  }

  checkpointComplete(checkpointId: number): Promise<void> {
    return this.commit((prepared) => prepared.checkpoint <= checkpointId);
  }

  close(): Promise<void> {
    return this.writer.close();
  }

  private async commit(due: (prepared: Prepared) => boolean): Promise<void> {
    const ready = this.prepared.filter(due);
    if (ready.length === 0) return;
    await this.writer.commit(ready.map(({ committable }) => committable));
    this.prepared = this.prepared.filter((prepared) => !ready.includes(prepared));
    const { parallelism, subtaskIndex } = this.context;
    this.committed.push(...ready.filter(({ subtask }) => subtask % parallelism === subtaskIndex));
  }
}

const rowOf = ({ checkpoint, subtask, number, committable }: Prepared): readonly Value[] => [
  BigInt(checkpoint),
  subtask,
  number,
  committable,
];

const keysOf = (prepared: readonly Prepared[]): Batch =>
  batchOf(
    { columns: committablesTable.columns.slice(0, committablesTable.keyColumns) },
    prepared.map((p) => rowOf(p).slice(0, committablesTable.keyColumns)),
  );
