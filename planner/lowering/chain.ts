import type { JobEdge, JobGraph, JobVertex, OperatorSpec } from "../../runtime/contract/job-graph.ts";
import type { PlacedEdge, PlacedOperator } from "./operators.ts";

/**
 * Chains operators into vertices: an operator joins its input's chain if it is that one's only reader and has no other
 * input, runs as wide, and need not be a head (what goes through DuckDB is asynchronous and must be).
 */
export function chain(operators: readonly PlacedOperator[], chaining: boolean, maxParallelism: number): JobGraph {
  const readers = new Map<PlacedOperator, number>();
  for (const { from, output } of operators.flatMap((o) => o.inputs)) {
    if (output === "main") readers.set(from, (readers.get(from) ?? 0) + 1);
  }
  const vertexOf = new Map<PlacedOperator, PlacedOperator[]>();
  const vertices: PlacedOperator[][] = [];
  for (const operator of operators) {
    const before = chaining ? chainedTo(operator, readers) : null;
    const vertex = before === null ? null : (vertexOf.get(before) ?? null);
    if (vertex === null) vertices.push([operator]);
    else vertex.push(operator);
    vertexOf.set(operator, vertex ?? (vertices.at(-1) as PlacedOperator[]));
  }
  const idOf = (operator: PlacedOperator): string => (vertexOf.get(operator) as PlacedOperator[])[0]?.node.uid ?? "";
  const edges = vertices.flatMap(([head]) =>
    (head as PlacedOperator).inputs.map((edge) => toEdge(edge, idOf(edge.from), idOf(head as PlacedOperator))),
  );
  return { vertices: vertices.map(toVertex), edges: withIds(edges), maxParallelism };
}

/** Only the head of a chain may take its time over a batch. */
const asynchronous: ReadonlySet<OperatorSpec["op"]> = new Set<OperatorSpec["op"]>(["duckdbCalc", "javascriptCalc"]);

/** The operator in whose chain this one goes on, or null if it is a head. */
function chainedTo(operator: PlacedOperator, readers: ReadonlyMap<PlacedOperator, number>): PlacedOperator | null {
  const [edge] = operator.inputs;
  if (edge === undefined || operator.inputs.length > 1 || asynchronous.has(operator.node.spec.op)) return null;
  const isOnlyReader = edge.output === "main" && readers.get(edge.from) === 1;
  const isStraight = edge.ship.kind === "forward" && edge.from.parallelism === operator.parallelism;
  return isOnlyReader && isStraight ? edge.from : null;
}

function toVertex(operators: readonly PlacedOperator[]): JobVertex {
  const nodes = operators.map((o) => o.node);
  return {
    id: nodes[0]?.uid ?? "",
    name: nodes.map((n) => n.name).join(" -> "),
    parallelism: operators[0]?.parallelism ?? 1,
    slotSharingGroup: "default",
    operators: nodes,
  };
}

const toEdge = ({ output, toInput, ship, schema }: PlacedEdge, from: string, to: string): Omit<JobEdge, "id"> => ({
  from,
  to,
  toInput,
  output,
  ship,
  schema,
});

/** Two edges may join the same vertices: a self-join, two side outputs into one table. */
function withIds(edges: readonly Omit<JobEdge, "id">[]): readonly JobEdge[] {
  const seen = new Map<string, number>();
  return edges.map((edge) => {
    const id = `${edge.from}->${edge.to}`;
    const count = (seen.get(id) ?? 0) + 1;
    seen.set(id, count);
    return { id: count === 1 ? id : `${id}-${count}`, ...edge };
  });
}
