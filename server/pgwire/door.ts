import type { Server, Socket } from "node:net";
import { createSecureContext, type SecureContext } from "node:tls";
import type { Store } from "../../runtime/contract/store.ts";
import type { World } from "../../runtime/contract/world.ts";
import type { Executor } from "../session/execution.ts";
import { CancelRegistry } from "./cancel-registry.ts";
import { ClientConnection } from "./client-connection.ts";
import type { DoorContext } from "./door-context.ts";
import { scramVerifier, type ScramVerifier } from "./scram.ts";
import { type WireLimits, wireLimits } from "./wire-limits.ts";

export interface PgServerOptions {
  readonly host: string;
  /** 0 = any free one. */
  readonly port: number;
  /** Absent: whoever reaches the port is let in, which is refused beyond loopback. */
  readonly password?: string | undefined;
  /** PEM texts. With them the door speaks TLS to clients that ask for it. */
  readonly tls?: { readonly cert: string | Buffer; readonly key: string | Buffer } | undefined;
  readonly executor: Executor;
  readonly store: Store;
  readonly world: World;
  readonly log: (line: string) => void;
  readonly limits?: Partial<WireLimits> | undefined;
}

/** All connections of one listening port, those that have logged in and those that have not yet. */
export class Door implements DoorContext {
  readonly executor: Executor;
  readonly store: Store;
  readonly world: World;
  readonly log: (line: string) => void;
  readonly limits: WireLimits;
  readonly tls: SecureContext | null;
  readonly verifier: ScramVerifier | null;
  readonly cancels = new CancelRegistry();
  private readonly pending = new Set<ClientConnection>();
  private readonly sessions = new Set<ClientConnection>();
  private readonly running = new Set<Promise<void>>();

  constructor(options: PgServerOptions) {
    this.executor = options.executor;
    this.store = options.store;
    this.world = options.world;
    this.log = options.log;
    this.limits = { ...wireLimits, ...options.limits };
    this.tls = options.tls === undefined ? null : createSecureContext({ ...options.tls, minVersion: "TLSv1.2" });
    this.verifier = options.password === undefined ? null : scramVerifier(options.password);
  }

  get loggedIn(): number {
    return this.sessions.size;
  }

  accept(socket: Socket): void {
    const connection = new ClientConnection(socket, this);
    this.makeRoom();
    this.pending.add(connection);
    const done = connection.run().finally(() => {
      this.pending.delete(connection);
      this.sessions.delete(connection);
      this.running.delete(done);
    });
    this.running.add(done);
  }

  admit(connection: ClientConnection): boolean {
    if (this.sessions.size >= this.limits.connections_max) return false;
    this.pending.delete(connection);
    this.sessions.add(connection);
    return true;
  }

  async close(server: Server): Promise<void> {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    for (const connection of [...this.pending, ...this.sessions]) connection.shutDown();
    await this.orTimeout(Promise.all(this.running));
    await closed;
  }

  private orTimeout(ended: Promise<unknown>): Promise<void> {
    return new Promise((resolve) => {
      const stop = this.world.timers.after(this.limits.shutdown_ms_max, resolve);
      void ended.finally(() => {
        stop();
        resolve();
      });
    });
  }

  /** Sockets that never log in must not keep others out: the oldest gives way. */
  private makeRoom(): void {
    if (this.pending.size < this.limits.pendingHandshakes_max) return;
    const [oldest] = this.pending;
    oldest?.destroy();
    if (oldest !== undefined) this.pending.delete(oldest);
  }
}
