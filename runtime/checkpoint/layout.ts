import type { ResultTable } from "../contract/control.ts";
import { assert } from "../contract/errors.ts";
import type { FrameCodec, MakeFrameCodec } from "../contract/frame.ts";
import type { JobGraph, JobVertex, OperatorNode } from "../contract/job-graph.ts";
import type { StateTableSpec } from "../contract/operator.ts";
import { bigint, boolean, integer, type Schema } from "../contract/types.ts";
import type { TableInput } from "../tables/change-logs.ts";
import { type InFlightLog, inFlightLogs } from "./in-flight-log.ts";
import { distinctNames } from "../contract/distinct-names.ts";

/** The state tables that an operator will have: `definitionOf(node.spec).stateTables(…)`. */
export type StateTablesOf = (node: OperatorNode) => readonly StateTableSpec[];

/**
 * One operator's state table as it lies in schema millrace_state: a log of the rows that each checkpoint changed.
 * Columns: key_group, the state's columns, deleted, checkpoint. Of the rows with one key, the one with the highest
 * checkpoint is valid; rows with `deleted` have NULL beside their key.
 */
export interface StateLog {
  readonly uid: string;
  readonly vertex: string;
  readonly parallelism: number;
  /** What the operator's rows have met; see OperatorNode. */
  readonly conditions: string;
  readonly spec: StateTableSpec;
  /** In schema millrace_state; `delays/agg:1/slices`. */
  readonly table: string;
  readonly schema: Schema;
  /** What the content hash covers: all but the checkpoint, which the record names. */
  readonly hashed: Schema;
  /** Names of the state's columns in the table, which differ from the spec's where those collide. */
  readonly columns: readonly string[];
  readonly puts: FrameCodec;
  readonly deletes: FrameCodec;
}

/** A result table, and for changelogs the log of its weighted rows: columns checkpoint, position, weight, then the table's. */
export interface ResultLog {
  readonly result: ResultTable;
  readonly log: { readonly table: string; readonly schema: Schema; readonly columns: readonly string[] } | null;
  readonly codec: FrameCodec;
}

/** Where everything of a job lies in the store. */
export interface JobLayout {
  readonly job: string;
  readonly maxParallelism: number;
  readonly states: readonly StateLog[];
  readonly results: readonly ResultLog[];
  readonly inputs: readonly InputLog[];
  readonly inFlight: readonly InFlightLog[];
}

/** A table of the store that the job reads, and the operator that does. */
export interface InputLog extends TableInput {
  readonly uid: string;
  /** Those of the columns that it reads. */
  readonly read: Schema;
}

export const ownColumns = ["key_group", "checkpoint", "deleted"] as const;
const logColumns = ["checkpoint", "position", "weight"] as const;

export interface LayoutRequest {
  readonly job: string;
  readonly graph: JobGraph;
  readonly results: readonly ResultTable[];
  readonly stateTablesOf: StateTablesOf;
  readonly makeFrameCodec: MakeFrameCodec;
}

export function layoutOf(request: LayoutRequest): JobLayout {
  const { job, graph } = request;
  const states = graph.vertices.flatMap((vertex) =>
    vertex.operators.flatMap((node) => request.stateTablesOf(node).map((spec) => stateLogOf(request, node, vertex, spec))),
  );
  const tables = new Set(states.map((state) => state.table.toLowerCase()));
  assert(tables.size === states.length, `operators of job "${job}" have uids and state tables of their own`);
  return {
    job,
    maxParallelism: graph.maxParallelism,
    states,
    results: request.results.map((result) => resultLogOf(request, result)),
    inFlight: inFlightLogs(job, graph, request.makeFrameCodec),
    inputs: graph.vertices.flatMap((vertex) => vertex.operators.flatMap(inputOf)),
  };
}

function inputOf({ uid, spec }: OperatorNode): readonly InputLog[] {
  if (spec?.op !== "source" || spec.connector !== "table") return [];
  return [{ uid, table: spec.source, declared: spec.declared, read: spec.schema }];
}

function stateLogOf(request: LayoutRequest, { uid, conditions = "" }: OperatorNode, vertex: JobVertex, spec: StateTableSpec): StateLog {
  const names = distinctNames(
    spec.columns.map((column) => column.name),
    ownColumns,
  );
  const columns = spec.columns.map(({ type }, i) => ({ name: names[i] as string, type }));
  const keyGroup = { name: "key_group", type: integer };
  const deleted = { name: "deleted", type: boolean };
  return {
    uid,
    vertex: vertex.id,
    parallelism: vertex.parallelism,
    conditions,
    spec,
    table: `${request.job}/${uid}/${spec.name}`,
    columns: names,
    schema: { columns: [keyGroup, ...columns, deleted, { name: "checkpoint", type: bigint }] },
    hashed: { columns: [keyGroup, ...columns, deleted] },
    puts: request.makeFrameCodec({ columns: spec.columns }),
    deletes: request.makeFrameCodec({ columns: spec.columns.slice(0, spec.keyColumns) }),
  };
}

function resultLogOf(request: LayoutRequest, result: ResultTable): ResultLog {
  const codec = request.makeFrameCodec(result.schema);
  if (!result.changelog) return { result, log: null, codec };
  const fields = result.schema.columns;
  const columns = distinctNames(
    fields.map((field) => field.name),
    logColumns,
  );
  const schema: Schema = {
    columns: [
      { name: "checkpoint", type: bigint },
      { name: "position", type: bigint },
      { name: "weight", type: integer },
      ...fields.map(({ type }, i) => ({ name: columns[i] as string, type })),
    ],
  };
  return { result, log: { table: `${request.job}/results/${result.name}`, schema, columns }, codec };
}
