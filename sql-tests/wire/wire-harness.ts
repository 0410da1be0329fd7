import type { Store } from "../../runtime/contract/store.ts";
import { openStore } from "../../runtime/duckdb/store.ts";
import { realWorld } from "../../runtime/world/real-world.ts";
import { type PgServer, type PgServerOptions, startPgServer } from "../../server/pgwire/server.ts";
import { StubExecutor } from "./stub-executor.ts";

export interface WireHarness {
  readonly server: PgServer;
  readonly port: number;
  readonly store: Store;
  readonly log: string[];
  close(): Promise<void>;
}

/** A Postgres door over an in-memory store and the stub executor. */
export async function openDoor(options: Partial<PgServerOptions> = {}): Promise<WireHarness> {
  const store = await openStore({ path: ":memory:" });
  const log: string[] = [];
  const server = await startPgServer({
    host: "127.0.0.1",
    port: 0,
    executor: new StubExecutor(),
    store,
    world: realWorld,
    log: (line) => log.push(line),
    ...options,
  });
  const close = async (): Promise<void> => {
    await server.close();
    await store.close();
  };
  return { server, port: server.port, store, log, close };
}
