import type { JobGraph } from "../../../runtime/contract/job-graph.ts";
import type { Value } from "../../../runtime/contract/value.ts";
import { Bag } from "../../runner/compare-bags.ts";

/** Sinks of INSERTs; what is sent to them is gathered in tables of their names. */
export const sinkNames = ["plain", "upserts", "changes"] as const;
export type SinkName = (typeof sinkNames)[number];

const modes = { plain: "", upserts: ", mode = 'upsert'", changes: ", mode = 'debezium'" } as const satisfies Record<SinkName, string>;

export const sinkDdl = sinkNames.map((name) => `CREATE SINK ${name} WITH (connector = 'blackhole'${modes[name]});`);

/** The graph with tables for its sinks. A table shows what came to it, in the order of the checkpoints. */
export const gathered = (graph: JobGraph): JobGraph => ({
  ...graph,
  vertices: graph.vertices.map((vertex) => ({
    ...vertex,
    operators: vertex.operators.map((node) =>
      node.spec.op === "sink" && node.spec.connector !== "result" ? { ...node, spec: { ...node.spec, connector: "result" } } : node,
    ),
  })),
});

/** What a reader of a sink has in the end. */
export interface SinkReader {
  read(rows: readonly (readonly Value[])[], weights: readonly number[] | null): void;
  result(): ReturnType<Bag["rows"]>;
}

export const readerOf = (sink: SinkName): SinkReader => {
  switch (sink) {
    case "plain":
      return new PlainReader();
    case "upserts":
      return new UpsertReader();
    case "changes":
      return new ChangeReader();
  }
};

class PlainReader implements SinkReader {
  readonly #bag = new Bag();
  read(rows: readonly (readonly Value[])[], weights: readonly number[] | null): void {
    rows.forEach((row, i) => this.#bag.add(row, weights?.[i] ?? 1));
  }
  result(): ReturnType<Bag["rows"]> {
    return this.#bag.rows();
  }
}

/** A record per key: the last one counts. */
class UpsertReader implements SinkReader {
  readonly #values = new Map<string, readonly Value[]>();
  read(rows: readonly (readonly Value[])[]): void {
    for (const [key, value] of rows) {
      const text = JSON.stringify(key, (_, part: unknown) => (typeof part === "bigint" ? `${part}n` : part));
      if (value === null || value === undefined) this.#values.delete(text);
      else this.#values.set(text, value as readonly Value[]);
    }
  }
  result(): ReturnType<Bag["rows"]> {
    return { rows: [...this.#values.values()], negative: [] };
  }
}

/** The row before goes, the row after comes. */
class ChangeReader implements SinkReader {
  readonly #bag = new Bag();
  read(rows: readonly (readonly Value[])[]): void {
    for (const [before, after] of rows) {
      if (Array.isArray(before)) this.#bag.add(before as readonly Value[], -1);
      if (Array.isArray(after)) this.#bag.add(after as readonly Value[], 1);
    }
  }
  result(): ReturnType<Bag["rows"]> {
    return this.#bag.rows();
  }
}
