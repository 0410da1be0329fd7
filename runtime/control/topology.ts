import { SqlError } from "../contract/errors.ts";
import type { JobEdge, JobGraph, JobVertex } from "../contract/job-graph.ts";

/** One subtask of a vertex (Flink's ExecutionVertex). `index` is its place in the topology's list. */
export interface ExecutionVertex {
  readonly index: number;
  readonly vertex: JobVertex;
  readonly subtask: number;
  /** Indices of the subtasks that feed it; empty for a source. */
  readonly upstream: readonly number[];
}

/** All subtasks of one vertex, with the vertex's edges. */
export interface ExecutionJobVertex {
  readonly vertex: JobVertex;
  readonly inEdges: readonly JobEdge[];
  readonly outEdges: readonly JobEdge[];
  readonly subtasks: readonly ExecutionVertex[];
}

/** One channel of an exchange, between two subtasks. */
export interface Channel {
  readonly edge: JobEdge;
  readonly from: number;
  readonly to: number;
}

/** The parallel form of a job graph (Flink's ExecutionGraph without its attempts): it never changes while the job lives. */
export interface Topology {
  readonly graph: JobGraph;
  readonly jobVertices: readonly ExecutionJobVertex[];
  readonly vertices: readonly ExecutionVertex[];
  readonly channels: readonly Channel[];
}

/** Throws SqlError for a graph that cannot be run: an unknown vertex, or a forward edge between unlike parallelisms. */
export function buildTopology(graph: JobGraph): Topology {
  const firstIndex = new Map<string, number>();
  let next = 0;
  for (const vertex of graph.vertices) {
    checkParallelism(vertex, graph.maxParallelism);
    firstIndex.set(vertex.id, next);
    next += vertex.parallelism;
  }
  const channels = graph.edges.flatMap((edge) => channelsOf(edge, graph, firstIndex));
  const upstream = Array.from({ length: next }, (): number[] => []);
  for (const channel of channels) upstream[channel.to]?.push(channel.from);
  const jobVertices = graph.vertices.map((vertex) => jobVertexOf(vertex, graph, firstIndex.get(vertex.id) as number, upstream));
  return { graph, jobVertices, vertices: jobVertices.flatMap((v) => v.subtasks), channels };
}

function checkParallelism(vertex: JobVertex, maxParallelism: number): void {
  if (vertex.parallelism >= 1 && vertex.parallelism <= maxParallelism) return;
  throw new SqlError({
    sqlState: "22023",
    message: `parallelism ${vertex.parallelism} of "${vertex.name}" is not between 1 and the job's max parallelism ${maxParallelism}`,
    hint: "The max parallelism of a job is fixed once it has state.",
  });
}

function jobVertexOf(vertex: JobVertex, graph: JobGraph, first: number, upstream: readonly (readonly number[])[]): ExecutionJobVertex {
  const subtasks = Array.from({ length: vertex.parallelism }, (_, subtask): ExecutionVertex => {
    const index = first + subtask;
    return { index, vertex, subtask, upstream: [...new Set(upstream[index])] };
  });
  return {
    vertex,
    inEdges: graph.edges.filter((edge) => edge.to === vertex.id),
    outEdges: graph.edges.filter((edge) => edge.from === vertex.id),
    subtasks,
  };
}

function channelsOf(edge: JobEdge, graph: JobGraph, firstIndex: ReadonlyMap<string, number>): Channel[] {
  const from = graph.vertices.find((v) => v.id === edge.from);
  const to = graph.vertices.find((v) => v.id === edge.to);
  if (from === undefined || to === undefined)
    throw internal(`edge ${edge.id} joins ${edge.from} and ${edge.to}, which are not both vertices`);
  const fromFirst = firstIndex.get(from.id) as number;
  const toFirst = firstIndex.get(to.id) as number;
  if (edge.ship.kind === "forward") {
    if (from.parallelism !== to.parallelism)
      throw internal(`forward edge ${edge.id} joins parallelism ${from.parallelism} and ${to.parallelism}`);
    return Array.from({ length: from.parallelism }, (_, i) => ({ edge, from: fromFirst + i, to: toFirst + i }));
  }
  const channels: Channel[] = [];
  for (let up = 0; up < from.parallelism; up++) {
    for (let down = 0; down < to.parallelism; down++) channels.push({ edge, from: fromFirst + up, to: toFirst + down });
  }
  return channels;
}

const internal = (message: string): SqlError => new SqlError({ sqlState: "XX000", message });
