import { anywhere } from "../contract/file-places.ts";
import { afterEach, expect, test } from "vitest";
import type { Batch } from "../contract/batch.ts";
import { SqlError } from "../contract/errors.ts";
import type { JobEdge, JobVertex, OperatorNode, OperatorSpec, Ship, SideOutputTag } from "../contract/job-graph.ts";
import {
  type Operator,
  type OperatorContext,
  type OperatorDefinition,
  type Output,
  type SourceOperator,
  type StateTableSpec,
  watermark_max,
} from "../contract/operator.ts";
import { batchOf, rowsOf } from "../contract/rows.ts";
import type { ChannelEnd, FromSlot, RestoredTable, TaskDeployment, TaskId, TaskSnapshot } from "../contract/rpc.ts";
import { bigint, type Schema } from "../contract/types.ts";
import { makeFrameCodec } from "../exchange/frame-codec.ts";
import { LocalSlots } from "../worker/local-slots.ts";
import { realWorld } from "../world/real-world.ts";
import type { DefinitionOf } from "./task-environment.ts";

const schema: Schema = {
  columns: [
    { name: "k", type: bigint },
    { name: "n", type: bigint },
  ],
};
const oneNumber: StateTableSpec = {
  name: "state",
  version: 1,
  columns: [
    { name: "subtask", type: bigint },
    { name: "n", type: bigint },
  ],
  keyColumns: 1,
  redistribution: { kind: "union" },
};
const batchRows = 100;

type Make = (context: OperatorContext, output: Output) => Operator;
type Stubs = Partial<Record<OperatorSpec["op"], Make>>;

const stubDefinitions = (stubs: Stubs): DefinitionOf =>
  (<S extends OperatorSpec>(spec: S): OperatorDefinition<S> => ({
    op: spec.op,
    doc: "a stub",
    stateTables: () => [oneNumber],
    create: (_, context, output) => (stubs[spec.op] as Make)(context, output),
  })) as DefinitionOf;

const node = (op: OperatorSpec["op"]): OperatorNode => ({
  uid: op,
  name: op,
  spec: { op, schema } as unknown as OperatorSpec,
  inputs: op === "source" ? [] : [schema],
  output: schema,
});
const vertex = (parallelism: number, ...ops: OperatorSpec["op"][]): JobVertex => ({
  id: ops.join("-"),
  name: ops.join(" -> "),
  parallelism,
  slotSharingGroup: "default",
  operators: ops.map(node),
});
const edge = (from: JobVertex, to: JobVertex, ship: Ship, output: JobEdge["output"] = "main"): JobEdge => ({
  id: `${from.id}>${to.id}`,
  from: from.id,
  to: to.id,
  toInput: 0,
  output,
  ship,
  schema,
});

/** A job master of a few lines: one slot a subtask, all channels local. */
class Run {
  readonly messages: FromSlot[] = [];
  readonly slots: LocalSlots;
  readonly ids: TaskId[] = [];
  private readonly waiting: { readonly until: () => boolean; readonly resolve: () => void; readonly reject: (error: Error) => void }[] = [];

  constructor(stubs: Stubs, vertices: readonly JobVertex[], edges: readonly JobEdge[], restored: readonly RestoredTable[] = []) {
    this.slots = new LocalSlots(Math.max(...vertices.map((v) => v.parallelism)), {
      world: realWorld,
      definitionOf: stubDefinitions(stubs),
    });
    void this.slots.start({ message: (_, message) => this.receive(message), exited: () => undefined, returned: () => undefined });
    for (const v of vertices) {
      for (let subtask = 0; subtask < v.parallelism; subtask++) {
        const deployment = deploymentOf(v, subtask, vertices, edges, restored.length > 0);
        const { task } = deployment;
        this.ids.push(task);
        this.slots.send(subtask, { do: "deploy", deployments: [deployment] });
        if (!deployment.awaitsState) continue;
        const own = restored.filter(({ uid }) => v.operators.some((operator) => operator.uid === uid));
        for (const rows of own) this.slots.send(subtask, { do: "restore", task, rows });
        this.slots.send(subtask, { do: "begin", task });
      }
    }
    runs.push(this);
  }

  receive(message: FromSlot): void {
    this.messages.push(message);
    const fault = message.did === "taskState" ? message.fault : null;
    for (const waiter of this.waiting) {
      if (waiter.until()) waiter.resolve();
      else if (fault !== null) waiter.reject(new Error(fault.stack ?? fault.message));
    }
  }

  until(condition: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      if (condition()) resolve();
      else this.waiting.push({ until: condition, resolve, reject });
    });
  }

  send(
    what: "triggerCheckpoint" | "checkpointComplete" | "abortCheckpoint",
    checkpoint: number,
    only: (task: TaskId) => boolean = () => true,
  ): void {
    for (const task of this.ids.filter(only)) {
      const mode = { triggered_ms: realWorld.clock.now_ms(), unalignedAfter_ms: null };
      this.slots.send(task.subtask, what === "triggerCheckpoint" ? { do: what, task, checkpoint, mode } : { do: what, task, checkpoint });
    }
  }

  cancel(): void {
    for (const task of this.ids) this.slots.send(task.subtask, { do: "cancel", task });
  }

  in(state: string): number {
    return this.messages.filter((m) => m.did === "taskState" && m.state === state).length;
  }

  ended(): number {
    return this.messages.filter((m) => m.did === "ended").length;
  }

  snapshots(checkpoint: number): { readonly task: TaskId; readonly snapshot: TaskSnapshot }[] {
    return this.messages.filter((m) => m.did === "acknowledged").filter((m) => m.checkpoint === checkpoint);
  }

  /** Takes one checkpoint of all tasks and completes it. */
  async checkpoint(checkpoint: number): Promise<void> {
    this.send("triggerCheckpoint", checkpoint);
    await this.until(() => this.snapshots(checkpoint).length === this.ids.length);
    this.send("checkpointComplete", checkpoint);
  }
}

const runs: Run[] = [];
afterEach(async () => {
  await Promise.all(runs.splice(0).map((run) => run.slots.close()));
});

function deploymentOf(
  v: JobVertex,
  subtask: number,
  vertices: readonly JobVertex[],
  edges: readonly JobEdge[],
  restores: boolean,
): TaskDeployment {
  const parallelismOf = (id: string): number => vertices.find((other) => other.id === id)?.parallelism as number;
  const inEdges = edges.filter((e) => e.to === v.id);
  const outEdges = edges.filter((e) => e.from === v.id);
  const end = (e: JobEdge, from: number, to: number, peerSubtask: number): ChannelEnd => ({
    id: `${e.id}/${from}/${to}`,
    edge: e.id,
    peerSubtask,
    peer: { kind: "slot", slot: 0 },
    port: null,
  });
  const peers = (e: JobEdge, id: string): number[] => (e.ship.kind === "forward" ? [subtask] : [...Array(parallelismOf(id)).keys()]);
  return {
    task: { job: "job", vertex: v.id, subtask, attempt: 1 },
    vertex: v,
    maxParallelism: 128,
    inEdges,
    outEdges,
    inputs: inEdges.flatMap((e) => peers(e, e.from).map((peer) => end(e, peer, subtask, peer))),
    outputs: outEdges.flatMap((e) => peers(e, e.to).map((peer) => end(e, subtask, peer, peer))),
    awaitsState: restores,
    inFlight: [],
    restoredUnaligned: false,
    restoredCheckpoint: restores ? 1 : null,
    scratchDirectory: "",
    places: anywhere,
  };
}

const state = (
  context: OperatorContext,
  n: bigint,
): { readonly deltas: readonly { readonly table: string; readonly puts: Batch; readonly deletes: null }[] } => ({
  deltas: [{ table: "state", puts: batchOf({ columns: oneNumber.columns }, [[BigInt(context.subtaskIndex), n]]), deletes: null }],
});
const stateOf = (snapshot: TaskSnapshot, uid: string): bigint => {
  const frame = snapshot.state.find((s) => s.uid === uid)?.puts as ArrayBuffer;
  return rowsOf({ columns: oneNumber.columns }, makeFrameCodec({ columns: oneNumber.columns }).decode(frame))[0]?.[1] as bigint;
};
const total = (run: Run, checkpoint: number, uid: string): bigint =>
  run.snapshots(checkpoint).reduce((sum, { task, snapshot }) => (task.vertex.includes(uid) ? sum + stateOf(snapshot, uid) : sum), 0n);

/** Emits the numbers from 0, `rows` of them; its state is how many. */
const source =
  (rows: number, hooks: Partial<SourceOperator> = {}): Make =>
  (context, output): SourceOperator => {
    let next = 0n;
    return {
      batch: () => undefined,
      watermark: () => undefined,
      poll() {
        if (next >= rows) return "end";
        const count = Math.min(batchRows, rows - Number(next));
        output.batch(
          batchOf(
            schema,
            Array.from({ length: count }, (_, i) => [(next + BigInt(i)) % 17n, next + BigInt(i)]),
          ),
        );
        next += BigInt(count);
        output.watermark(next - 1n);
        return "more";
      },
      snapshot: () => state(context, next),
      ...hooks,
    };
  };

/** Passes rows on; its state is how many it saw. */
const counting =
  (seen: (rows: readonly (readonly unknown[])[], subtask: number) => void = () => undefined, hooks: Partial<Operator> = {}): Make =>
  (context, output) => {
    let count = 0n;
    return {
      batch(batch) {
        count += BigInt(batch.rows);
        seen(rowsOf(schema, batch), context.subtaskIndex);
        output.batch(batch);
      },
      watermark: (watermark) => output.watermark(watermark),
      snapshot: () => state(context, count),
      ...hooks,
    };
  };

const hash: Ship = { kind: "hash", keys: [0] };

function threeByTwo(stubs: Stubs): Run {
  const vertices = [vertex(2, "source"), vertex(2, "groupAggregate"), vertex(2, "sink")] as const;
  return new Run(stubs, vertices, [edge(vertices[0], vertices[1], hash), edge(vertices[1], vertices[2], { kind: "rebalance" })]);
}

test("all rows reach the end, each key at one subtask and in order; tasks finish after one last checkpoint", async () => {
  const perSubtask: [bigint, bigint][][] = [[], []];
  let arrived = 0;
  let closed = 0;
  const close = (): void => void (closed += 1);
  const run = threeByTwo({
    source: source(10_000, { close }),
    groupAggregate: counting((rows, subtask) => perSubtask[subtask]?.push(...(rows as [bigint, bigint][])), { close }),
    sink: counting((rows) => (arrived += rows.length), { close }),
  });
  await run.until(() => run.ended() === 6);
  expect([arrived, run.in("FINISHED"), closed]).toEqual([20_000, 0, 0]);
  const keys = perSubtask.map((rows) => new Set(rows.map(([key]) => key)));
  expect([...(keys[0] as Set<bigint>)].filter((key) => keys[1]?.has(key))).toEqual([]);
  for (const key of keys[0] as Set<bigint>) {
    // Both sources count from 0: each number of the key comes twice, the second time never before the first's predecessor.
    const numbers = perSubtask[0]?.filter(([k]) => k === key).map(([, n]) => n) as bigint[];
    const firsts = numbers.filter((n, i) => numbers.indexOf(n) === i);
    expect(firsts).toEqual(firsts.toSorted((a, b) => Number(a - b)));
  }
  await run.checkpoint(1);
  await run.until(() => run.in("FINISHED") === 6);
  expect(run.snapshots(1).every(({ snapshot }) => snapshot.finished)).toBe(true);
  expect(closed).toBe(6);
});

test("a checkpoint is one cut: what the sources emitted before it is what everyone has seen", async () => {
  const run = threeByTwo({ source: source(200_000), groupAggregate: counting(), sink: counting() });
  for (let id = 1; id <= 5; id++) {
    await run.checkpoint(id);
    const emitted = total(run, id, "source");
    expect([total(run, id, "groupAggregate"), total(run, id, "sink")]).toEqual([emitted, emitted]);
    expect(emitted).toBeLessThan(400_000n);
  }
  run.cancel();
  await run.until(() => run.in("CANCELED") === 6);
});

test("tasks that end before a barrier could come take the checkpoint by themselves", async () => {
  const run = threeByTwo({
    source: (context, output) => source(context.subtaskIndex === 0 ? 500 : 60_000)(context, output),
    groupAggregate: counting(),
    sink: counting(),
  });
  await run.until(() => run.ended() >= 1);
  await run.checkpoint(1);
  expect(total(run, 1, "sink")).toBe(total(run, 1, "source"));
  const first = run.snapshots(1).find(({ task }) => task.vertex === "source" && task.subtask === 0);
  expect(first?.snapshot.finished).toBe(true);
  await run.until(() => run.ended() === 6);
  await run.until(() => run.in("FINISHED") === 1);
  run.send("triggerCheckpoint", 2);
  await run.until(() => run.snapshots(2).length === 5);
  run.send("checkpointComplete", 2);
  await run.until(() => run.in("FINISHED") === 6);
});

test("a trigger that meets a task shortly before its end is kept until then", async () => {
  let letGo = (): void => undefined;
  const latch = new Promise<void>((resolve) => (letGo = resolve));
  const source1 = vertex(1, "source");
  const sink = vertex(1, "sink");
  const run = new Run(
    { source: source(250), sink: (context, output) => counting(() => undefined, { batch: () => latch })(context, output) },
    [source1, sink],
    [edge(source1, sink, { kind: "forward" })],
  );
  await run.until(() => run.ended() === 1);
  run.send("triggerCheckpoint", 1);
  await run.until(() => run.snapshots(1).length === 1);
  letGo();
  await run.until(() => run.snapshots(1).length === 2);
  expect(run.snapshots(1).map(({ task, snapshot }) => [task.vertex, snapshot.finished])).toEqual([
    ["source", true],
    ["sink", true],
  ]);
});

test("an aborted checkpoint is forgotten, the next one is whole", async () => {
  const run = threeByTwo({ source: source(100_000), groupAggregate: counting(), sink: counting() });
  await run.until(() => run.in("RUNNING") === 6);
  run.send("triggerCheckpoint", 1, ({ vertex: v, subtask }) => v === "source" && subtask === 0);
  run.send("abortCheckpoint", 1);
  await run.checkpoint(2);
  expect(run.snapshots(1).length).toBeLessThan(6);
  expect(total(run, 2, "sink")).toBe(total(run, 2, "source"));
});

test("a newer checkpoint takes the place of one whose barriers have not all come", async () => {
  const run = threeByTwo({ source: source(100_000), groupAggregate: counting(), sink: counting() });
  await run.until(() => run.in("RUNNING") === 6);
  run.send("triggerCheckpoint", 1, ({ vertex: v, subtask }) => v === "source" && subtask === 0);
  await run.until(() => run.snapshots(1).length === 1);
  await run.checkpoint(2);
  expect(run.messages.filter((m) => m.did === "declined").map((m) => m.checkpoint)).toContain(1);
  expect(total(run, 2, "sink")).toBe(total(run, 2, "source"));
});

test("the calls of a chain come in the order of the contract", async () => {
  const calls: string[] = [];
  const logged = (name: string): Partial<Operator> => ({
    restore: (table, rows) => void calls.push(`${name} restore ${table} ${rows.rows}`),
    open: () => Promise.resolve().then(() => void calls.push(`${name} open`)),
    prepareBarrier: () => Promise.resolve().then(() => void calls.push(`${name} prepareBarrier`)),
    finish: () => Promise.resolve().then(() => void calls.push(`${name} finish`)),
    checkpointComplete: (id) => Promise.resolve().then(() => void calls.push(`${name} complete ${id}`)),
    snapshot: () => (calls.push(`${name} snapshot`), { deltas: [] }),
    close: () => void calls.push(`${name} close`),
  });
  const chain = vertex(1, "source", "calc");
  const sink = vertex(1, "sink");
  const frames = [1n, 2n].map((n) =>
    makeFrameCodec({ columns: oneNumber.columns }).encode(batchOf({ columns: oneNumber.columns }, [[0n, n]]), null),
  );
  const watermarks: bigint[] = [];
  const run = new Run(
    {
      source: source(150, logged("source")),
      calc: (context, output) => ({
        ...counting(() => calls.push("calc batch"), logged("calc"))(context, output),
        watermark: (watermark) => (calls.push(`calc wm ${watermark === watermark_max ? "max" : watermark}`), output.watermark(watermark)),
      }),
      sink: counting(() => undefined, { watermark: (watermark) => void watermarks.push(watermark) }),
    },
    [chain, sink],
    [edge(chain, sink, { kind: "forward" })],
    [{ uid: "calc", table: "state", frames }],
  );
  await run.until(() => run.ended() === 2);
  await run.checkpoint(1);
  await run.until(() => run.in("FINISHED") === 2);
  expect(calls).toEqual([
    "calc restore state 2",
    "calc open",
    "source open",
    "calc batch",
    "calc wm 99",
    "calc batch",
    "calc wm 149",
    "calc wm max",
    "source finish",
    "calc finish",
    "source prepareBarrier",
    "calc prepareBarrier",
    "source snapshot",
    "calc snapshot",
    "source complete 1",
    "calc complete 1",
    "source close",
    "calc close",
  ]);
  expect(watermarks).toEqual([99n, 149n, watermark_max]);
});

test("a head that takes its time is not called again meanwhile, and holds the source back", async () => {
  let emitted = 0;
  let handled = 0;
  let inside = 0;
  let ahead = 0;
  const source1 = vertex(1, "source");
  const sink = vertex(1, "sink");
  const run = new Run(
    {
      source: (context, output) =>
        source(40_000)(context, { ...forwarding(output), batch: (batch) => ((emitted += batch.rows), output.batch(batch)) }),
      sink: () => ({
        async batch(batch) {
          expect(inside++).toBe(0);
          await new Promise((resolve) => setImmediate(resolve));
          handled += batch.rows;
          ahead = Math.max(ahead, emitted - handled);
          inside--;
        },
        watermark: () => {
          expect(inside).toBe(0);
        },
      }),
    },
    [source1, sink],
    [edge(source1, sink, { kind: "forward" })],
  );
  await run.until(() => run.ended() === 2);
  expect(handled).toBe(40_000);
  // At most 16 frames or 64 elements (half of them watermarks here) of 100 rows, and one turn's overdraft.
  expect(ahead).toBeLessThanOrEqual(33 * batchRows);
});

const forwarding = (output: Output): Output => ({
  batch: (b) => output.batch(b),
  watermark: (w) => output.watermark(w),
  idle: (i) => output.idle(i),
});

test("a fault ends its task alone, says whose it is, and everything of the task is closed once", async () => {
  let closed = 0;
  const source1 = vertex(1, "source");
  const sink = vertex(1, "sink");
  const run = new Run(
    {
      source: source(1_000),
      sink: counting(
        () => {
          throw new SqlError({ sqlState: "22003", message: "bigint out of range" });
        },
        { close: () => void (closed += 1) },
      ),
    },
    [source1, sink],
    [edge(source1, sink, { kind: "forward" })],
  );
  await run.until(() => run.in("FAILED") === 1);
  const failed = run.messages.find((m) => m.did === "taskState" && m.state === "FAILED");
  expect(failed).toMatchObject({
    task: { vertex: "sink" },
    fault: { domain: "user", retry: "fail", sqlState: "22003", message: "bigint out of range" },
  });
  run.cancel();
  await run.until(() => run.in("CANCELED") === 1);
  expect([closed, run.in("FAILED")]).toEqual([1, 1]);
});

test("a cancel does not wait for ever for a read under way", async () => {
  let closed = 0;
  const source1 = vertex(1, "source");
  const run = new Run({ source: source(10, { poll: () => new Promise(() => undefined), close: () => void (closed += 1) }) }, [source1], []);
  await run.until(() => run.in("RUNNING") === 1);
  run.cancel();
  await run.until(() => run.in("CANCELED") === 1);
  expect(closed).toBe(1);
});

test("rows put aside travel on their own edge, with the watermarks of their operator", async () => {
  const late: unknown[] = [];
  const watermarks: bigint[] = [];
  const tag: SideOutputTag = "late";
  const chain = vertex(1, "source", "calc");
  const aside = vertex(1, "sink");
  const run = new Run(
    {
      source: source(300),
      calc: (context, output) => ({
        batch: (batch) => context.sideOutput(tag)?.batch(batch),
        watermark: (watermark) => output.watermark(watermark),
      }),
      sink: counting((rows) => late.push(...rows), { watermark: (watermark) => void watermarks.push(watermark) }),
    },
    [chain, aside],
    [edge(chain, aside, { kind: "rebalance" }, { uid: "calc", tag })],
  );
  await run.until(() => run.ended() === 2);
  expect([late.length, watermarks]).toEqual([300, [99n, 199n, 299n, watermark_max]]);
});

test("a source that waits is polled again, its rows do not linger, and metrics tell of them", async () => {
  let polls = 0;
  let arrived = 0;
  const source1 = vertex(1, "source");
  const sink = vertex(1, "sink");
  const run = new Run(
    {
      source: (_, output) =>
        ({
          batch: () => undefined,
          watermark: () => undefined,
          poll: () => (polls++ % 2 === 0 ? (output.batch(batchOf(schema, [[1n, 1n]])), "more") : "wait"),
        }) satisfies SourceOperator,
      sink: counting((rows) => (arrived += rows.length)),
    },
    [source1, sink],
    [edge(source1, sink, { kind: "forward" })],
  );
  await run.until(() => run.messages.some((m) => m.did === "metrics" && m.tasks.some((t) => t.task.vertex === "sink" && t.recordsIn > 0)));
  expect(arrived).toBeGreaterThan(0);
  expect(polls).toBeLessThan(100);
});
