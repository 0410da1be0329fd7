import type { Batch } from "../../../runtime/contract/batch.ts";
import type { OperatorSpec } from "../../../runtime/contract/job-graph.ts";
import {
  type Operator,
  type OperatorContext,
  type OperatorDefinition,
  type Output,
  type Watermark,
  watermark_max,
} from "../../../runtime/contract/operator.ts";
import type { Schema } from "../../../runtime/contract/types.ts";
import { BatchBuilder } from "../../../runtime/exchange/batch-builder.ts";
import type { DefinitionOf } from "../../runner/in-thread/task.ts";
import { registryOperators } from "./run-case.ts";

/** A fault in an operator, that a random case must show. */
export interface Plant<S extends OperatorSpec> {
  readonly bug: string;
  /** Shown only by a job that dies behind a checkpoint. */
  readonly atRestore: boolean;
  readonly create: (parts: Parts<S>) => Operator;
}

export interface Parts<S extends OperatorSpec> {
  readonly definition: OperatorDefinition<S>;
  readonly spec: S;
  readonly context: OperatorContext;
  readonly output: Output;
}

/** The registry with one fault in one operator. */
export function planted<S extends OperatorSpec>(op: S["op"], plant: Plant<S>): DefinitionOf {
  return <T extends OperatorSpec>(spec: T): OperatorDefinition<T> => {
    const definition = registryOperators(spec);
    if (spec.op !== op) return definition;
    const own = definition as unknown as OperatorDefinition<S>;
    const faulty: OperatorDefinition<S> = {
      ...own,
      create: (asked, context, output) => plant.create({ definition: own, spec: asked, context, output }),
    };
    return faulty as unknown as OperatorDefinition<T>;
  };
}

const create = <S extends OperatorSpec>({ definition, spec, context, output }: Parts<S>): Operator =>
  definition.create(spec, context, output);

/** It does something else than its plan says. */
export const misread = <S extends OperatorSpec>(bug: string, change: (spec: S) => S): Plant<S> => ({
  bug,
  atRestore: false,
  create: (parts) => create({ ...parts, spec: change(parts.spec) }),
});

/** What is taken back is not passed on. */
export const keeps: Plant<OperatorSpec> = {
  bug: "keeps what it should take back",
  atRestore: false,
  create: (parts) => create({ ...parts, output: withoutRetractions(parts.output, parts.context.output) }),
};

export const ignores: Plant<OperatorSpec> = {
  bug: "does not see what is taken back",
  atRestore: false,
  create: (parts) => taking(parts, onlyInserts),
};

export const forgets: Plant<OperatorSpec> = {
  bug: "forgets rows with a NULL",
  atRestore: false,
  create: (parts) => taking(parts, withoutNulls),
};

export const doubles: Plant<OperatorSpec> = {
  bug: "takes a batch twice",
  atRestore: false,
  create: (parts) => {
    const operator = create(parts);
    const take = operator.batch.bind(operator);
    operator.batch = (batch, input) => {
      void take(batch, input);
      return take(batch, input);
    };
    return operator;
  },
};

export const loses: Plant<OperatorSpec> = {
  bug: "loses its state at a restore",
  atRestore: true,
  create: (parts) => {
    const operator = create(parts);
    const snapshot = operator.snapshot?.bind(operator);
    if (snapshot === undefined) return operator;
    operator.snapshot = (checkpoint) => {
      const taken = snapshot(checkpoint);
      for (const { rest } of taken.deltas) rest?.giveTo(() => undefined);
      for (const { rest } of taken.deltas) while (rest?.write(1_000) === true);
      return { ...taken, deltas: [] };
    };
    return operator;
  },
};

/** What it emits comes twice. */
export const repeats: Plant<OperatorSpec> = {
  bug: "emits a batch twice",
  atRestore: false,
  create: (parts) =>
    create({
      ...parts,
      output: {
        ...passedOn(parts.output),
        batch: (batch) => {
          parts.output.batch(batch);
          parts.output.batch(batch);
        },
      },
    }),
};

/** Its timers are set again in `open`. */
export const forgetsTimers: Plant<OperatorSpec> = {
  bug: "forgets its timers at a restore",
  atRestore: true,
  create: (parts) => {
    const operator = create(parts);
    operator.open = () => undefined;
    return operator;
  },
};

const hasty_us = 8_000_000n;

/** As far as rows come out of order, and further: rows that are in time are late. */
export const hastes: Plant<OperatorSpec> = {
  bug: "takes the watermark to be further than it is",
  atRestore: false,
  create: (parts) => {
    const operator = create(parts);
    const pass = operator.watermark.bind(operator);
    operator.watermark = (watermark) => pass(further(watermark));
    return operator;
  },
};

export const announces: Plant<OperatorSpec> = {
  bug: "says a watermark that is too far",
  atRestore: false,
  create: (parts) =>
    create({ ...parts, output: { ...passedOn(parts.output), watermark: (watermark) => parts.output.watermark(further(watermark)) } }),
};

export const stands: Plant<OperatorSpec> = {
  bug: "looks at a clock that is a millisecond behind",
  atRestore: false,
  create: (parts) => {
    const { world } = parts.context;
    const clock = { ...world.clock, now_ms: () => world.clock.now_ms() - 1 };
    const operator = create({ ...parts, context: { ...parts.context, world: { ...world, clock } } });
    const tick = operator.tick?.bind(operator);
    if (tick !== undefined) operator.tick = (now_ms) => tick(now_ms - 1);
    return operator;
  },
};

export const sleeps: Plant<OperatorSpec> = {
  bug: "does nothing as time passes",
  atRestore: false,
  create: (parts) => {
    const operator = create(parts);
    operator.tick = () => undefined;
    return operator;
  },
};

/** Every input counts as read from the start. */
export const doesNotWait: Plant<OperatorSpec> = {
  bug: "does not wait for its table",
  atRestore: false,
  create: (parts) => {
    const operator = create(parts);
    operator.inputIdle?.(1, true);
    return operator;
  },
};

const further = (watermark: Watermark): Watermark => (watermark === watermark_max ? watermark : watermark + hasty_us);

const passedOn = (output: Output): Output => ({
  batch: (batch) => output.batch(batch),
  watermark: (watermark) => output.watermark(watermark),
  idle: (idle) => output.idle(idle),
});

function taking(parts: Parts<OperatorSpec>, some: (schema: Schema, batch: Batch) => Batch): Operator {
  const operator = create(parts);
  const take = operator.batch.bind(operator);
  operator.batch = (batch, input) => take(some(parts.context.inputs[input] as Schema, batch), input);
  return operator;
}

const withoutRetractions = (output: Output, schema: Schema): Output => ({
  ...passedOn(output),
  batch: (batch) => output.batch(onlyInserts(schema, batch)),
});

const onlyInserts = (schema: Schema, batch: Batch): Batch =>
  picked(schema, batch, (row) => batch.weights === null || (batch.weights[row] as number) > 0);

const withoutNulls = (schema: Schema, batch: Batch): Batch =>
  picked(schema, batch, (row) => batch.columns.every(({ validity }) => validity === null || validity[row] === 1));

function picked(schema: Schema, batch: Batch, isKept: (row: number) => boolean): Batch {
  const selection = Int32Array.from(Array.from({ length: batch.rows }, (_, row) => row).filter(isKept));
  const builder = new BatchBuilder(schema);
  builder.append(batch, { selection, from: 0, to: selection.length });
  return builder.build();
}
