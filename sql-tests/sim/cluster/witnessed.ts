import type { SlotListener } from "../../../runtime/contract/rpc.ts";
import type { SlotProvider } from "../../../runtime/control/slot-provider.ts";
import { passedOn } from "../pass-on.ts";
import type { Witness } from "../witness.ts";

/** The provider, with a witness of all that goes through while its server is the newest. */
export function witnessed(provider: SlotProvider, all: Witness, isNewest: () => boolean): SlotProvider {
  const witness: Pick<Witness, "heard" | "told" | "marks"> = {
    marks: all.marks,
    heard: (slot, message) => (isNewest() ? all.heard(slot, message) : all.marks.add("replaced server heard")),
    told: (slot, message) => (isNewest() ? all.told(slot, message) : all.marks.add("replaced server spoke")),
  };
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
    ...passedOn(provider),
    start: (listener) => provider.start(listening(listener)),
    deploy: (deployments) => {
      for (const { slot, deployments: tasks } of deployments) witness.told(slot, { do: "deploy", deployments: tasks });
      provider.deploy(deployments);
    },
    send: (slot, message, transfer) => {
      witness.told(slot, message);
      provider.send(slot, message, transfer);
    },
  };
}
