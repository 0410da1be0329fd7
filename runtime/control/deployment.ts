import { MessageChannel, type MessagePort, type Transferable } from "node:worker_threads";
import type { ChannelEnd, RestoredTable, TaskDeployment, TaskId } from "../contract/rpc.ts";
import type { Channel, ExecutionVertex, Topology } from "./topology.ts";

export interface DeploymentRequest {
  readonly job: string;
  readonly attempt: number;
  readonly topology: Topology;
  /** The thread of each subtask. */
  readonly slots: readonly number[];
  readonly restoredCheckpoint: number | null;
  readonly tablesOf: (vertex: string, subtask: number) => readonly RestoredTable[];
  readonly scratchDirectory: string;
  readonly allowedDirectories: readonly string[];
}

/** What one thread is sent: its tasks, and the buffers and ports that go over to it. */
export interface SlotDeployment {
  readonly slot: number;
  readonly deployments: readonly TaskDeployment[];
  readonly transfer: readonly Transferable[];
}

export const taskIdOf = (job: string, attempt: number, { vertex, subtask }: ExecutionVertex): TaskId => ({
  job,
  vertex: vertex.id,
  subtask,
  attempt,
});

/** All tasks of an attempt, by thread. Channels between threads get a pair of ports; within a thread their id joins the ends. */
export function makeDeployments(request: DeploymentRequest): readonly SlotDeployment[] {
  const ends = channelEnds(request);
  const slots = [...new Set(request.slots)].sort((a, b) => a - b);
  return slots.map((slot) => {
    const vertices = request.topology.vertices.filter((vertex) => request.slots[vertex.index] === slot);
    const deployments = vertices.map((vertex) => deploymentOf(request, vertex, ends));
    return { slot, deployments, transfer: deployments.flatMap(transferOf) };
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
    const ports = request.slots[from] === request.slots[to] ? { port1: null, port2: null } : new MessageChannel();
    const id = channelId(request, channel);
    const subtaskOf = (index: number): number => (topology.vertices[index] as ExecutionVertex).subtask;
    outputs[from]?.push({ id, edge: edge.id, peerSubtask: subtaskOf(to), port: ports.port1 });
    inputs[to]?.push({ id, edge: edge.id, peerSubtask: subtaskOf(from), port: ports.port2 });
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
    restored: request.tablesOf(vertex.vertex.id, vertex.subtask),
    restoredCheckpoint: request.restoredCheckpoint,
    scratchDirectory: request.scratchDirectory,
    allowedDirectories: request.allowedDirectories,
  };
}

function transferOf(deployment: TaskDeployment): readonly Transferable[] {
  const ports = [...deployment.inputs, ...deployment.outputs].map((end) => end.port).filter((port): port is MessagePort => port !== null);
  return [...ports, ...deployment.restored.flatMap((table) => table.frames)];
}
