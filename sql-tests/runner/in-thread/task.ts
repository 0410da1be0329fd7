import { anywhere } from "../../../runtime/contract/file-places.ts";
import type { Batch } from "../../../runtime/contract/batch.ts";
import { keyGroupRange } from "../../../runtime/contract/hash.ts";
import type { JobEdge, JobVertex, OperatorNode, OperatorSpec } from "../../../runtime/contract/job-graph.ts";
import {
  type DeltaRest,
  type Operator,
  type OperatorContext,
  type OperatorDefinition,
  type Output,
  type SourceOperator,
  type StateTableSpec,
  watermark_max,
  watermark_min,
} from "../../../runtime/contract/operator.ts";
import { rowsOf } from "../../../runtime/contract/rows.ts";
import type { Value } from "../../../runtime/contract/value.ts";
import type { World } from "../../../runtime/contract/world.ts";
import { isFrame, type StreamElement } from "../../../runtime/exchange/elements.ts";
import { InputProgress, type Progress } from "../../../runtime/exchange/watermark-valve.ts";
import { BarrierAligner } from "../../../runtime/task/barrier-aligner.ts";
import { ChainOutput, FanOutput, WithSides } from "../../../runtime/task/chain-output.ts";
import { TaskMeter } from "../../../runtime/task/task-meter.ts";
import { restoredParts } from "../harness-state.ts";
import type { Channel, EdgeSender } from "./channel.ts";
import { type CollectedDelta, DeltaCollector, type StateStore } from "./state-store.ts";

export type DefinitionOf = <S extends OperatorSpec>(spec: S) => OperatorDefinition<S>;

export interface TaskParts {
  readonly vertex: JobVertex;
  readonly subtask: number;
  readonly maxParallelism: number;
  readonly definitionOf: DefinitionOf;
  readonly world: World;
  /** Sources read by themselves; else a script stands in for them. */
  readonly readsSources: boolean;
  readonly inputs: readonly Channel[];
  readonly outputs: readonly { readonly edge: JobEdge; readonly sender: EdgeSender }[];
}

/** Weighted rows for a result table. */
export interface CollectedResult {
  readonly table: string;
  readonly rows: readonly (readonly Value[])[];
  readonly weights: readonly number[] | null;
}

/** What a task says of a checkpoint. */
export interface TaskSnapshot {
  readonly deltas: readonly CollectedDelta[];
  readonly results: readonly CollectedResult[];
}

interface Unfinished {
  readonly checkpoint: number;
  readonly deltas: readonly DeltaCollector[];
  readonly results: CollectedResult[];
  readonly rests: DeltaRest[];
}

interface Chained {
  readonly node: OperatorNode;
  readonly operator: Operator;
  readonly output: Output;
  readonly tables: readonly StateTableSpec[];
}

const scribble = 0x55;

/** One subtask in the test's thread: the chain, its alignment of barriers and its watermarks, as runtime/task does it. */
export class InThreadTask {
  readonly parts: TaskParts;
  readonly name: string;
  ended = false;
  /** The newest checkpoint taken here. */
  taken = 0;
  readonly #chain: Chained[] = [];
  readonly #meter = new TaskMeter(false, 0);
  readonly #progress: InputProgress;
  readonly #aligner: BarrierAligner;
  readonly #onSnapshot: (task: InThreadTask, checkpoint: number, snapshot: TaskSnapshot) => void;
  /** Where rows of a scripted source enter the chain. */
  readonly #entry: Output;
  #live: number;
  #unfinished: Unfinished | null = null;

  constructor(parts: TaskParts, onSnapshot: (task: InThreadTask, checkpoint: number, snapshot: TaskSnapshot) => void) {
    this.parts = parts;
    this.name = `${parts.vertex.name}[${parts.subtask}]`;
    this.#onSnapshot = onSnapshot;
    const inputs = Math.max(-1, ...parts.inputs.map(({ place }) => place.input)) + 1;
    this.#progress = new InputProgress(
      Array.from({ length: inputs }, (_, input) => parts.inputs.filter(({ place }) => place.input === input).length),
    );
    this.#live = parts.inputs.length;
    this.#aligner = new BarrierAligner(this.#live);
    this.#entry = this.#build();
  }

  /** The source operator that this task stands in for; null for any other task. */
  get sourceNode(): OperatorNode | null {
    const [first] = this.parts.vertex.operators;
    return first !== undefined && this.#isScripted(first) ? first : null;
  }

  get tables(): readonly string[] {
    return this.#chain.flatMap(({ node, tables }) => tables.map((table) => `${node.uid}/${table.name}`));
  }

  async open(store: StateStore): Promise<void> {
    for (const { node, operator, tables } of this.#chain) {
      for (const table of tables) {
        const rows = store.restored(node.uid, table, this.#keyGroups(), this.parts.maxParallelism);
        for (const part of restoredParts(table, rows)) operator.restore?.(table.name, part);
      }
    }
    for (const { operator } of this.#chain.toReversed()) await operator.open?.();
  }

  /** Polls a source that is an operator (VALUES and the like). */
  async poll(): Promise<void> {
    const { operator, output } = this.#chain[0] as Chained;
    const result = await (operator as SourceOperator).poll();
    if (result !== "end") return;
    output.watermark(watermark_max);
    await this.endInput();
  }

  /** Rows of a scripted source. */
  rows(batch: Batch): void {
    this.#entry.batch(batch);
  }

  /** The scripted source has no event time to wait for. */
  idleSource(): void {
    this.#entry.idle(true);
  }

  async endSource(): Promise<void> {
    this.#entry.watermark(watermark_max);
    await this.endInput();
  }

  async element(channel: Channel, element: StreamElement): Promise<void> {
    const { input, index, position } = channel.place;
    if (isFrame(element)) {
      const done = (this.#chain[0] as Chained).operator.batch(channel.codec.decode(element), input);
      if (done !== undefined) await done;
      new Uint8Array(element).fill(scribble); // a batch is borrowed
      return;
    }
    switch (element.kind) {
      case "watermark":
        return this.#progressed(this.#said(input, () => this.#progress.watermark(input, index, element.watermark)));
      case "idle":
        return this.#progressed(this.#said(input, () => this.#progress.idle(input, index, element.idle)));
      case "barrier":
        return this.#align(this.#aligner.barrier(position, element.checkpoint), channel);
      case "end":
        await this.#align(this.#aligner.end(position), null);
        await this.#progressed(this.#said(input, () => this.#progress.watermark(input, index, watermark_max)));
        this.#live -= 1;
        if (this.#live === 0) await this.endInput();
        return;
    }
  }

  async endInput(): Promise<void> {
    for (const { operator } of this.#chain) await operator.finish?.();
    for (const { sender } of this.parts.outputs) sender.control({ kind: "end" });
    this.ended = true;
  }

  /** The cut: what the chain emits before it, the barrier, then the state. */
  async snapshot(checkpoint: number): Promise<void> {
    this.taken = checkpoint;
    for (const { operator } of this.#chain) await operator.prepareBarrier?.(checkpoint);
    if (!this.ended)
      for (const { sender } of this.parts.outputs)
        sender.control({ kind: "barrier", checkpoint, mode: { triggered_ms: 0, unalignedAfter_ms: null } });
    const deltas: DeltaCollector[] = [];
    const rests: DeltaRest[] = [];
    const results: CollectedResult[] = [];
    for (const { node, operator, tables } of this.#chain) {
      const snapshot = operator.snapshot?.(checkpoint);
      for (const delta of snapshot?.deltas ?? []) {
        const table = tables.find(({ name }) => name === delta.table);
        if (table === undefined) throw new Error(`invariant: ${node.name} has no state table ${delta.table}`);
        const own = isPlacedByKey(node) ? this.#keyGroups() : null;
        deltas.push(new DeltaCollector(node.uid, table, delta, own, this.parts.maxParallelism));
        if (delta.rest) rests.push(delta.rest);
      }
      for (const { table, rest } of snapshot?.results ?? []) {
        rest.giveTo((rows) => results.push(collectResult(node, table, rows)));
        rests.push(rest);
      }
    }
    this.#unfinished = { checkpoint, deltas, results, rests };
    if (rests.length === 0) this.write(0);
  }

  /** State of the last snapshot is still to be written. */
  get isWriting(): boolean {
    return this.#unfinished !== null;
  }

  /** Writes up to so many rows of it; the snapshot is handed over when all are written. */
  write(rows_max: number): void {
    const unfinished = this.#unfinished as Unfinished;
    const { checkpoint, deltas, results, rests } = unfinished;
    const [rest] = rests;
    if (rest?.write(rows_max) === false) rests.shift();
    if (rests.length > 0) return;
    this.#unfinished = null;
    this.#onSnapshot(this, checkpoint, { deltas: deltas.map((delta) => delta.value()), results });
  }

  async complete(checkpoint: number): Promise<void> {
    for (const { operator } of this.#chain) await operator.checkpointComplete?.(checkpoint);
  }

  tick(now_ms: number): void {
    if (!this.ended) for (const { operator } of this.#chain) operator.tick?.(now_ms);
  }

  async close(): Promise<void> {
    for (const rest of this.#unfinished?.rests ?? []) rest.drop();
    for (const { operator } of this.#chain) await operator.close?.();
  }

  #said(input: number, change: () => Progress): Progress {
    const before = this.#progress.isIdle(input);
    const changed = change();
    const after = this.#progress.isIdle(input);
    if (before !== after) (this.#chain[0] as Chained).operator.inputIdle?.(input, after);
    return changed;
  }

  async #align(step: ReturnType<BarrierAligner["barrier"]>, channel: Channel | null): Promise<void> {
    if (step.unblock) for (const input of this.parts.inputs) input.blocked = false;
    if (step.block && channel !== null) channel.blocked = true;
    if (step.complete !== null) await this.snapshot(step.complete);
  }

  async #progressed(change: Progress): Promise<void> {
    if (change.idle === false) this.#idle(false);
    if (change.watermark !== null && change.watermark !== watermark_min) {
      const done = (this.#chain[0] as Chained).operator.watermark(change.watermark);
      if (done !== undefined) await done;
    }
    if (change.idle === true) this.#idle(true);
  }

  #idle(idle: boolean): void {
    const { operator, output } = this.#chain[0] as Chained;
    if (operator.idle === undefined) output.idle(idle);
    else operator.idle(idle);
  }

  #keyGroups(): ReturnType<typeof keyGroupRange> {
    const { vertex, subtask, maxParallelism } = this.parts;
    return keyGroupRange(subtask, vertex.parallelism, maxParallelism);
  }

  #isScripted({ spec }: OperatorNode): boolean {
    return spec.op === "source" && !this.parts.readsSources;
  }

  /** Builds from the tail; the answer is where the first operator's input goes, or a scripted source's rows. */
  #build(): Output {
    const { vertex, outputs } = this.parts;
    const senders = outputs.filter(({ edge }) => edge.output === "main").map(({ sender }) => sender);
    let target: Output = senders.length === 1 ? (senders[0] as Output) : new FanOutput(senders);
    for (const node of vertex.operators.toReversed()) {
      if (this.#isScripted(node)) return target;
      const chained = this.#chained(node, target);
      this.#chain.unshift(chained);
      target = new ChainOutput(chained.operator, chained.output, this.#meter);
    }
    return target;
  }

  #chained(node: OperatorNode, target: Output): Chained {
    const { vertex, subtask, maxParallelism, definitionOf, world, outputs } = this.parts;
    const sideOf = (tag: "late" | "bad"): Output | null => {
      const sides = outputs.filter(({ edge }) => edge.output !== "main" && edge.output.uid === node.uid && edge.output.tag === tag);
      return sides.length === 0 ? null : new FanOutput(sides.map(({ sender }) => sender));
    };
    const sides = { late: sideOf("late"), bad: sideOf("bad") };
    const used = [sides.late, sides.bad].filter((side) => side !== null);
    const output = used.length === 0 ? target : new WithSides(target, used);
    const context: OperatorContext = {
      jobName: "job",
      uid: node.uid,
      subtaskIndex: subtask,
      parallelism: vertex.parallelism,
      maxParallelism,
      keyGroups: this.#keyGroups(),
      inputs: node.inputs,
      output: node.output,
      world,
      metrics: this.#meter,
      sideOutput: (tag) => sides[tag],
      pullTable: () => new Promise(() => undefined),
      scratchDirectory: "",
      places: anywhere,
    };
    const definition = definitionOf(node.spec);
    const operator = definition.create(node.spec, context, output);
    return { node, operator, output, tables: definition.stateTables(node.spec, node.inputs, node.output) };
  }
}

/** The rows of an operator without an exchange of its own lie where they came in, and find a place by key when they are restored. */
const isPlacedByKey = ({ spec }: OperatorNode): boolean => spec.op !== "temporalFilter" || spec.changelog;

function collectResult(node: OperatorNode, table: string, batch: Batch): CollectedResult {
  const schema = node.spec.op === "sink" ? node.spec.schema : node.output;
  return { table, rows: rowsOf(schema, batch), weights: batch.weights === null ? null : [...batch.weights.subarray(0, batch.rows)] };
}
