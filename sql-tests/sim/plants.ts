import { AttemptStorage } from "../../runtime/checkpoint/attempt-storage.ts";
import type { Committed } from "../../runtime/checkpoint/commit.ts";
import { CheckpointCoordinator } from "../../runtime/checkpoint/coordinator.ts";
import { TaskProgress } from "../../runtime/checkpoint/task-progress.ts";
import { ChannelPump } from "../../runtime/cluster/channel-pump.ts";
import type { Batch } from "../../runtime/contract/batch.ts";
import type { OperatorSpec } from "../../runtime/contract/job-graph.ts";
import type { Operator, OperatorDefinition } from "../../runtime/contract/operator.ts";
import type { QueryResult, Store } from "../../runtime/contract/store.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import type { SlotProvider } from "../../runtime/control/slot-provider.ts";
import { InChannel } from "../../runtime/exchange/in-channel.ts";
import { OutChannel } from "../../runtime/exchange/out-channel.ts";
import { definitionOf } from "../../runtime/operators/registry.ts";
import { BarrierAligner } from "../../runtime/task/barrier-aligner.ts";
import type { DefinitionOf } from "../../runtime/task/task-environment.ts";
import { Kernel } from "./kernel/kernel.ts";
import { Target, TargetWriter } from "./outside.ts";
import { losingStateOnRescale, withoutFencing, withoutRowsInFlight } from "./provider-plants.ts";

/** Where a planted bug gets between the parts of a cluster. */
export interface Hooks {
  readonly definitionOf: DefinitionOf;
  readonly store: (store: Store) => Store;
  readonly provider: (provider: SlotProvider) => SlotProvider;
}

export const noHooks: Hooks = { definitionOf, store: (store) => store, provider: (provider) => provider };

/** A bug of the protocol: hooks, or a change of a class that is taken back by the function returned. */
export type Plant = { readonly hooks: Partial<Hooks> } | { readonly patch: () => () => void };

/** Replaces a method until it is taken back. */
function patch<T extends object, K extends keyof T & string>(prototype: T, name: K, make: (original: T[K]) => unknown): () => () => void {
  return () => {
    const before = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
    Object.defineProperty(prototype, name, { ...before, value: make(before.value as T[K]) });
    return () => Object.defineProperty(prototype, name, before);
  };
}

const getter =
  <T extends object>(prototype: T, name: keyof T & string, value: unknown) =>
  (): (() => void) => {
    const before = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
    Object.defineProperty(prototype, name, { ...before, get: () => value });
    return () => Object.defineProperty(prototype, name, before);
  };

/** The operator's own definition, its operators changed. */
const changing =
  (op: OperatorSpec["op"], change: (operator: Operator) => void): DefinitionOf =>
  <S extends OperatorSpec>(spec: S) => {
    const known: OperatorDefinition<S> = definitionOf(spec);
    if (spec.op !== op) return known;
    const create: OperatorDefinition<S>["create"] = (...args) => {
      const operator = known.create(...args);
      change(operator);
      return operator;
    };
    return { ...known, create };
  };

const nothingStored: Committed = { completed_ms: 0, stateRows: 0, resultRows: 0, bytes: 0, appended: new Map(), totalRows: new Map() };

/** Every `n`th time. */
const every = (n: number): (() => boolean) => {
  let count = 0;
  return () => ++count % n === 0;
};

export const plants: Readonly<Record<string, Plant>> = {
  "barriers do not block channels": {
    patch: patch(
      BarrierAligner.prototype,
      "barrier",
      (original) =>
        function (this: BarrierAligner, channel: number, checkpoint: number) {
          return { ...original.call(this, channel, checkpoint), block: false };
        },
    ),
  },
  "a barrier overtakes gathered rows": {
    patch: patch(
      OutChannel.prototype,
      "control",
      () =>
        function (this: { enqueue(element: unknown): void }, element: unknown) {
          this.enqueue(element);
        },
    ),
  },
  "checkpoint ids are used again": { patch: getter(CheckpointCoordinator.prototype, "nextCheckpoint", 1) },
  "checkpoints begin before all tasks run": {
    patch: patch(
      TaskProgress.prototype,
      "allRunning",
      () =>
        function (this: TaskProgress) {
          return this.participants().length > 0;
        },
    ),
  },
  "credits are not given back": { patch: patch(InChannel.prototype, "done", () => () => undefined) },
  "timers get lost": {
    patch: patch(Kernel.prototype, "schedule", (original) => {
      const isLost = every(200);
      return function (this: Kernel, ...args: Parameters<typeof original>) {
        return args[1] === "timer" && isLost() ? () => undefined : original.apply(this, args);
      };
    }),
  },
  "changes of failed checkpoints are forgotten": {
    patch: patch(
      AttemptStorage.prototype,
      "commit",
      (original) =>
        function (this: AttemptStorage, snapshot: Parameters<typeof original>[0]) {
          return original.call(this, {
            ...snapshot,
            snapshots: snapshot.snapshots.filter(({ checkpoint }) => checkpoint === snapshot.checkpoint),
          });
        },
    ),
  },
  "a checkpoint is complete before it is stored": {
    patch: patch(
      AttemptStorage.prototype,
      "commit",
      (original) =>
        async function (this: AttemptStorage, snapshot: Parameters<typeof original>[0]) {
          original.call(this, snapshot).catch(() => undefined);
          return nothingStored;
        },
    ),
  },
  "the sink commits what it prepares": {
    patch: patch(
      TargetWriter.prototype,
      "prepare",
      (original) =>
        async function (this: TargetWriter) {
          const ids = await original.call(this);
          await this.commit(ids);
          return ids;
        },
    ),
  },
  "a commit that is repeated writes again": {
    patch: patch(
      Target.prototype,
      "commit",
      () =>
        function (this: Target, id: string) {
          this.visible.push(...this.stagedRows(id));
        },
    ),
  },
  "prepared commits are forgotten on restore": {
    hooks: { definitionOf: changing("sink", (operator) => void (operator.restore = () => undefined)) },
  },
  "positions of sources are not restored": {
    hooks: { definitionOf: changing("source", (operator) => void (operator.restore = () => undefined)) },
  },
  "sinks are not told of completed checkpoints": {
    hooks: { definitionOf: changing("sink", (operator) => void (operator.checkpointComplete = () => undefined)) },
  },
  "aggregates are not restored": {
    hooks: { definitionOf: changing("groupAggregate", (operator) => void (operator.restore = () => undefined)) },
  },
  "a frame between TaskManagers comes twice": {
    patch: patch(ChannelPump.prototype, "receive", (original) => {
      const isDoubled = every(10);
      return function (this: ChannelPump, message: Parameters<typeof original>[0]) {
        original.call(this, message);
        if (message.kind === "elements" && isDoubled()) original.call(this, message);
      };
    }),
  },
  "messages of old attempts are heard": { hooks: { provider: withoutFencing } },
  "rows in flight are not restored": { hooks: { provider: withoutRowsInFlight } },
  "rescaling loses the state of a subtask": { hooks: { provider: losingStateOnRescale } },
  "results are stored apart from state": { hooks: { store: storingResultsApart } },
  "restore ignores the newest checkpoint": { hooks: { store: hidingNewest } },
};

function storingResultsApart(store: Store): Store {
  return {
    ...store,
    connect: () => store.connect(),
    close: () => store.close(),
    declareFunction: (definition) => store.declareFunction(definition),
    transact: async (body) => {
      const results: { readonly table: string; readonly schema: Schema; readonly batches: readonly Batch[] }[] = [];
      try {
        return await store.transact((transaction) =>
          body({
            ...transaction,
            append: (schemaName, table, schema, batches) => {
              const kept = [...batches];
              if (schemaName === "public") results.push({ table, schema, batches: kept });
              return transaction.append(schemaName, table, schema, kept);
            },
          }),
        );
      } catch (error) {
        await store.transact(async (transaction) => {
          for (const { table, schema, batches } of results) await transaction.append("public", table, schema, batches);
        });
        throw error;
      }
    },
  };
}

function hidingNewest(store: Store): Store {
  const without = async (result: QueryResult): Promise<QueryResult> => {
    const rows = await result.rows();
    return { ...result, rows: () => Promise.resolve(rows.slice(1)) };
  };
  return {
    ...store,
    transact: (body) => store.transact(body),
    close: () => store.close(),
    declareFunction: (definition) => store.declareFunction(definition),
    connect: async () => {
      const connection = await store.connect();
      return {
        ...connection,
        query: async (sql, parameters) => {
          const result = await connection.query(sql, parameters);
          return sql.startsWith("SELECT id, status FROM millrace.checkpoints") ? without(result) : result;
        },
      };
    },
  };
}
