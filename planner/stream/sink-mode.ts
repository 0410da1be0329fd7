import { SqlError } from "../../runtime/contract/errors.ts";
import type { ChangeEnvelopeSpec } from "../../runtime/contract/job-graph.ts";
import { type Schema, type SqlType, varchar } from "../../runtime/contract/types.ts";
import type { SinkObject } from "../catalog.ts";
import type { InsertBody } from "../front/statement.ts";
import { exchange } from "./exchange.ts";
import { appendOnly, type StreamPlan } from "./nodes.ts";

/** The query's rows as the sink's mode wants them. Throws SqlError where they cannot be had that way. */
export function inMode(sink: SinkObject, input: StreamPlan, body: InsertBody): StreamPlan {
  switch (sink.mode) {
    case null:
      return input;
    case "append":
      if (input.traits.isChangelog) throw takesInsertsOnly(sink, body);
      return input;
    case "upsert":
      return envelope(input, "upsert", requireKey(sink, input, body));
    case "debezium":
      return envelope(input, "debezium", keyOf(sink, input, body));
  }
}

const takesInsertsOnly = ({ name }: SinkObject, { query }: InsertBody): SqlError =>
  new SqlError({
    sqlState: "0A000",
    message: `sink "${name}" takes inserts only (mode = 'append'), and the rows of this query change`,
    hint: "Use mode = 'upsert' or 'debezium', or aggregate in windows, whose rows are final.",
    at: query.at,
  });

/** The declared key, else the shortest that the query is known to have. */
function keyOf(sink: SinkObject, input: StreamPlan, body: InsertBody): readonly number[] | null {
  const { isChangelog, uniqueKeys } = input.traits;
  const [shortest] = [...uniqueKeys].sort((a, b) => a.length - b.length);
  if (sink.primaryKey.length === 0) return shortest ?? null;
  const declared = sink.primaryKey.map((name) => input.schema.columns.findIndex((column) => column.name === name));
  // Of two rows with one key, the delete of one must not be taken for that of the other.
  if (!isChangelog || uniqueKeys.some((key) => key.every((column) => declared.includes(column)))) return declared;
  throw new SqlError({
    sqlState: "0A000",
    message: `the rows of this query change, and are not known to be unique by the primary key (${sink.primaryKey.join(", ")}) of sink "${sink.name}"`,
    hint: "Group by the key, or declare as PRIMARY KEY what the query groups by.",
    at: body.query.at,
  });
}

function requireKey(sink: SinkObject, input: StreamPlan, body: InsertBody): readonly number[] {
  const key = keyOf(sink, input, body);
  if (key !== null && key.length > 0) return key;
  throw new SqlError({
    sqlState: "0A000",
    message: `sink "${sink.name}" has mode = 'upsert', and this query has no key`,
    hint: "Declare one: CREATE SINK k (c type, …, PRIMARY KEY (c) NOT ENFORCED) WITH (…).",
    at: body.query.at,
  });
}

function envelope(input: StreamPlan, mode: ChangeEnvelopeSpec["mode"], key: readonly number[] | null): StreamPlan {
  const placed = key === null ? input : exchange(input, key);
  const names = (key ?? []).map((c) => input.schema.columns[c]?.name).join(", ");
  const schema = schemaOf(input.schema, mode, key ?? []);
  return {
    kind: "operator",
    name: "ChangeEnvelope",
    handle: "envelope",
    spec: { op: "changeEnvelope", mode, key },
    inputs: [placed],
    schema,
    traits: { ...appendOnly, distribution: placed.traits.distribution.kind === "single" ? placed.traits.distribution : { kind: "any" } },
    description: key === null ? mode : `${mode} by (${names})`,
    side: null,
    isShared: false,
  };
}

function schemaOf({ columns }: Schema, mode: ChangeEnvelopeSpec["mode"], key: readonly number[]): Schema {
  const row: SqlType = { id: "struct", fields: columns };
  if (mode === "upsert") {
    const keyType: SqlType = { id: "struct", fields: key.flatMap((c) => columns[c] ?? []) };
    return {
      columns: [
        { name: "key", type: keyType },
        { name: "value", type: row },
      ],
    };
  }
  return {
    columns: [
      { name: "before", type: row },
      { name: "after", type: row },
      { name: "op", type: varchar },
    ],
  };
}
