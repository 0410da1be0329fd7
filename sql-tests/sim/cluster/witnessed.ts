import type { SlotListener } from "../../../runtime/contract/rpc.ts";
import type { SlotProvider } from "../../../runtime/control/slot-provider.ts";
import type { Witness } from "../witness.ts";

/** The provider, with a witness of all that goes through. */
export function witnessed(provider: SlotProvider, witness: Witness): SlotProvider {
  const listening = (listener: SlotListener): SlotListener => ({
    message: (slot, message) => {
      witness.heard(slot, message);
      listener.message(slot, message);
    },
    exited: (slot, reason) => {
      witness.marks.add("slot lost");
      listener.exited(slot, reason);
    },
    returned: (slot) => listener.returned(slot),
  });
  return {
    size: provider.size,
    shared: provider.shared,
    start: (listener) => provider.start(listening(listener)),
    available: () => provider.available(),
    taskManagers: () => provider.taskManagers(),
    deploy: (deployments) => {
      for (const { slot, deployments: tasks } of deployments) witness.told(slot, { do: "deploy", deployments: tasks });
      provider.deploy(deployments);
    },
    send: (slot, message, transfer) => {
      witness.told(slot, message);
      provider.send(slot, message, transfer);
    },
    abandon: (slot, reason) => provider.abandon(slot, reason),
    close: () => provider.close(),
  };
}
