import { SqlError } from "../runtime/contract/errors.ts";
import type { Expression } from "../runtime/contract/expressions.ts";
import type { SinkSpec } from "../runtime/contract/job-graph.ts";
import { isNumeric } from "../runtime/contract/type-classes.ts";
import { type Field, formatType, sameType, type Schema, type SqlType } from "../runtime/contract/types.ts";
import type { CatalogView, SinkObject } from "./catalog.ts";
import type { InsertBody } from "./front/statement.ts";
import { suggest } from "../runtime/contract/suggest.ts";
import { calc, columnExpression } from "./stream/calc.ts";
import { inMode } from "./stream/sink-mode.ts";
import { appendOnly, type OperatorPlan, type StreamPlan, type Traits } from "./stream/nodes.ts";

/** The sink that writes a SELECT body's rows into the job's result table. */
export function resultSink(name: string, input: StreamPlan): OperatorPlan {
  return sinkPlan(`Sink ${name}`, "result", name, {}, input);
}

/** A result table for rows that an operator puts aside. */
export function sideSink(table: string, schema: Schema): OperatorPlan {
  const source: StreamPlan = { kind: "union", inputs: [], schema, traits: appendOnly };
  return sinkPlan(`Sink ${table}`, "result", table, {}, source);
}

function sinkPlan(name: string, connector: string, sink: string, options: SinkSpec["options"], input: StreamPlan): OperatorPlan {
  return {
    kind: "operator",
    name,
    handle: "sink",
    spec: {
      op: "sink",
      connector,
      sink,
      options,
      schema: input.schema,
      uniqueKey: uniqueKeyOf(input.traits),
      changelog: input.traits.isChangelog,
    },
    inputs: [input],
    schema: input.schema,
    traits: input.traits,
    description: `${connector} (${input.schema.columns.map((c) => c.name).join(", ")})`,
    side: null,
    isShared: false,
  };
}

/** The shortest key that identifies a row of a changelog; null for whole rows, and for the one row of a global aggregate. */
function uniqueKeyOf(traits: Traits): readonly number[] | null {
  const [shortest] = traits.isChangelog ? [...traits.uniqueKeys].sort((a, b) => a.length - b.length) : [];
  return shortest === undefined || shortest.length === 0 ? null : shortest;
}

/** INSERT INTO sink: columns by position, with the casts that an assignment makes; missing ones are NULL. */
export function insertSink(body: InsertBody, input: StreamPlan, catalog: CatalogView): OperatorPlan {
  const sink = requireSink(body, catalog);
  const rows = sink.columns === null ? input : assigned(body, input, sink.columns);
  return sinkPlan(`Sink ${sink.name}`, sink.connector, sink.name, sink.options, inMode(sink, rows, body));
}

function requireSink(body: InsertBody, catalog: CatalogView): SinkObject {
  const { name, at } = body.sink;
  const object = catalog.get(name);
  if (object?.kind === "sink") return object;
  if (object === null) {
    const sinks = catalog.all().flatMap((o) => (o.kind === "sink" ? [o.name] : []));
    const near = suggest(name, sinks);
    const hint = near === undefined ? "Create it: CREATE SINK … WITH (connector = '…')." : `Perhaps you meant "${near}".`;
    throw new SqlError({ sqlState: "42P01", message: `sink "${name}" does not exist`, hint, at });
  }
  throw new SqlError({ sqlState: "42809", message: `"${name}" is not a sink`, at });
}

function assigned(body: InsertBody, input: StreamPlan, declared: readonly Field[]): StreamPlan {
  const targets = body.columns ?? declared.map((c) => c.name).slice(0, input.schema.columns.length);
  const unknown = targets.find((name) => !declared.some((c) => c.name === name));
  if (unknown !== undefined) {
    throw new SqlError({ sqlState: "42703", message: `column "${unknown}" of sink "${body.sink.name}" does not exist`, at: body.sink.at });
  }
  const given = input.schema.columns.length;
  if (given !== targets.length || (body.columns === null && given > declared.length)) {
    const more = given > targets.length || given > declared.length;
    throw new SqlError({
      sqlState: "42601",
      message: `INSERT has more ${more ? "expressions than target columns" : "target columns than expressions"}`,
      at: body.query.at,
    });
  }
  const expressions = declared.map((column): Expression => {
    const at = targets.indexOf(column.name);
    return at < 0 ? { kind: "literal", value: null, type: column.type } : assignment(columnExpression(input.schema, at), column, body);
  });
  return calc(
    input,
    null,
    expressions,
    declared.map((c) => c.name),
  );
}

const isDay = ({ id }: SqlType): boolean => id === "date" || id === "timestamp" || id === "timestamptz";

/** Postgres' assignment casts: within numbers, within times, and anything to text. */
function assignment(value: Expression, column: Field, body: InsertBody): Expression {
  if (sameType(value.type, column.type)) return value;
  const within = (isOf: (type: SqlType) => boolean): boolean => isOf(value.type) && isOf(column.type);
  if (within(isNumeric) || within(isDay) || column.type.id === "varchar") {
    return { kind: "cast", argument: value, type: column.type, tryCast: false };
  }
  throw new SqlError({
    sqlState: "42804",
    message: `column "${column.name}" is of type ${formatType(column.type)} but expression is of type ${formatType(value.type)}`,
    hint: "You will need to rewrite or cast the expression.",
    at: body.query.at,
  });
}
