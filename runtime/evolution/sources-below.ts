import type { JobGraph, JobVertex } from "../contract/job-graph.ts";

/** Uids of the sources whose rows come to an operator. */
export function sourcesBelow(graph: JobGraph, uid: string): readonly string[] {
  const found: string[] = [];
  const seen = new Set<string>();
  const visit = (vertex: JobVertex | undefined): void => {
    if (vertex === undefined || seen.has(vertex.id)) return;
    seen.add(vertex.id);
    const [head] = vertex.operators;
    if (head !== undefined && (head.spec.op === "source" || head.spec.op === "values")) found.push(head.uid);
    for (const edge of graph.edges) if (edge.to === vertex.id) visit(graph.vertices.find(({ id }) => id === edge.from));
  };
  visit(graph.vertices.find((vertex) => vertex.operators.some((node) => node.uid === uid)));
  return found;
}
