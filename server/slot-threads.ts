import { ThreadSlots } from "../runtime/worker/thread-slots.ts";
import { realWorld } from "../runtime/world/real-world.ts";
import type { ServerConfig } from "./config.ts";

export type SlotThreads = ThreadSlots;

/**
 * Starts the slot threads of a server that has them: they load their modules on other cores while this thread loads the server's.
 * null: its slots are elsewhere.
 */
export function startSlotThreads({ cluster, slots }: ServerConfig): SlotThreads | null {
  if (cluster.provider.kind !== "threads") return null;
  const threads = new ThreadSlots(slots, realWorld);
  threads.warmUp();
  return threads;
}
