/** State and result tables of one job in a real store, committed and restored by hand: what the checkpoint tests build on. */
import type { ResultTable } from "../../runtime/contract/control.ts";
import type { JobGraph, OperatorNode } from "../../runtime/contract/job-graph.ts";
import type { StateTableSpec } from "../../runtime/contract/operator.ts";
import { parseType } from "../../runtime/contract/parse-type.ts";
import { batchOf, rowsOf } from "../../runtime/contract/rows.ts";
import type { RestoredTable, ResultFrames, StateFrames, TaskSnapshot } from "../../runtime/contract/rpc.ts";
import type { Store } from "../../runtime/contract/store.ts";
import { bigint, type Schema, type SqlType, varchar } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import { AttemptStorage } from "../../runtime/checkpoint/attempt-storage.ts";
import { claimAttempt } from "../../runtime/checkpoint/begin-attempt.ts";
import type { JobRecord } from "../../runtime/checkpoint/job-records.ts";
import { type JobLayout, layoutOf } from "../../runtime/checkpoint/layout.ts";
import type { StateReceiver } from "../../runtime/checkpoint/read-state.ts";
import { planRestore, readState, type Restoration } from "../../runtime/checkpoint/restore.ts";
import type { BrokenDelta } from "../../runtime/checkpoint/verification.ts";
import { finishedSnapshot } from "../../runtime/checkpoint/pending-checkpoint.ts";
import { createSystemTables } from "../../runtime/checkpoint/system-tables.ts";
import { openStore } from "../../runtime/duckdb/store.ts";
import { makeFrameCodec } from "../../runtime/exchange/frame-codec.ts";
import { TableLogs } from "../../runtime/tables/change-logs.ts";
import { query } from "./engine-harness.ts";

const typed: Schema = {
  columns: (["REAL", "DOUBLE", "DECIMAL(30,4)", "TIMESTAMP", "INTERVAL", "VARCHAR[]", "STRUCT(a REAL, b VARCHAR)", "UUID"] as const).map(
    (name, i) => ({
      name: `v${i}`,
      type: parseType(name) as SqlType,
    }),
  ),
};
export const panes: StateTableSpec = {
  name: "panes",
  version: 1,
  columns: [{ name: "checkpoint", type: varchar }, { name: "Key_Group", type: bigint }, ...typed.columns],
  keyColumns: 2,
  redistribution: { kind: "keyed", distribution: [0] },
};
export const splits: StateTableSpec = {
  name: "splits",
  version: 1,
  columns: [
    { name: "split", type: varchar },
    { name: "position", type: bigint },
  ],
  keyColumns: 1,
  redistribution: { kind: "union" },
};
export const total: StateTableSpec = {
  name: "total",
  version: 1,
  columns: [{ name: "n", type: bigint }],
  keyColumns: 0,
  redistribution: { kind: "keyed", distribution: [] },
};

const kv: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "weight", type: bigint },
  ],
};
export const keyed: ResultTable = { name: "keyed", schema: kv, changelog: true, uniqueKey: [0] };
export const bag: ResultTable = { name: "bag", schema: kv, changelog: true, uniqueKey: null };
export const single: ResultTable = { name: "single", schema: kv, changelog: true, uniqueKey: [] };
export const appended: ResultTable = { name: "appended", schema: kv, changelog: false, uniqueKey: null };

const graphOf = (parallelism: number): JobGraph => ({
  maxParallelism: 128,
  edges: [],
  vertices: [{ id: "v", name: "v", parallelism, slotSharingGroup: "default", operators: [{ uid: "op:1" } as unknown as OperatorNode] }],
});

export const layout = (parallelism = 1, tables: readonly StateTableSpec[] = [panes, splits, total]): JobLayout =>
  layoutOf({
    job: "job",
    graph: graphOf(parallelism),
    results: [keyed, bag, single, appended],
    stateTablesOf: () => tables,
    makeFrameCodec,
  });

export const paneRow = (key: string, n: bigint, text: string): Value[] => {
  const nested = [text, null, `${text} that is longer than twelve bytes`];
  return [
    key,
    n,
    0.1,
    0.1,
    12_345_678_901_234_567_890n,
    n * 1_000n,
    { months: 1, days: 2, micros: n },
    nested,
    [0.1, text],
    "00000000-0000-0000-0000-00000000000f",
  ];
};

export const state = (spec: StateTableSpec, puts: readonly Value[][], deletes: readonly Value[][] = []): StateFrames => {
  const keys: Schema = { columns: spec.columns.slice(0, spec.keyColumns) };
  return {
    uid: "op:1",
    table: spec.name,
    puts: puts.length === 0 ? null : makeFrameCodec({ columns: spec.columns }).encode(batchOf({ columns: spec.columns }, puts), null),
    deletes: deletes.length === 0 ? null : makeFrameCodec(keys).encode(batchOf(keys, deletes), null),
  };
};

/** Rows as [weight, k, v], one batch for each argument. */
export const changes = (table: ResultTable, ...batches: (readonly [number, string | null, bigint])[][]): ResultFrames => ({
  table: table.name,
  frames: batches.map((rows) =>
    makeFrameCodec(kv).encode(
      batchOf(
        kv,
        rows.map(([, k, v]) => [k, v]),
        table.changelog ? rows.map(([weight]) => weight) : null,
      ),
      null,
    ),
  ),
});

export const snapshotOf = (states: readonly StateFrames[], results: readonly ResultFrames[] = []): TaskSnapshot => ({
  finished: false,
  state: states,
  results,
  inFlight: [],
  progress: [],
  figures: finishedSnapshot.figures,
});

const recordOf = (number: number): JobRecord => ({
  job: "job",
  id: "id",
  state: "RUNNING",
  attempt: number,
  maxParallelism: 128,
  nextCheckpoint: 1,
  restarts: 0,
  created_ms: 0,
  started_ms: null,
  ended_ms: null,
  fault: null,
});

export interface StorageHarness {
  readonly store: Store;
  /** Claims and begins the next attempt. */
  begin(of?: JobLayout): Promise<AttemptStorage>;
  /** The restored rows of a table by subtask, in a stable order. */
  restored(spec: StateTableSpec, of?: JobLayout, subtasks?: number): Promise<Value[][][]>;
  rowsIn(table: ResultTable): Promise<Value[][]>;
  /** Changes the store behind the checkpoint's back. */
  damage(sql: string): Promise<void>;
}

interface TakenRows {
  readonly subtask: number;
  readonly rows: RestoredTable;
}

/** What a job starts from, and what its tasks were sent: checkpoint after checkpoint until one is whole, as a job master would. */
export async function restore(
  store: Store,
  of: JobLayout = layout(),
): Promise<{ readonly restoration: Restoration; readonly taken: readonly TakenRows[] }> {
  let broken: readonly BrokenDelta[] = [];
  for (;;) {
    const taken: TakenRows[] = [];
    const receiver: StateReceiver = {
      take: (_vertex, subtask, rows) => void taken.push({ subtask, rows }),
      ready: () => Promise.resolve(true),
    };
    const reading = await readState(store, of, await planRestore(store, of, 3, broken), receiver);
    if (reading.kind === "whole") return { restoration: reading.restoration, taken };
    if (reading.kind === "abandoned") throw new Error("nobody wants the state any more");
    ({ broken } = reading);
  }
}

export async function openStorage(): Promise<StorageHarness> {
  const store = await openStore({ path: ":memory:" });
  await createSystemTables(store);
  const tables = await TableLogs.open(store, makeFrameCodec);
  let attempt = 0;
  return {
    store,
    async begin(of = layout()) {
      attempt += 1;
      await claimAttempt(store, recordOf(attempt));
      const { restoration } = await restore(store, of);
      return AttemptStorage.begin(
        { store, tables, layout: of, record: recordOf(attempt), retained_max: 3, now_ms: () => 1_000 },
        restoration,
      );
    },
    async restored(spec, of = layout(), subtasks = 1) {
      const { taken } = await restore(store, of);
      const schema: Schema = { columns: spec.columns };
      return Array.from({ length: subtasks }, (_, subtask) => {
        const parts = taken.filter((part) => part.subtask === subtask && part.rows.table === spec.name);
        const rows = parts.flatMap((part) => part.rows.frames.flatMap((frame) => rowsOf(schema, makeFrameCodec(schema).decode(frame))));
        return rows.sort((a, b) => String(a[0]).localeCompare(String(b[0])));
      });
    },
    rowsIn: (table) => query(store, `SELECT k, weight FROM public.${table.name} ORDER BY ALL`),
    damage: (sql) => store.transact((transaction) => transaction.run(sql)),
  };
}

export const commit = (
  storage: AttemptStorage,
  checkpoint: number,
  states: readonly StateFrames[],
  results: readonly ResultFrames[] = [],
) =>
  storage.commit({
    checkpoint,
    type: "CHECKPOINT",
    triggered_ms: 900,
    snapshots: [{ checkpoint, task: 0, snapshot: snapshotOf(states, results) }],
  });

/** The restored rows of a table, over all subtasks, in a stable order. */
