import type { CheckpointInfo, JobFault, JobInfo, JobSubmission, RestartStrategy } from "./control.ts";
import type { Ship } from "./job-graph.ts";

/** A job's graph as people look at it: what runs where, and how rows travel. */
export interface JobShape {
  readonly maxParallelism: number;
  readonly restart: RestartStrategy["kind"];
  readonly vertices: readonly VertexShape[];
}

export interface VertexShape {
  readonly id: string;
  readonly name: string;
  readonly parallelism: number;
  /** Of the chain, head first. */
  readonly operators: readonly { readonly uid: string; readonly name: string }[];
  readonly inputs: readonly { readonly from: string; readonly ship: Ship["kind"] }[];
}

/** A job that has ended, with everything that was known of it then. */
export interface ArchivedJob {
  readonly info: JobInfo;
  readonly shape: JobShape;
  readonly checkpoints: readonly CheckpointInfo[];
  readonly exceptions: readonly JobFault[];
  readonly archived_ms: number;
}

export const shapeOf = ({ graph, restart }: Pick<JobSubmission, "graph" | "restart">): JobShape => ({
  maxParallelism: graph.maxParallelism,
  restart: restart.kind,
  vertices: graph.vertices.map(({ id, name, parallelism, operators }) => ({
    id,
    name,
    parallelism,
    operators: operators.map((operator) => ({ uid: operator.uid, name: operator.name })),
    inputs: graph.edges.filter((edge) => edge.to === id).map((edge) => ({ from: edge.from, ship: edge.ship.kind })),
  })),
});
