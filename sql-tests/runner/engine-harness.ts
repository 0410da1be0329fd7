/**
 * An engine over slots without threads and the real store, with a small job whose answer is known: four splits of numbered
 * rows, a ledger table that must hold each row once, and a table of counts and sums per key, kept by a changelog.
 */
import type { Batch } from "../../runtime/contract/batch.ts";
import type { CheckpointOptions, Engine, JobSubmission, RestartStrategy } from "../../runtime/contract/control.ts";
import { splitOwner } from "../../runtime/contract/hash.ts";
import type { JobGraph, OperatorSpec } from "../../runtime/contract/job-graph.ts";
import type {
  Operator,
  OperatorContext,
  OperatorDefinition,
  Output,
  SourceOperator,
  StateTableSpec,
} from "../../runtime/contract/operator.ts";
import { batchOf, rowsOf } from "../../runtime/contract/rows.ts";
import type { Store } from "../../runtime/contract/store.ts";
import { bigint, type Schema, varchar } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { createEngine } from "../../runtime/control/engine.ts";
import { makeFrameCodec } from "../../runtime/exchange/frame-codec.ts";
import type { DefinitionOf } from "../../runtime/task/task-environment.ts";
import { LocalSlots } from "../../runtime/worker/local-slots.ts";
import { realWorld } from "../../runtime/world/real-world.ts";

const rowSchema: Schema = {
  columns: [
    { name: "id", type: bigint },
    { name: "key", type: bigint },
  ],
};
const countSchema: Schema = {
  columns: [
    { name: "key", type: bigint },
    { name: "rows", type: bigint },
    { name: "total", type: bigint },
  ],
};
const positionsTable: StateTableSpec = {
  name: "positions",
  version: 1,
  columns: [
    { name: "split", type: varchar },
    { name: "position", type: bigint },
  ],
  keyColumns: 1,
  redistribution: { kind: "union" },
};
const countsTable: StateTableSpec = {
  name: "counts",
  version: 1,
  columns: countSchema.columns,
  keyColumns: 1,
  redistribution: { kind: "keyed", distribution: [0] },
};

const splits = ["s0", "s1", "s2", "s3"] as const;
const key_count = 7;
const batch_rows = 20;

/** What the test lets the job do. Read by the operators as they run. */
export interface Script {
  rowsPerSplit: number;
  /** Rows of each split that may be read; a source waits there. */
  gate: number;
  /** Called before each batch of a source; may throw. */
  beforeBatch: (split: string, position: number) => void;
}

export const idOf = (split: number, n: number): bigint => BigInt(split * 1_000_000 + n);
const keyOf = (id: bigint): bigint => id % BigInt(key_count);

/** All rows that the job will have read by the end. */
export const allIds = (script: Script): bigint[] =>
  splits.flatMap((_, s) => Array.from({ length: script.rowsPerSplit }, (_unused, n) => idOf(s, n)));

/** key, rows, total: what the counts table must say of the given rows. */
export function countsOf(ids: readonly bigint[]): Value[][] {
  const counts = new Map<bigint, [bigint, bigint]>();
  for (const id of ids) {
    const [rows, total] = counts.get(keyOf(id)) ?? [0n, 0n];
    counts.set(keyOf(id), [rows + 1n, total + id]);
  }
  return [...counts].map(([key, [rows, total]]) => [key, rows, total]).sort((a, b) => Number(a[0]) - Number(b[0]));
}

class NumbersSource implements SourceOperator {
  readonly #script: Script;
  readonly #output: Output;
  readonly #own: readonly number[];
  readonly #positions = new Map<number, number>();

  constructor(script: Script, context: OperatorContext, output: Output) {
    this.#script = script;
    this.#output = output;
    this.#own = [...splits.keys()].filter((s) => splitOwner(splits[s] as string, context.parallelism) === context.subtaskIndex);
    for (const s of this.#own) this.#positions.set(s, 0);
  }

  restore(_table: string, rows: Batch): void {
    for (const [split, position] of rowsOf({ columns: positionsTable.columns }, rows)) {
      const s = splits.indexOf(split as (typeof splits)[number]);
      if (this.#own.includes(s)) this.#positions.set(s, Number(position));
    }
  }

  poll(): "more" | "wait" | "end" {
    const { rowsPerSplit, gate } = this.#script;
    const unread = this.#own.filter((s) => (this.#positions.get(s) ?? 0) < rowsPerSplit);
    if (unread.length === 0) return "end";
    const ready = unread.find((s) => (this.#positions.get(s) ?? 0) < gate);
    if (ready === undefined) return "wait";
    const from = this.#positions.get(ready) ?? 0;
    this.#script.beforeBatch(splits[ready] as string, from);
    const to = Math.min(from + batch_rows, gate, rowsPerSplit);
    const ids = Array.from({ length: to - from }, (_, n) => idOf(ready, from + n));
    this.#output.batch(
      batchOf(
        rowSchema,
        ids.map((id) => [id, keyOf(id)]),
      ),
    );
    this.#positions.set(ready, to);
    return "more";
  }

  snapshot() {
    const rows = [...this.#positions].map(([s, position]) => [splits[s] as string, BigInt(position)]);
    return { deltas: [{ table: "positions", puts: batchOf({ columns: positionsTable.columns }, rows), deletes: null }] };
  }

  batch(): void {}
  watermark(): void {}
}

/** Rows and their sum per key, as a changelog of every change. */
class CountingAggregate implements Operator {
  readonly #output: Output;
  readonly #counts = new Map<bigint, readonly [bigint, bigint]>();
  readonly #changed = new Set<bigint>();

  constructor(output: Output) {
    this.#output = output;
  }

  restore(_table: string, rows: Batch): void {
    for (const [key, count, total] of rowsOf(countSchema, rows)) this.#counts.set(key as bigint, [count as bigint, total as bigint]);
  }

  batch(batch: Batch): void {
    const rows: Value[][] = [];
    const weights: number[] = [];
    for (const [id, key] of rowsOf(rowSchema, batch) as [bigint, bigint][]) {
      const old = this.#counts.get(key);
      if (old !== undefined) {
        rows.push([key, ...old]);
        weights.push(-1);
      }
      const next = [(old?.[0] ?? 0n) + 1n, (old?.[1] ?? 0n) + id] as const;
      this.#counts.set(key, next);
      this.#changed.add(key);
      rows.push([key, ...next]);
      weights.push(1);
    }
    this.#output.batch(batchOf(countSchema, rows, weights));
  }

  snapshot() {
    const puts = batchOf(
      countSchema,
      [...this.#changed].map((key) => [key, ...(this.#counts.get(key) as readonly [bigint, bigint])]),
    );
    this.#changed.clear();
    return { deltas: [{ table: "counts", puts, deletes: null }] };
  }

  watermark(): void {}
}

class ResultSink implements Operator {
  readonly #table: string;
  #batches: Batch[] = [];

  constructor(table: string) {
    this.#table = table;
  }

  batch(batch: Batch): void {
    this.#batches.push(structuredClone(batch));
  }

  snapshot() {
    const results = this.#batches.map((batch) => ({ table: this.#table, batch }));
    this.#batches = [];
    return { deltas: [], results };
  }

  watermark(): void {}
}

function definitionsOf(script: Script): DefinitionOf {
  const definitions = {
    source: {
      op: "source",
      doc: "Numbered rows of four splits.",
      stateTables: () => [positionsTable],
      create: (_spec: OperatorSpec, context: OperatorContext, output: Output) => new NumbersSource(script, context, output),
    },
    groupAggregate: {
      op: "groupAggregate",
      doc: "Counts per key.",
      stateTables: () => [countsTable],
      create: (_spec: OperatorSpec, _context: OperatorContext, output: Output) => new CountingAggregate(output),
    },
    sink: {
      op: "sink",
      doc: "Rows for a result table.",
      stateTables: () => [],
      create: (spec: OperatorSpec) => new ResultSink(spec.op === "sink" ? spec.sink : ""),
    },
  };
  return <S extends OperatorSpec>(spec: S) => definitions[spec.op as keyof typeof definitions] as unknown as OperatorDefinition<S>;
}

export interface Parallelism {
  readonly source: number;
  readonly aggregate: number;
}

export function jobGraph({ source, aggregate }: Parallelism, maxParallelism = 128): JobGraph {
  const connector = { connector: "numbers", options: {}, schema: rowSchema };
  const sink = (name: string, schema: Schema, uniqueKey: readonly number[] | null) =>
    ({ op: "sink", connector: "result", sink: name, options: {}, schema, uniqueKey, changelog: uniqueKey !== null }) as const;
  return {
    maxParallelism,
    vertices: [
      {
        id: "source",
        name: "Source numbers",
        parallelism: source,
        slotSharingGroup: "default",
        operators: [
          {
            uid: "numbers:1",
            name: "Source",
            spec: { op: "source", source: "numbers", ...connector, declared: rowSchema, badRows: "fail" },
            inputs: [],
            output: rowSchema,
          },
        ],
      },
      {
        id: "counts",
        name: "GroupAggregate -> Sink",
        parallelism: aggregate,
        slotSharingGroup: "default",
        operators: [
          {
            uid: "agg:1",
            name: "GroupAggregate",
            spec: { op: "groupAggregate", keys: [1], aggregates: [] },
            inputs: [rowSchema],
            output: countSchema,
          },
          { uid: "sink:1", name: "Sink", spec: sink("counts", countSchema, [0]), inputs: [countSchema], output: countSchema },
        ],
      },
      {
        id: "ledger",
        name: "Sink ledger",
        parallelism: 1,
        slotSharingGroup: "default",
        operators: [{ uid: "sink:2", name: "Sink", spec: sink("ledger", rowSchema, null), inputs: [rowSchema], output: rowSchema }],
      },
    ],
    edges: [
      { id: "e1", from: "source", to: "counts", toInput: 0, output: "main", ship: { kind: "hash", keys: [1] }, schema: rowSchema },
      { id: "e2", from: "source", to: "ledger", toInput: 0, output: "main", ship: { kind: "rebalance" }, schema: rowSchema },
    ],
  };
}

export const quickCheckpoints: CheckpointOptions = {
  interval_ms: 20,
  timeout_ms: 5_000,
  minPause_ms: 0,
  tolerableFailures: 3,
  retained: 3,
};
export const quickRestart: RestartStrategy = { kind: "fixed-delay", attempts: 100, delay_ms: 5 };

export function submissionOf(parallelism: Parallelism, changes: Partial<JobSubmission> = {}): JobSubmission {
  return {
    name: "job",
    graph: jobGraph(parallelism),
    resultTables: [
      { name: "counts", schema: countSchema, changelog: true, uniqueKey: [0] },
      { name: "ledger", schema: rowSchema, changelog: false, uniqueKey: null },
    ],
    checkpoints: quickCheckpoints,
    restart: quickRestart,
    ...changes,
  };
}

export interface Harness {
  readonly engine: Engine;
  readonly slots: LocalSlots;
  readonly log: string[];
}

export async function startEngine(store: Store, script: Script, slotCount = 2): Promise<Harness> {
  const definitionOf = definitionsOf(script);
  const slots = new LocalSlots(slotCount, { world: realWorld, definitionOf });
  const log: string[] = [];
  const engine = await createEngine({
    world: realWorld,
    store,
    slots,
    scratchDirectory: "/tmp",
    allowedDirectories: [],
    log: (level, message) => log.push(`${level} ${message}`),
    stateTablesOf: (node) => definitionOf(node.spec).stateTables(node.spec, node.inputs, node.output),
    makeFrameCodec,
  });
  return { engine, slots, log };
}

export async function query(store: Store, sql: string): Promise<Value[][]> {
  const connection = await store.connect();
  try {
    return await (await connection.query(sql)).rows();
  } finally {
    connection.close();
  }
}

/** Resolves once the condition holds; throws after five seconds with what was waited for. */
export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const end_ms = realWorld.clock.monotonic_ms() + 5_000;
  while (!(await condition())) {
    if (realWorld.clock.monotonic_ms() > end_ms) throw new Error(`waited in vain for ${what}`);
    await new Promise<void>((resolve) => realWorld.timers.after(5, resolve));
  }
}
