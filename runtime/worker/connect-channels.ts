import { MessageChannel, type Transferable } from "node:worker_threads";
import { assert } from "../contract/errors.ts";
import type { ChannelEnd, ChannelPort, SlotDeployment, TaskDeployment } from "../contract/rpc.ts";

/** Gives the two ends of every channel between two slots of this process a pair of ports. Ends that have one keep it. */
export function connectChannels(deployments: readonly SlotDeployment[]): readonly SlotDeployment[] {
  const waiting = new Map<string, ChannelPort>();
  const connect = (slot: number, end: ChannelEnd): ChannelEnd => {
    if (end.port !== null || end.peer.kind !== "slot" || end.peer.slot === slot) return end;
    const other = waiting.get(end.id);
    if (other !== undefined) {
      waiting.delete(end.id);
      return { ...end, port: other };
    }
    const { port1, port2 } = new MessageChannel();
    waiting.set(end.id, port2);
    return { ...end, port: port1 };
  };
  const connected = deployments.map(({ slot, deployments: tasks }) => ({
    slot,
    deployments: tasks.map((task) => ({
      ...task,
      inputs: task.inputs.map((end) => connect(slot, end)),
      outputs: task.outputs.map((end) => connect(slot, end)),
    })),
  }));
  assert(waiting.size === 0, "a channel between two slots has both ends in one deployment");
  return connected;
}

/** What goes over to the slot's thread with its tasks, and is no longer ours. */
export const transferOf = (deployment: TaskDeployment): readonly Transferable[] => [
  ...[...deployment.inputs, ...deployment.outputs].flatMap(({ port }) => (port === null ? [] : [port as unknown as Transferable])),
  ...deployment.inFlight.flatMap(({ frames }) => frames),
];
