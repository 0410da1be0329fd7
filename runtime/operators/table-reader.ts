import type { TableFrame, TableRows } from "../contract/change-log.ts";
import type { ReaderContext, ReadResult, SourceReader, SplitPosition } from "../contract/connector.ts";
import { TaskFailure } from "../contract/errors.ts";
import type { FrameCodec } from "../contract/frame.ts";
import type { SourceSpec } from "../contract/job-graph.ts";
import { makeFrameCodec } from "../exchange/frame-codec.ts";

const wait: ReadResult = { kind: "wait" };

/**
 * Reads a table of the store: the rows it had when the job began, then its changes. One subtask reads all, for the order of a
 * row's changes matters. Answers are asked for ahead; the position is that of the last batch handed out.
 */
export class TableReader implements SourceReader {
  private readonly spec: SourceSpec;
  private readonly context: ReaderContext;
  private readonly codec: FrameCodec;
  private readonly columns: readonly number[];
  private position: number | null = null;
  private frames: TableFrame[] = [];
  private failure: string | null = null;
  private asked = false;
  /** Position behind the snapshot; null until the first answer. */
  private snapshotEnd: number | null = null;

  constructor(spec: SourceSpec, context: ReaderContext) {
    this.spec = spec;
    this.context = context;
    this.codec = makeFrameCodec(spec.schema);
    this.columns = spec.schema.columns.map(({ name }) => spec.declared.columns.findIndex((column) => column.name === name));
  }

  async open(restored: readonly SplitPosition[]): Promise<void> {
    const own = restored.find(({ split }) => split === this.spec.source);
    if (own !== undefined) this.position = Number(own.position);
  }

  read(): ReadResult {
    if (this.failure !== null) throw new TaskFailure("external", "retry", this.failure);
    const next = this.frames.shift();
    if (next !== undefined) this.position = next.last;
    // The question tells the store's owner that all rows in front of the position are on their way.
    if (this.frames.length === 0) this.ask();
    if (next === undefined) return wait;
    const batch = this.codec.decode(next.frame);
    return { kind: "batch", batch: this.spec.changelog ? batch : { ...batch, weights: null } };
  }

  positions(): readonly SplitPosition[] {
    return this.position === null ? [] : [{ split: this.spec.source, position: String(this.position) }];
  }

  /** One subtask reads all; the others have nothing to wait for. */
  caughtUp(): boolean {
    return this.context.subtaskIndex !== 0 || (this.snapshotEnd !== null && this.position !== null && this.position >= this.snapshotEnd);
  }

  async close(): Promise<void> {}

  private ask(): void {
    if (this.asked || this.context.subtaskIndex !== 0) return;
    this.asked = true;
    const { source: table, declared } = this.spec;
    const pull = { table, declared, columns: this.columns, after: this.position, atOnce: this.snapshotEnd === null };
    void this.context.pullTable(pull).then((rows) => this.answered(rows));
  }

  private answered(rows: TableRows): void {
    this.asked = false;
    if (rows.kind === "failed") {
      this.failure = rows.message;
      return;
    }
    this.frames.push(...rows.frames);
    this.snapshotEnd = rows.snapshotEnd;
    // An empty snapshot: its end is where the changes begin.
    if (rows.frames.length === 0) this.position ??= rows.snapshotEnd;
  }
}
