import { createServer } from "node:net";
import { Door, type PgServerOptions } from "./door.ts";
import { listen, requirePasswordBeyondLoopback } from "./listen.ts";

export type { PgServerOptions } from "./door.ts";
export { PortTakenError } from "./listen.ts";

export interface PgServer {
  readonly port: number;
  /** Sessions that have logged in. */
  connections(): number;
  /** Ends every session (57P01) and frees what they hold. */
  close(): Promise<void>;
}

/** A client whose machine vanished is noticed by TCP after this long without a word. */
const keepAlive_ms = 60_000;

/**
 * Opens the Postgres door. Throws `PortTakenError` (code EADDRINUSE) when the port is in use, and an Error when the
 * host is reachable from other machines and no password is given.
 */
export async function startPgServer(options: PgServerOptions): Promise<PgServer> {
  requirePasswordBeyondLoopback(options.host, options.password);
  const door = new Door(options);
  // A client may end its half and still read: replies to what it sent before are due.
  const server = createServer({ allowHalfOpen: true, noDelay: true, keepAlive: true, keepAliveInitialDelay: keepAlive_ms }, (socket) =>
    door.accept(socket),
  );
  const port = await listen(server, options.host, options.port);
  return { port, connections: () => door.loggedIn, close: () => door.close(server) };
}
