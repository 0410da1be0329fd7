/** An engine over slots without threads and the real store, with the counting job (counting-job.ts). */
import { anywhere } from "../../runtime/contract/file-places.ts";
import type { CheckpointOptions, Engine, JobSubmission, RestartStrategy } from "../../runtime/contract/control.ts";
import type { JobGraph } from "../../runtime/contract/job-graph.ts";
import type { Store } from "../../runtime/contract/store.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { createEngine } from "../../runtime/control/engine.ts";
import { makeFrameCodec } from "../../runtime/exchange/frame-codec.ts";
import type { World } from "../../runtime/contract/world.ts";
import { LocalSlots } from "../../runtime/worker/local-slots.ts";
import { realWorld } from "../../runtime/world/real-world.ts";
import { countSchema, definitionsOf, rowSchema, type Script } from "./counting-job.ts";

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
            spec: { op: "source", source: "numbers", ...connector, declared: rowSchema, badRows: "fail", changelog: false },
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
  maxConcurrent: 1,
  unaligned: false,
  alignedTimeout_ms: 0,
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
    savepoint: null,
    ...changes,
  };
}

export interface Harness {
  readonly engine: Engine;
  readonly slots: LocalSlots;
  readonly log: string[];
}

export async function startEngine(store: Store, script: Script, slotCount = 2, world: World = realWorld): Promise<Harness> {
  const definitionOf = definitionsOf(script);
  const slots = new LocalSlots(slotCount, { world, definitionOf });
  const log: string[] = [];
  const engine = await createEngine({
    world,
    store,
    slots,
    scratchDirectory: "/tmp",
    places: anywhere,
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
