/**
 * Text tests of operators: text in, text out (style.md, habit 25).
 *
 *   const harness = await OperatorHarness.open({ definition: windowAggregate, spec, inputs: [bid], output });
 *   expect(await harness.feed(`+ 12:00:01 a 5 | wm 12:00:11 | barrier 1`)).toEqual(linesOf(`+ a 1 | wm 12:00:11 | barrier 1`));
 *
 * Steps stand on lines of their own or between `|`; `# …` is a comment.
 *   + v v v       a row; `- v v` retracts it, `+2 v v` has weight 2. Rows that follow each other are one batch; `--` cuts it.
 *   1: + v v      a row of input 1 (a join's right side). Without a number: input 0
 *   wm TIME       a watermark: `12:00:11` (on 1970-01-01), `2020-01-01T00:00:00`, `5us`, `max`
 *   idle, active  the input's status
 *   input-idle 1  input 1 is idle, whatever the others
 *   tick 100      processing time moves on by 100 ms and `tick` is called
 *   barrier 7     prepareBarrier, then snapshot 7: prints what was emitted, `barrier 7`, then the state rows (`put t …`, `delete t …`)
 *   complete 7    checkpointComplete(7)
 *   end           watermark max, then finish
 *
 * Output lines: `+ v v` / `- v v` rows, `wm T`, `idle`, `active`, `late + v v`, `bad + v v`, `result t + v v`, `end`.
 * Values: see harness-text.ts. A row whose type has no text form goes in by `rows`, with values as of contract/value.ts.
 *
 * `restore()` makes a new instance from the state of the last barrier, at any parallelism. After each call the harness overwrites
 * the arrays that it passed in, so that an operator that keeps a borrowed batch fails its test.
 */
import { anywhere } from "../../runtime/contract/file-places.ts";
import type { Batch, Column } from "../../runtime/contract/batch.ts";
import { keyGroupRange } from "../../runtime/contract/hash.ts";
import { badRowSchema, type OperatorSpec, type SideOutputTag } from "../../runtime/contract/job-graph.ts";
import type { MetricName } from "../../runtime/contract/metrics.ts";
import {
  type Operator,
  type OperatorContext,
  type OperatorDefinition,
  type Output,
  type StateTableSpec,
  watermark_max,
} from "../../runtime/contract/operator.ts";
import { batchOf } from "../../runtime/contract/rows.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import type { World } from "../../runtime/contract/world.ts";
import { applyDeltas, formatDeltas, type HarnessState, restoredParts, restoredRows, wholeDeltas } from "./harness-state.ts";
import { formatBatch, formatTime, linesOf, parseRow, parseTime, wordsOf } from "./harness-text.ts";

export { linesOf } from "./harness-text.ts";

export interface HarnessOptions<S extends OperatorSpec> {
  readonly definition: OperatorDefinition<S>;
  readonly spec: S;
  readonly inputs: readonly Schema[];
  readonly output: Schema;
  readonly subtaskIndex?: number;
  readonly parallelism?: number;
  readonly maxParallelism?: number;
  /** Gives input batches weights even when all rows are `+`. */
  readonly changelog?: boolean;
  /** Which side outputs somebody consumes; both unless said. */
  readonly sideOutputs?: readonly SideOutputTag[];
  /** Schema of late rows; the first input's unless said. */
  readonly late?: Schema;
  /** Leaves the state rows out of what `barrier` prints. */
  readonly hideState?: boolean;
}

interface Pending {
  readonly input: number;
  readonly rows: Value[][];
  readonly weights: number[];
}

/** Time stands still but for `tick`; random is a constant; timers never fire. */
class FakeWorld implements World {
  now = 0;
  readonly clock = { now_ms: () => this.now, monotonic_ms: () => this.now };
  readonly random = () => 0.5;
  readonly timers = { after: () => () => undefined, every: () => () => undefined, soon: () => undefined };
}

export class OperatorHarness<S extends OperatorSpec> {
  readonly options: HarnessOptions<S>;
  readonly metrics = new Map<MetricName, number>();
  /** All state tables after the last barrier. */
  state: HarnessState;
  readonly #world = new FakeWorld();
  readonly #tables: readonly StateTableSpec[];
  readonly #operator: Operator;
  #lines: string[] = [];
  #pending: Pending | null = null;

  private constructor(options: HarnessOptions<S>, state: HarnessState) {
    this.options = options;
    this.state = state;
    this.#tables = options.definition.stateTables(options.spec, options.inputs, options.output);
    this.#operator = options.definition.create(options.spec, this.#context(), this.#outputTo(options.output, ""));
  }

  static async open<S extends OperatorSpec>(options: HarnessOptions<S>, state: HarnessState = new Map()): Promise<OperatorHarness<S>> {
    const harness = new OperatorHarness(options, state);
    harness.#restore();
    await harness.#operator.open?.();
    return harness;
  }

  /** A new instance over the state of the last barrier, at the same or another parallelism. */
  restore(at: { readonly subtaskIndex?: number; readonly parallelism?: number } = {}): Promise<OperatorHarness<S>> {
    return OperatorHarness.open({ ...this.options, ...at }, this.state);
  }

  /** Runs a script; returns the lines that it made the operator emit. */
  async feed(script: string): Promise<string[]> {
    for (const line of linesOf(script)) await this.#step(line);
    await this.#flush();
    return this.take();
  }

  /** Feeds rows of values as one batch; returns the lines emitted. */
  async rows(rows: readonly (readonly Value[])[], weights: readonly number[] | null = null, input = 0): Promise<string[]> {
    await this.#send(batchOf(this.#inputSchema(input), rows, weights), input);
    return this.take();
  }

  /** Lines emitted since the last call. */
  take(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  close(): void | Promise<void> {
    return this.#operator.close?.();
  }

  async #step(line: string): Promise<void> {
    const row = /^(?:(\d+):\s*)?([+-])(\d*)(?:\s+(.*))?$/.exec(line);
    if (row !== null && line !== "--") return this.#queue(Number(row[1] ?? 0), row[2] === "-" ? -1 : 1, Number(row[3] || 1), row[4] ?? "");
    await this.#flush();
    const [command, argument = ""] = line.split(/\s+/);
    switch (command) {
      case "--":
        return;
      case "wm":
        return this.#operator.watermark(argument === "max" ? watermark_max : parseTime(argument));
      case "idle":
        return this.#operator.idle?.(true);
      case "active":
        return this.#operator.idle?.(false);
      case "input-idle":
        return this.#operator.inputIdle?.(Number(argument), true);
      case "tick":
        this.#world.now += Number(argument);
        return this.#operator.tick?.(this.#world.now);
      case "barrier":
        return this.#barrier(Number(argument));
      case "complete":
        return this.#operator.checkpointComplete?.(Number(argument));
      case "end":
        await this.#operator.watermark(watermark_max);
        await this.#operator.finish?.();
        this.#lines.push("end");
        return;
      default:
        throw new Error(`no such step: ${line}`);
    }
  }

  async #queue(input: number, sign: number, count: number, values: string): Promise<void> {
    if (this.#pending !== null && this.#pending.input !== input) await this.#flush();
    this.#pending ??= { input, rows: [], weights: [] };
    this.#pending.rows.push(parseRow(this.#inputSchema(input), wordsOf(values)));
    this.#pending.weights.push(sign * count);
  }

  async #flush(): Promise<void> {
    const pending = this.#pending;
    if (pending === null) return;
    this.#pending = null;
    const weighted = this.options.changelog === true || pending.weights.some((weight) => weight !== 1);
    await this.#send(batchOf(this.#inputSchema(pending.input), pending.rows, weighted ? pending.weights : null), pending.input);
  }

  async #send(batch: Batch, input: number): Promise<void> {
    await this.#operator.batch(batch, input);
    batch.weights?.fill(scribble);
    for (const column of batch.columns) overwrite(column);
  }

  async #barrier(checkpointId: number): Promise<void> {
    await this.#operator.prepareBarrier?.(checkpointId);
    this.#lines.push(`barrier ${checkpointId}`);
    const snapshot = this.#operator.snapshot?.(checkpointId);
    if (snapshot === undefined) return;
    const deltas = wholeDeltas(this.#tables, snapshot.deltas);
    if (this.options.hideState !== true) this.#lines.push(...formatDeltas(this.#tables, deltas));
    for (const { table, rest } of snapshot.results ?? []) {
      rest.giveTo((rows) => this.#lines.push(...formatBatch(this.options.inputs[0] as Schema, rows, `result ${table} `)));
      while (rest.write(3));
    }
    this.state = applyDeltas(this.state, this.#tables, deltas);
  }

  #restore(): void {
    const { keyGroups, maxParallelism } = this.#context();
    for (const table of this.#tables) {
      const rows = restoredRows(this.state, table, keyGroups, maxParallelism);
      for (const part of restoredParts(table, rows)) this.#operator.restore?.(table.name, part);
    }
  }

  #inputSchema(input: number): Schema {
    const schema = this.options.inputs[input];
    if (schema === undefined) throw new Error(`the operator has no input ${input}`);
    return schema;
  }

  #outputTo(schema: Schema, prefix: string): Output {
    return {
      batch: (batch) => void this.#lines.push(...formatBatch(schema, batch, prefix)),
      watermark: (watermark) => void this.#lines.push(`${prefix}wm ${watermark === watermark_max ? "max" : formatTime(watermark)}`),
      idle: (idle) => void this.#lines.push(`${prefix}${idle ? "idle" : "active"}`),
    };
  }

  #context(): OperatorContext {
    const { inputs, output, subtaskIndex = 0, parallelism = 1, maxParallelism = 128, sideOutputs = ["late", "bad"] } = this.options;
    const late = this.options.late ?? inputs[0] ?? { columns: [] };
    return {
      jobName: "job",
      uid: "operator",
      subtaskIndex,
      parallelism,
      maxParallelism,
      keyGroups: keyGroupRange(subtaskIndex, parallelism, maxParallelism),
      inputs,
      output,
      world: this.#world,
      metrics: { add: (name, count) => void this.metrics.set(name, (this.metrics.get(name) ?? 0) + count) },
      sideOutput: (tag) => (sideOutputs.includes(tag) ? this.#outputTo(tag === "late" ? late : badRowSchema, `${tag} `) : null),
      scratchDirectory: "",
      places: anywhere,
      pullTable: () => new Promise(() => undefined),
    };
  }
}

/** Consecutive row lines in sorted order, everything else in place: for operators whose rows have no order within one firing. */
export function sortRows(lines: readonly string[]): string[] {
  const sorted: string[] = [];
  let run: string[] = [];
  const flush = (): void => {
    sorted.push(...run.sort());
    run = [];
  };
  for (const line of lines) {
    if (/^[+-]/.test(line)) run.push(line);
    else {
      flush();
      sorted.push(line);
    }
  }
  flush();
  return sorted;
}

const scribble = 0x55;

function overwrite(column: Column): void {
  column.validity?.fill(0);
  switch (column.phys) {
    case "u8":
    case "i32":
    case "f64":
      column.values.fill(scribble);
      return;
    case "i64":
      column.values.fill(BigInt(scribble));
      return;
    case "i128":
      column.lo.fill(BigInt(scribble));
      column.hi.fill(BigInt(scribble));
      return;
    case "bytes":
      column.bytes.fill(scribble);
      return;
    case "interval":
      column.months.fill(scribble);
      column.days.fill(scribble);
      column.micros.fill(BigInt(scribble));
      return;
    case "list":
      overwrite(column.child);
      return;
    case "struct":
      for (const field of column.fields) overwrite(field);
      return;
  }
}
