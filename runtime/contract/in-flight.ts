import { distinctNames } from "./distinct-names.ts";
import type { JobEdge } from "./job-graph.ts";
import { bigint, integer, type Schema, timestamp } from "./types.ts";

/** Where a row in flight was, and what came with it: in front of the edge's own columns. */
export const inFlightColumns: Schema["columns"] = [
  { name: "sender", type: integer },
  { name: "receiver", type: integer },
  /** 0: with the receiver; 1: with the sender. */
  { name: "queue", type: integer },
  { name: "position", type: bigint },
  /** That came in front of the row, of those in flight. */
  { name: "watermark", type: timestamp },
  { name: "weight", type: integer },
];

/** Rows that barriers may overtake: not where a channel follows from the subtask alone, nor where each row goes to all. */
export const mayBeOvertaken = ({ ship }: JobEdge): boolean => ship.kind === "hash" || ship.kind === "rebalance";

/** The rows in flight on an edge, as they are stored. Names of columns that are taken get a number. */
export function inFlightSchema(edge: JobEdge): Schema {
  const names = distinctNames(
    edge.schema.columns.map(({ name }) => name),
    [...inFlightColumns.map(({ name }) => name), "key_group", "deleted", "checkpoint"],
  );
  return { columns: [...inFlightColumns, ...edge.schema.columns.map(({ type }, i) => ({ name: names[i] as string, type }))] };
}
