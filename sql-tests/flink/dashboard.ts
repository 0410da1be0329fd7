import { existsSync, readFileSync } from "node:fs";
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { fromMaven } from "./maven.ts";

/** Flink's dashboard as Flink ships it: the directory of its page. Rejects with why it cannot be had. */
export const dashboardFiles = async (): Promise<string> =>
  join(
    await fromMaven("flink-runtime-web", [
      "dependency:unpack-dependencies",
      "-DincludeArtifactIds=flink-runtime-web",
      "-Dmdep.unpack.includes=web/**",
      "-DoutputDirectory=files",
    ]),
    "files/web",
  );

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly status: number;
}

/** The dashboard in front of a server: files of its own, everything else is asked of the server and noted. */
export class Dashboard {
  readonly #server: Server;
  readonly #asked: Asked[] = [];

  constructor(files: string, serverUrl: string) {
    this.#server = createServer((incoming, outgoing) => {
      const path = new URL(incoming.url ?? "/", "http://dashboard").pathname;
      const file = join(files, normalize(path === "/" ? "/index.html" : path));
      if (extname(file) !== "" && existsSync(file)) sendFile(file, outgoing);
      else this.#forward(incoming, outgoing, serverUrl);
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => void this.#server.listen(0, "127.0.0.1", resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What the page has asked of the server since the last call. */
  takeAsked(): readonly Asked[] {
    return this.#asked.splice(0);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse, serverUrl: string): void {
    const { origin: _, referer: __, ...headers } = incoming.headers;
    const method = incoming.method ?? "GET";
    const path = incoming.url ?? "/";
    const asking = request(`${serverUrl}${path}`, { method, headers: { ...headers, host: new URL(serverUrl).host } }, (answer) => {
      this.#asked.push({ method, path, status: answer.statusCode ?? 0 });
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    asking.on("error", (error) => {
      this.#asked.push({ method, path, status: 502 });
      outgoing.writeHead(502).end(error.message);
    });
    incoming.pipe(asking);
  }
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".json": "application/json",
};

function sendFile(file: string, outgoing: ServerResponse): void {
  outgoing.writeHead(200, { "content-type": types[extname(file)] ?? "application/octet-stream" }).end(readFileSync(file));
}
