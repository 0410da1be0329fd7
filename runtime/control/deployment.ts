import type { FilePlaces } from "../contract/file-places.ts";
import type { InFlightReading } from "../checkpoint/restore-in-flight.ts";
import type { ChannelEnd, SlotDeployment, TaskDeployment, TaskId } from "../contract/rpc.ts";
import type { Channel, ExecutionVertex, Topology } from "./topology.ts";

export interface DeploymentRequest {
  /** The job's id. */
  readonly job: string;
  readonly attempt: number;
  readonly topology: Topology;
  /** The slot of each subtask. */
  readonly slots: readonly number[];
  readonly restoredCheckpoint: number | null;
  readonly inFlight: InFlightReading;
  readonly scratchDirectory: string;
  readonly places: FilePlaces;
}

export const taskIdOf = (job: string, attempt: number, { vertex, subtask }: ExecutionVertex): TaskId => ({
  job,
  vertex: vertex.id,
  subtask,
  attempt,
});

/** All tasks of an attempt, by slot. A channel's ends say where the other one is; what connects them is the slot provider's. */
export function makeDeployments(request: DeploymentRequest): readonly SlotDeployment[] {
  const ends = channelEnds(request);
  const slots = [...new Set(request.slots)].sort((a, b) => a - b);
  return slots.map((slot) => {
    const vertices = request.topology.vertices.filter((vertex) => request.slots[vertex.index] === slot);
    return { slot, deployments: vertices.map((vertex) => deploymentOf(request, vertex, ends)) };
  });
}

interface Ends {
  readonly inputs: readonly ChannelEnd[][];
  readonly outputs: readonly ChannelEnd[][];
}

function channelEnds(request: DeploymentRequest): Ends {
  const { topology } = request;
  const inputs = topology.vertices.map((): ChannelEnd[] => []);
  const outputs = topology.vertices.map((): ChannelEnd[] => []);
  for (const channel of topology.channels) {
    const { edge, from, to } = channel;
    const id = channelId(request, channel);
    const subtaskOf = (index: number): number => (topology.vertices[index] as ExecutionVertex).subtask;
    const endTo = (peer: number): ChannelEnd => ({
      id,
      edge: edge.id,
      peerSubtask: subtaskOf(peer),
      peer: { kind: "slot", slot: request.slots[peer] as number },
      port: null,
    });
    outputs[from]?.push(endTo(to));
    inputs[to]?.push(endTo(from));
  }
  return { inputs, outputs };
}

/** Unique over jobs and attempts, as a thread holds tasks of many. */
const channelId = ({ job, attempt }: DeploymentRequest, { edge, from, to }: Channel): string =>
  `${job}/${attempt}/${edge.id}/${from}-${to}`;

function deploymentOf(request: DeploymentRequest, vertex: ExecutionVertex, ends: Ends): TaskDeployment {
  const jobVertex = request.topology.jobVertices.find((v) => v.vertex === vertex.vertex);
  return {
    task: taskIdOf(request.job, request.attempt, vertex),
    vertex: vertex.vertex,
    maxParallelism: request.topology.graph.maxParallelism,
    inEdges: jobVertex?.inEdges ?? [],
    outEdges: jobVertex?.outEdges ?? [],
    inputs: ends.inputs[vertex.index] ?? [],
    outputs: ends.outputs[vertex.index] ?? [],
    awaitsState: request.restoredCheckpoint !== null,
    inFlight: request.inFlight.of(vertex.vertex.id, vertex.subtask),
    restoredUnaligned: request.inFlight.unaligned,
    restoredCheckpoint: request.restoredCheckpoint,
    scratchDirectory: request.scratchDirectory,
    places: request.places,
  };
}
