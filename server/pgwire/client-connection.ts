import type { Socket } from "node:net";
import { messageOf, SqlError } from "../../runtime/contract/errors.ts";
import type { StoreConnection } from "../../runtime/contract/store.ts";
import type { Session } from "../session/execution.ts";
import { authenticate } from "./authentication.ts";
import { writeBackendKeyData, writeError } from "./backend-messages.ts";
import { serve } from "./serve.ts";
import { diagnosticOf, isInternal } from "./error-response.ts";
import { negotiateVersion, openingPacket, type StartupOrCancel } from "./handshake.ts";
import { ProtocolSession } from "./protocol-session.ts";
import type { DoorContext } from "./door-context.ts";
import { startupVariables } from "./startup-variables.ts";
import { ConnectionClosed, Wire } from "./wire.ts";

type Startup = Extract<StartupOrCancel, { kind: "startup" }>;

/** One client from its first byte to its last: handshake, login, session, and the freeing of all it held. */
export class ClientConnection {
  private readonly door: DoorContext;
  private readonly wire: Wire;
  private session: ProtocolSession | null = null;
  private readonly stopDeadline: () => void;

  constructor(socket: Socket, door: DoorContext) {
    this.door = door;
    this.wire = new Wire(socket, door.limits, () => this.session?.guard.cancel("lost connection"));
    this.stopDeadline = door.world.timers.after(door.limits.handshake_ms_max, () => this.destroy());
  }

  /** Never rejects. */
  async run(): Promise<void> {
    try {
      const packet = await openingPacket(this.wire, this.door.tls);
      if (packet.kind === "cancel") this.door.cancels.cancel(packet.processId, packet.secret);
      else await this.logIn(packet);
      this.wire.finish();
    } catch (error) {
      this.refuse(error);
    } finally {
      this.stopDeadline();
      this.lingerThenDestroy();
    }
  }

  destroy(): void {
    this.wire.destroy();
  }

  /** Ends the session because the server ends. */
  shutDown(): void {
    this.session?.guard.cancel("lost connection");
    this.refuse(new SqlError({ sqlState: "57P01", message: "terminating connection due to administrator command" }));
    this.destroy();
  }

  private async logIn(startup: Startup): Promise<void> {
    const user = startup.parameters.get("user") ?? "";
    if (user === "") throw new SqlError({ sqlState: "28000", message: "no user name specified in startup packet" });
    negotiateVersion(this.wire, startup);
    await authenticate(this.wire, user, this.door.verifier);
    if (!this.door.admit(this)) throw new SqlError({ sqlState: "53300", message: "sorry, too many clients already" });
    const variables = startupVariables(startup.parameters);
    const connection = await this.door.store.connect();
    try {
      await this.serveSession(startup, user, variables, connection);
    } finally {
      this.session?.portals.closeAll();
      connection.close();
    }
  }

  private async serveSession(
    startup: Startup,
    user: string,
    variables: ReadonlyMap<string, string>,
    connection: StoreConnection,
  ): Promise<void> {
    const { door, wire } = this;
    const { processId, secret } = door.cancels.register(() => this.session?.guard.cancel("user request"));
    const session: Session = {
      id: processId,
      user,
      database: startup.parameters.get("database") ?? user,
      connection,
      variables: new Map([...variables, ["session_authorization", user]]),
      prepared: new Map(),
      transaction: "idle",
      changedTables: new Map(),
      onCancel: new Set(),
    };
    const { executor, world, limits } = door;
    this.session = new ProtocolSession({ wire, executor, session, world, limits, startup: new Map(session.variables) });
    try {
      this.stopDeadline();
      writeBackendKeyData(wire.writer, processId, secret);
      await serve(this.session, door.log);
    } finally {
      door.cancels.release(processId);
    }
  }

  /** The last message of a connection that cannot go on. */
  private refuse(error: unknown): void {
    if (error instanceof ConnectionClosed) return this.wire.finish();
    if (this.wire.isClosed) return;
    if (isInternal(error)) this.door.log(`postgres door: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}`);
    writeError(this.wire.writer, diagnosticOf(error, null, "FATAL"));
    this.wire.finish();
  }

  private lingerThenDestroy(): void {
    if (!this.wire.isClosed) this.door.world.timers.after(this.door.limits.linger_ms_max, () => this.destroy());
  }
}
