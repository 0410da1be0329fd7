import { isIP, type AddressInfo, type Server } from "node:net";

/** The port is in use; the caller may try another. */
export class PortTakenError extends Error {
  readonly code = "EADDRINUSE";
  readonly port: number;

  constructor(port: number, cause: unknown) {
    super(`port ${port} is in use`, { cause });
    this.name = "PortTakenError";
    this.port = port;
  }
}

export function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException): void => reject(error.code === "EADDRINUSE" ? new PortTakenError(port, error) : error);
    server.once("error", failed);
    server.listen({ host, port }, () => {
      server.removeListener("error", failed);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

/** A door that other machines can reach asks for a password. */
export function requirePasswordBeyondLoopback(host: string, password: string | undefined): void {
  if (password !== undefined && password !== "") return;
  if (isLoopback(host)) return;
  throw new Error(`refusing to listen on ${host} without a password: set one, or listen on 127.0.0.1`);
}

const isLoopback = (host: string): boolean => host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
