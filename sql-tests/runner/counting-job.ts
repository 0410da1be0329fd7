/**
 * A small job whose answer is known: four splits of numbered rows, a ledger that must hold each row once, and counts and sums
 * per key, as a changelog. Its operators read a script as they run, so that a test can hold them up or make them fail.
 */
import type { Batch } from "../../runtime/contract/batch.ts";
import { splitOwner } from "../../runtime/contract/hash.ts";
import type { OperatorSpec } from "../../runtime/contract/job-graph.ts";
import type {
  Operator,
  OperatorContext,
  OperatorDefinition,
  Output,
  SourceOperator,
  StateTableSpec,
} from "../../runtime/contract/operator.ts";
import { batchOf, rowsOf } from "../../runtime/contract/rows.ts";
import { bigint, type Schema, varchar } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { GatheredRows } from "../../runtime/operators/result-rest.ts";
import type { DefinitionOf } from "../../runtime/task/task-environment.ts";

export const rowSchema: Schema = {
  columns: [
    { name: "id", type: bigint },
    { name: "key", type: bigint },
  ],
};
export const countSchema: Schema = {
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
  /** Called before each batch of the counting operator: how long it takes. */
  beforeCount?: () => Promise<void>;
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

  readonly #before: () => Promise<void> | undefined;

  constructor(output: Output, before: () => Promise<void> | undefined) {
    this.#output = output;
    this.#before = before;
  }

  restore(_table: string, rows: Batch): void {
    for (const [key, count, total] of rowsOf(countSchema, rows)) this.#counts.set(key as bigint, [count as bigint, total as bigint]);
  }

  batch(batch: Batch): void | Promise<void> {
    const wait = this.#before();
    return wait === undefined ? this.#count(batch) : wait.then(() => this.#count(batch));
  }

  #count(batch: Batch): void {
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
    const results = this.#batches.map((batch) => ({ table: this.#table, rest: new GatheredRows(batch) }));
    this.#batches = [];
    return { deltas: [], results };
  }

  watermark(): void {}
}

export function definitionsOf(script: Script): DefinitionOf {
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
      create: (_spec: OperatorSpec, _context: OperatorContext, output: Output) =>
        new CountingAggregate(output, () => script.beforeCount?.()),
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
