import type { Batch } from "../../runtime/contract/batch.ts";
import type {
  ReadResult,
  SinkConnector,
  SinkWriter,
  SourceConnector,
  SourceReader,
  SplitPosition,
} from "../../runtime/contract/connector.ts";
import { TaskFailure } from "../../runtime/contract/errors.ts";
import { splitOwner } from "../../runtime/contract/hash.ts";
import type { SinkSpec, SourceSpec } from "../../runtime/contract/job-graph.ts";
import type { OperatorContext } from "../../runtime/contract/operator.ts";
import { batchOf, rowsOf } from "../../runtime/contract/rows.ts";
import type { Value } from "../../runtime/contract/value.ts";
import type { World } from "../../runtime/contract/world.ts";
import { sinkConnectors, sourceConnectors } from "../../runtime/connectors/registry.ts";
import type { Marks } from "./marks.ts";

export const splits = ["s0", "s1", "s2", "s3"] as const;
const batch_rows = 10;

/** What lies outside the cluster and survives all of it: a log that is read, and files that are written in two phases. */
export class Outside {
  readonly rowsPerSplit: number;
  /** A row of each split comes about so often. */
  readonly row_ms: number;
  readonly now_ms: () => number;
  readonly marks: Marks;
  readonly targets = new Map<string, Target>();
  /** Reads that will fail. */
  readFaults = 0;
  /** Commits that will fail, half of them after the fact. */
  commitFaults = 0;
  /** Stagings that will fail: the target's disk is full. */
  stageFaults = 0;
  sinkDelay_ms = 0;

  constructor(rowsPerSplit: number, row_ms: number, now_ms: () => number, marks: Marks) {
    this.rowsPerSplit = rowsPerSplit;
    this.row_ms = row_ms;
    this.now_ms = now_ms;
    this.marks = marks;
  }

  target(name: string): Target {
    const known = this.targets.get(name) ?? new Target();
    this.targets.set(name, known);
    return known;
  }
}

/** Staged rows become visible once, when their transaction is committed, however often that is asked for. */
export class Target {
  readonly #staged = new Map<string, readonly (readonly Value[])[]>();
  readonly #done = new Set<string>();
  readonly visible: (readonly Value[])[] = [];
  #next = 1;

  stage(rows: readonly (readonly Value[])[]): string {
    const id = `t${this.#next++}`;
    this.#staged.set(id, rows);
    return id;
  }

  commit(id: string): void {
    if (this.#done.has(id)) return;
    this.#done.add(id);
    this.visible.push(...this.stagedRows(id));
  }

  stagedRows(id: string): readonly (readonly Value[])[] {
    return this.#staged.get(id) ?? [];
  }
}

let outside: Outside | null = null;

/** Connectors of the job graphs find their outside here: one simulation runs at a time. */
export function setOutside(to: Outside | null): void {
  outside = to;
}

function here(): Outside {
  if (outside === null) throw new Error("invariant: a simulation runs");
  return outside;
}

/** One row of the log, which is the same in every run. */
export function logRow(split: number, n: number): Readonly<Record<string, Value>> {
  const known = (madeRows[split] ??= [])[n];
  return known ?? ((madeRows[split] as Row[])[n] = makeRow(split, n));
}

type Row = Readonly<Record<string, Value>>;
const madeRows: Row[][] = [];

function makeRow(split: number, n: number): Row {
  const id = split * 100_000 + n;
  return {
    id: BigInt(id),
    key: BigInt((id * 7_919) % 7),
    v: BigInt((id * 31) % 97),
    ts: BigInt(1_767_225_600_000 + n * 100 + ((id * 13) % 7) * 100) * 1_000n,
  };
}

/** The first rows of each split, as many as are said. */
export const logRows = (rowsOfSplits: readonly number[]): Readonly<Record<string, Value>>[] =>
  rowsOfSplits.flatMap((rows, split) => Array.from({ length: rows }, (_unused, n) => logRow(split, n)));

class LogReader implements SourceReader {
  readonly #spec: SourceSpec;
  readonly #next = new Map<number, number>();

  constructor(spec: SourceSpec, context: OperatorContext) {
    this.#spec = spec;
    splits.forEach((split, s) => {
      if (splitOwner(split, context.parallelism) === context.subtaskIndex) this.#next.set(s, 0);
    });
  }

  async open(restored: readonly SplitPosition[]): Promise<void> {
    for (const { split, position } of restored) {
      const s = splits.indexOf(split as (typeof splits)[number]);
      if (this.#next.has(s)) this.#next.set(s, Number(position));
    }
  }

  /** The split that lags goes first, so that rows come about in the order of their times. */
  read(): ReadResult {
    const { rowsPerSplit, row_ms, now_ms, marks } = here();
    if (here().readFaults > 0) {
      here().readFaults -= 1;
      marks.add("source fault");
      throw new TaskFailure("external", "retry", "the log does not answer");
    }
    const unread = [...this.#next].filter(([, n]) => n < rowsPerSplit).sort((a, b) => a[1] - b[1] || a[0] - b[0]);
    const first = unread[0];
    if (first === undefined) return { kind: "end" };
    const [split, from] = first;
    const to = Math.min(rowsPerSplit, from + batch_rows, Math.floor(now_ms() / row_ms));
    if (to <= from) return { kind: "wait" };
    this.#next.set(split, to);
    const rows = Array.from({ length: to - from }, (_, i) => logRow(split, from + i));
    const batch = batchOf(
      this.#spec.schema,
      rows.map((row) => this.#spec.schema.columns.map(({ name }) => row[name] ?? null)),
    );
    return { kind: "batch", batch };
  }

  positions(): readonly SplitPosition[] {
    return [...this.#next].map(([split, n]) => ({ split: splits[split] as string, position: String(n) }));
  }

  async close(): Promise<void> {}
}

export class TargetWriter implements SinkWriter {
  readonly #spec: SinkSpec;
  readonly #world: World;
  #rows: (readonly Value[])[] = [];

  constructor(spec: SinkSpec, context: OperatorContext) {
    this.#spec = spec;
    this.#world = context.world;
  }

  async open(): Promise<void> {}

  write(batch: Batch): void {
    this.#rows.push(...rowsOf(this.#spec.schema, batch));
  }

  async prepare(): Promise<readonly string[]> {
    await this.#wait();
    if (here().stageFaults > 0) {
      here().stageFaults -= 1;
      this.#fail("sink fault at staging");
    }
    return this.#rows.length === 0 ? [] : [this.#target().stage(this.#rows.splice(0))];
  }

  async commit(committables: readonly string[]): Promise<void> {
    await this.#wait();
    const failing = here().commitFaults > 0;
    if (failing) here().commitFaults -= 1;
    const after = this.#world.random() < 0.5;
    if (failing && !after) this.#fail("sink fault before commit");
    for (const id of committables) this.#target().commit(id);
    if (failing) this.#fail("sink fault after commit");
  }

  async close(): Promise<void> {}

  #fail(mark: string): never {
    here().marks.add(mark);
    throw new TaskFailure("external", "retry", "the target does not answer");
  }

  async #wait(): Promise<void> {
    const { sinkDelay_ms, marks } = here();
    if (sinkDelay_ms === 0) return;
    marks.add("slow sink");
    await new Promise<void>((resolve) => this.#world.timers.after(sinkDelay_ms, resolve));
  }

  #target(): Target {
    return here().target(this.#spec.options["target"] ?? "");
  }
}

const source: SourceConnector = {
  name: "sim",
  doc: "The simulated log.",
  options: [],
  bounded: () => true,
  createReader: (spec, context) => new LogReader(spec, context),
};

const sink: SinkConnector = {
  name: "sim",
  doc: "The simulated target.",
  options: [{ name: "target", kind: "text", doc: "Where the rows go." }],
  exactlyOnce: true,
  createWriter: (spec, context) => new TargetWriter(spec, context),
};

/** The registries are values: for this process they get one more line each. */
export function registerConnectors(): void {
  (sourceConnectors as Record<string, SourceConnector>)["sim"] = source;
  (sinkConnectors as Record<string, SinkConnector>)["sim"] = sink;
}
