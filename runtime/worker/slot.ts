import { parentPort } from "node:worker_threads";
import { assert } from "../contract/errors.ts";
import type { FromSlot, ToSlot } from "../contract/rpc.ts";
import { definitionOf } from "../operators/registry.ts";
import { realWorld } from "../world/real-world.ts";
import { SlotHost } from "./slot-host.ts";

/** Entry of a slot's thread (thread-slots.ts starts it). */
const port = parentPort;
assert(port !== null, "a slot runs in a worker thread");

const post = (message: FromSlot, transfer: readonly ArrayBuffer[]): void => port.postMessage(message, transfer);
const host = new SlotHost({ world: realWorld, definitionOf, post });

port.on("message", (message: ToSlot) => {
  if (message.do === "exit") void host.close().then(() => process.exit(0));
  else host.receive(message);
});
post({ did: "ready" }, []);
