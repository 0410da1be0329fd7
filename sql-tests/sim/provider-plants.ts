import type { FromSlot, SlotDeployment, SlotListener, TaskDeployment, ToSlot } from "../../runtime/contract/rpc.ts";
import type { SlotProvider } from "../../runtime/control/slot-provider.ts";
import { heardOn, passedOn } from "./pass-on.ts";

/* Bugs between the JobMasters and the slots: messages that are not what they should be. */

interface Changes {
  readonly deployment?: (deployment: TaskDeployment) => TaskDeployment;
  readonly message?: (message: FromSlot) => FromSlot;
  readonly isLost?: (message: ToSlot) => boolean;
}

function changed(
  provider: SlotProvider,
  { deployment = (same) => same, message: heard = (same) => same, isLost = () => false }: Changes,
): SlotProvider {
  const listening = (listener: SlotListener): SlotListener => ({
    ...heardOn(listener),
    message: (slot, message) => listener.message(slot, heard(message)),
  });
  const others = (deployments: readonly SlotDeployment[]): SlotDeployment[] =>
    deployments.map(({ slot, deployments: tasks }) => ({ slot, deployments: tasks.map(deployment) }));
  return {
    ...passedOn(provider),
    start: (listener) => provider.start(listening(listener)),
    deploy: (deployments) => provider.deploy(others(deployments)),
    send: (slot, message, transfer) => {
      if (!isLost(message)) provider.send(slot, message, transfer);
    },
  };
}

/** What a task of an old attempt says is taken for the newest one's: a zombie is heard. */
export function withoutFencing(provider: SlotProvider): SlotProvider {
  const newest = new Map<string, number>();
  return changed(provider, {
    deployment: (deployment) => {
      newest.set(deployment.task.job, deployment.task.attempt);
      return deployment;
    },
    message: (message) => {
      if (!("task" in message)) return message;
      return { ...message, task: { ...message.task, attempt: newest.get(message.task.job) ?? message.task.attempt } };
    },
  });
}

export const withoutRowsInFlight = (provider: SlotProvider): SlotProvider =>
  changed(provider, {
    deployment: (deployment) => ({ ...deployment, inFlight: deployment.inFlight.map((edge) => ({ ...edge, frames: [] })) }),
  });

/** Of a job that goes on at another parallelism, the first subtasks get nothing of what was there. */
export function losingStateOnRescale(provider: SlotProvider): SlotProvider {
  const widths = new Map<string, number>();
  const rescaled = new Set<string>();
  return changed(provider, {
    deployment: (deployment) => {
      const { task, vertex } = deployment;
      const key = `${task.job} ${task.vertex}`;
      if ((widths.get(key) ?? vertex.parallelism) !== vertex.parallelism) rescaled.add(key);
      widths.set(key, vertex.parallelism);
      return deployment;
    },
    isLost: (message) =>
      message.do === "restore" && message.task.subtask === 0 && rescaled.has(`${message.task.job} ${message.task.vertex}`),
  });
}
