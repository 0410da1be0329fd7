import { assert } from "../contract/errors.ts";
import { keyGroupRange } from "../contract/hash.ts";
import type { OperatorNode, SideOutputTag } from "../contract/job-graph.ts";
import type { Operator, OperatorContext, Output, RowOrigins, SourceOperator, StateTableSpec } from "../contract/operator.ts";
import type { TaskDeployment } from "../contract/rpc.ts";
import { ChainOutput, MeteredEnd, MeteredSource, WithSides } from "./chain-output.ts";
import type { TaskEnvironment } from "./task-environment.ts";
import type { TaskMeter } from "./task-meter.ts";
import type { TaskOutputs } from "./task-outputs.ts";

export interface ChainedOperator {
  readonly node: OperatorNode;
  readonly operator: Operator;
  /** What the operator emits to. */
  readonly output: Output;
  readonly tables: readonly StateTableSpec[];
}

/** The operators of a task, head first. */
export interface Chain {
  readonly operators: readonly ChainedOperator[];
  readonly head: ChainedOperator;
  /** The head, when it is a source. */
  readonly source: SourceOperator | null;
}

export interface ChainParts {
  readonly deployment: TaskDeployment;
  readonly environment: TaskEnvironment;
  readonly outputs: TaskOutputs;
  readonly meter: TaskMeter;
}

/** Builds from the tail, as each operator is made with its output. */
export function buildChain(parts: ChainParts): Chain {
  const { operators: nodes } = parts.deployment.vertex;
  const origins: RowOrigins = { of: () => null };
  const built: ChainedOperator[] = [];
  let target: Output = new MeteredEnd(parts.outputs.main(), parts.meter);
  for (const node of nodes.toReversed()) {
    const isSource = parts.deployment.inEdges.length === 0 && node === nodes[0];
    const chained = buildOperator(node, isSource ? new MeteredSource(target, parts.meter) : target, origins, parts);
    built.unshift(chained);
    target = new ChainOutput(chained.operator, chained.output, parts.meter);
  }
  const [head] = built;
  assert(head !== undefined, "a vertex has at least one operator");
  return { operators: built, head, source: sourceOf(head, parts.deployment) };
}

function sourceOf({ operator, node }: ChainedOperator, deployment: TaskDeployment): SourceOperator | null {
  if (deployment.inEdges.length > 0) return null;
  assert("poll" in operator, `${node.name} has no input, so it must be a source`);
  return operator as SourceOperator;
}

function buildOperator(
  node: OperatorNode,
  target: Output,
  origins: RowOrigins,
  { deployment, environment, outputs, meter }: ChainParts,
): ChainedOperator {
  const definition = environment.definitionOf(node.spec);
  const sides: Readonly<Record<SideOutputTag, Output | null>> = {
    late: outputs.side(node.uid, "late"),
    bad: outputs.side(node.uid, "bad"),
  };
  const used = Object.values(sides).filter((side) => side !== null);
  const output = used.length === 0 ? target : new WithSides(target, used);
  const { subtask, job } = deployment.task;
  const { parallelism } = deployment.vertex;
  const context: OperatorContext = {
    jobName: job,
    uid: node.uid,
    subtaskIndex: subtask,
    parallelism,
    maxParallelism: deployment.maxParallelism,
    keyGroups: keyGroupRange(subtask, parallelism, deployment.maxParallelism),
    inputs: node.inputs,
    output: node.output,
    world: environment.world,
    metrics: meter,
    sideOutput: (tag) => sides[tag],
    origins,
    scratchDirectory: deployment.scratchDirectory,
    restoredUnaligned: deployment.restoredUnaligned,
    places: deployment.places,
    pullTable: (pull) => environment.pullTable(deployment.task, node.uid, pull),
  };
  return {
    node,
    operator: definition.create(node.spec, context, output),
    output,
    tables: definition.stateTables(node.spec, node.inputs, node.output),
  };
}
