import type { Batch, Column, I32Column } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import type { FrameCodec, MakeFrameCodec } from "../contract/frame.ts";
import { hashRows, keyGroupOf, keyGroupRange } from "../contract/hash.ts";
import { inFlightSchema, mayBeOvertaken } from "../contract/in-flight.ts";
import type { JobEdge, JobGraph, JobVertex } from "../contract/job-graph.ts";
import type { ChannelInFlight, EdgeProgress, RowsInFlight } from "../contract/rpc.ts";
import { bigint, formatType, integer, type Schema, timestamp, varchar } from "../contract/types.ts";

/**
 * Rows in flight on one edge, as unaligned checkpoints store them in schema millrace_state. Columns: key_group, those of
 * contract/in-flight.ts, checkpoint. Unlike state they are valid for their checkpoint alone.
 */
export interface InFlightLog {
  readonly edge: JobEdge;
  /** From what to what, by uids: stays the same when the graph is made again. */
  readonly name: string;
  readonly receivers: number;
  readonly senders: number;
  readonly table: string;
  readonly schema: Schema;
  /** What the content hash covers. */
  readonly hashed: Schema;
  /** Of the columns: tables of another version hold rows of another plan. */
  readonly version: number;
  /** Of the edge's rows, and of the rows with their places. */
  readonly rows: FrameCodec;
  readonly stored: FrameCodec;
}

/** Per edge, by the name of its log: one row without a sender that says how wide its ends are, and how far each sender was. */
export const progressSchema: Schema = {
  columns: [
    { name: "edge", type: varchar },
    { name: "sender", type: integer },
    { name: "sender_count", type: integer },
    { name: "receiver_count", type: integer },
    { name: "watermark", type: timestamp },
    { name: "checkpoint", type: bigint },
  ],
};

export const progressTable = (job: string): string => `${job}/in flight`;

/** One log per edge where barriers may overtake rows. */
export function inFlightLogs(job: string, graph: JobGraph, makeFrameCodec: MakeFrameCodec): readonly InFlightLog[] {
  const vertexOf = (id: string): JobVertex => {
    const vertex = graph.vertices.find((candidate) => candidate.id === id);
    assert(vertex !== undefined, `an edge joins vertices of its graph, ${id}`);
    return vertex;
  };
  return graph.edges.filter(mayBeOvertaken).map((edge) => {
    const [from, to] = [vertexOf(edge.from), vertexOf(edge.to)];
    const name = nameOf(edge, from, to);
    const own = inFlightSchema(edge);
    const hashed: Schema = { columns: [{ name: "key_group", type: integer }, ...own.columns] };
    return {
      edge,
      name,
      receivers: to.parallelism,
      senders: from.parallelism,
      table: `${progressTable(job)}/${name}`,
      schema: { columns: [...hashed.columns, { name: "checkpoint", type: bigint }] },
      hashed,
      version: versionOf(own),
      rows: makeFrameCodec(edge.schema),
      stored: makeFrameCodec(own),
    };
  });
}

function nameOf({ output, toInput }: JobEdge, from: JobVertex, to: JobVertex): string {
  const source = output === "main" ? (from.operators.at(-1)?.uid ?? from.id) : `${output.uid}:${output.tag}`;
  return `${source}>${to.operators[0]?.uid ?? to.id}:${toInput}`;
}

/** FNV-1a over names and types, to 31 bits. */
function versionOf({ columns }: Schema): number {
  let hash = 0x811c9dc5;
  const text = columns.map(({ name, type }) => `${name} ${formatType(type)}`).join();
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 1;
}

export interface InFlightPlace {
  readonly checkpoint: number;
  readonly maxParallelism: number;
  /** Of the first row on its channel and queue. */
  readonly position: number;
}

/** Rows in flight as rows of their log. */
export function inFlightRows(log: InFlightLog, channel: ChannelInFlight, { frame, watermark }: RowsInFlight, place: InFlightPlace): Batch {
  const batch = log.rows.decode(frame);
  const { rows } = batch;
  const positions = new BigInt64Array(rows);
  for (let i = 0; i < rows; i++) positions[i] = BigInt(place.position + i);
  const columns: readonly Column[] = [
    { phys: "i32", values: keyGroups(log, channel, batch, place.maxParallelism), validity: null },
    constant(rows, channel.sender),
    constant(rows, channel.receiver),
    constant(rows, channel.queue === "receiver" ? 0 : 1),
    { phys: "i64", values: positions, validity: null },
    { phys: "i64", values: new BigInt64Array(rows).fill(watermark ?? 0n), validity: watermark === null ? new Uint8Array(rows) : null },
    { phys: "i32", values: batch.weights ?? new Int32Array(rows), validity: batch.weights === null ? new Uint8Array(rows) : null },
    ...batch.columns,
    { phys: "i64", values: new BigInt64Array(rows).fill(BigInt(place.checkpoint)), validity: null },
  ];
  return { rows, columns, weights: null };
}

const constant = (rows: number, value: number): I32Column => ({ phys: "i32", values: new Int32Array(rows).fill(value), validity: null });

/** By the edge's keys, as the exchange would; where it has none, a group of the receiver: so the rows go where they would have gone. */
function keyGroups({ edge, receivers }: InFlightLog, { receiver }: ChannelInFlight, batch: Batch, maxParallelism: number): Int32Array {
  const groups = new Int32Array(batch.rows);
  if (edge.ship.kind !== "hash") return groups.fill(keyGroupRange(receiver, receivers, maxParallelism).first);
  hashRows(batch, edge.ship.keys, groups);
  for (let i = 0; i < batch.rows; i++) groups[i] = keyGroupOf(groups[i] as number, maxParallelism);
  return groups;
}

type ProgressRow = readonly (string | number | bigint | null)[];

/** Values of progressSchema. */
export function progressRows(logs: readonly InFlightLog[], progress: readonly EdgeProgress[], checkpoint: number): readonly ProgressRow[] {
  const id = BigInt(checkpoint);
  return logs.flatMap(({ edge, name, senders, receivers }): ProgressRow[] => [
    [name, null, senders, receivers, null, id],
    ...progress.filter((p) => p.edge === edge.id).map((p): ProgressRow => [name, p.sender, null, null, p.watermark, id]),
  ]);
}
