import type { JobEdge } from "../contract/job-graph.ts";
import type { ChannelEnd, TaskDeployment } from "../contract/rpc.ts";
import type { World } from "../contract/world.ts";
import type { Barrier } from "../exchange/elements.ts";
import { makeFrameCodec } from "../exchange/frame-codec.ts";
import { InChannel } from "../exchange/in-channel.ts";
import { InputGate } from "../exchange/input-gate.ts";
import { InputProgress } from "../exchange/watermark-valve.ts";
import type { LocalWires } from "../exchange/wire.ts";

export interface TaskInputs {
  readonly gate: InputGate;
  readonly progress: InputProgress;
}

/** The channels into a task, in the order of its edges; null for a source. */
export function openInputs(
  deployment: TaskDeployment,
  wires: LocalWires,
  world: World,
  wake: () => void,
  onBarrier: (barrier: Barrier) => void,
): TaskInputs | null {
  if (deployment.inEdges.length === 0) return null;
  const inputs = Math.max(...deployment.inEdges.map((edge) => edge.toInput)) + 1;
  const channels: number[] = Array.from({ length: inputs }, () => 0);
  let position = 0;
  const opened = deployment.inEdges.flatMap((edge) => {
    const codec = makeFrameCodec(edge.schema);
    return endsOf(edge, deployment).map((end) => {
      const index = channels[edge.toInput] as number;
      channels[edge.toInput] = index + 1;
      const place = { edge: edge.id, sender: end.peerSubtask, position: position++, index, input: edge.toInput };
      return new InChannel(place, codec, wires.receiver(end), wake, onBarrier);
    });
  });
  return { gate: new InputGate(opened, world, wake), progress: new InputProgress(channels, silentInputs(deployment)) };
}

/** A lookup join answers with what its table holds when a row comes: the table's rows come at no event time. */
const silentInputs = ({ vertex }: TaskDeployment): ReadonlySet<number> => new Set(vertex.operators[0]?.spec.op === "lookupJoin" ? [1] : []);

const endsOf = (edge: JobEdge, deployment: TaskDeployment): ChannelEnd[] =>
  deployment.inputs.filter((end) => end.edge === edge.id).sort((a, b) => a.peerSubtask - b.peerSubtask);
