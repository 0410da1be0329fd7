import type { SlotListener } from "../../runtime/contract/rpc.ts";
import type { SlotProvider } from "../../runtime/control/slot-provider.ts";

/** A provider that does what the other one does: for those that do something else in one place. */
export const passedOn = (provider: SlotProvider): SlotProvider => ({
  size: provider.size,
  shared: provider.shared,
  start: (listener) => provider.start(listener),
  available: () => provider.available(),
  taskManagers: () => provider.taskManagers(),
  deploy: (deployments) => provider.deploy(deployments),
  send: (slot, message, transfer) => provider.send(slot, message, transfer),
  abandon: (slot, reason) => provider.abandon(slot, reason),
  close: () => provider.close(),
});

/** The same of a listener. */
export const heardOn = (listener: SlotListener): SlotListener => ({
  message: (slot, message) => listener.message(slot, message),
  exited: (slot, reason) => listener.exited(slot, reason),
  returned: (slot) => listener.returned(slot),
});
