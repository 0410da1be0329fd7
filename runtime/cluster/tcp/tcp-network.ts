import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import tls from "node:tls";
import { limits } from "../../contract/limits.ts";
import type { Address, Connection, Listener, Network } from "../../contract/network.ts";
import type { World } from "../../contract/world.ts";
import { type Role, shakeHands } from "./handshake.ts";
import { TcpConnection } from "./tcp-connection.ts";

export interface TcpNetworkOptions {
  readonly world: World;
  /** Never sent: both sides prove that they know it. */
  readonly secret: string;
  readonly tls: ClusterTls | null;
}

/** PEM texts. Both sides show a certificate that `ca` has signed: the cluster's own authority, so names in it do not matter. */
export interface ClusterTls {
  readonly certificate: string;
  readonly key: string;
  readonly ca: string;
}

/** The cluster's connections over TCP, or TLS: authenticated before anything is read, unbuffered small messages. */
export class TcpNetwork implements Network {
  readonly #options: TcpNetworkOptions;

  constructor(options: TcpNetworkOptions) {
    this.#options = options;
  }

  async dial({ host, port }: Address, timeout_ms: number): Promise<Connection> {
    const { tls: secure } = this.#options;
    const socket =
      secure === null ? connect({ host, port }) : tls.connect({ host, port, ...certified(secure), checkServerIdentity: () => undefined });
    return this.#prove(socket, "dialer", timeout_ms);
  }

  listen({ host, port }: Address, accept: (connection: Connection) => void): Promise<Listener> {
    const { tls: secure } = this.#options;
    const proving = new Set<Socket>();
    const welcome = (socket: Socket): void => {
      // Guests that never prove themselves must neither keep others out nor cost memory: the one that has taken longest goes.
      const [longest] = proving;
      if (longest !== undefined && proving.size >= limits.clusterHandshakes_max) longest.destroy();
      proving.add(socket);
      this.#prove(socket, "listener", limits.handshake_ms_max)
        .then(accept, () => undefined)
        .finally(() => proving.delete(socket));
    };
    const server =
      secure === null
        ? createServer({ noDelay: true, pauseOnConnect: true }, welcome)
        : tls.createServer({ ...certified(secure), requestCert: true, handshakeTimeout: limits.handshake_ms_max, noDelay: true }, welcome);
    return listening(server, { host, port }, () => {
      for (const socket of proving) socket.destroy();
    });
  }

  async #prove(socket: Socket, role: Role, timeout_ms: number): Promise<Connection> {
    socket.setNoDelay(true);
    const { world, secret } = this.#options;
    const stopWaiting = world.timers.after(timeout_ms, () => socket.destroy(new Error("the other side took too long")));
    try {
      await shakeHands(socket, role, secret);
      return new TcpConnection(socket, world);
    } catch (error) {
      socket.on("error", () => undefined);
      socket.destroy();
      throw error;
    } finally {
      stopWaiting();
    }
  }
}

const certified = ({ certificate, key, ca }: ClusterTls): tls.SecureContextOptions & { readonly rejectUnauthorized: true } => ({
  cert: certificate,
  key,
  ca,
  minVersion: "TLSv1.2",
  rejectUnauthorized: true,
});

function listening(server: Server, { host, port }: Address, onClose: () => void): Promise<Listener> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.off("error", reject);
      server.on("error", () => undefined); // Of single guests: theirs to hear.
      const close = (): Promise<void> => {
        onClose();
        server.close();
        return Promise.resolve();
      };
      resolve({ address: { host, port: (server.address() as AddressInfo).port }, close });
    });
  });
}
