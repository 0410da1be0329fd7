import { messageOf } from "../runtime/contract/errors.ts";

const ports_tried_max = 20;

/** A port that is taken gives way to the next free one; the caller says at start which it became. */
export async function onFreePort<T>(wanted: number, log: (line: string) => void, start: (port: number) => Promise<T>): Promise<T> {
  for (let port = wanted; ; port++) {
    try {
      return await start(port);
    } catch (error) {
      const taken = typeof error === "object" && error !== null && "code" in error && error.code === "EADDRINUSE";
      if (!taken || wanted === 0 || port - wanted >= ports_tried_max) throw error;
      log(`port ${port} is taken (${messageOf(error)}), trying ${port + 1}`);
    }
  }
}
