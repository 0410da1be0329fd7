import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Connection, Listener, Message } from "../../contract/network.ts";
import { realWorld } from "../../world/real-world.ts";
import { type ClusterTls, TcpNetwork } from "./tcp-network.ts";

const directory = mkdtempSync(join(tmpdir(), "millrace-tls-"));
const openssl = (...args: string[]): Buffer => execFileSync("openssl", args, { cwd: directory, stdio: ["ignore", "pipe", "ignore"] });
const read = (file: string): string => readFileSync(join(directory, file), "utf8");

/** A certificate that an authority has signed, with both. */
function certified(authority: string, name: string): ClusterTls {
  const ec = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  openssl("req", "-x509", ...ec, "-keyout", `${authority}.key`, "-out", `${authority}.pem`, "-subj", `/CN=${authority}`, "-days", "2");
  openssl("req", ...ec, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", `/CN=${name}`);
  const signed = ["-CA", `${authority}.pem`, "-CAkey", `${authority}.key`, "-CAcreateserial", "-days", "2"];
  openssl("x509", "-req", "-in", `${name}.csr`, ...signed, "-out", `${name}.pem`);
  return { certificate: read(`${name}.pem`), key: read(`${name}.key`), ca: read(`${authority}.pem`) };
}

const secret = "a secret of some length";
const networkOf = (tls: ClusterTls | null): TcpNetwork => new TcpNetwork({ world: realWorld, secret, tls });
let own: ClusterTls;
let foreign: ClusterTls;
let listener: Listener;
const said: Message[] = [];

beforeAll(async () => {
  own = certified("authority", "node");
  foreign = certified("another", "stranger");
  const accept = (connection: Connection): void =>
    connection.listen({
      message: (message) => {
        said.push(message);
        connection.send("heard");
      },
      closed: () => undefined,
    });
  listener = await networkOf(own).listen({ host: "127.0.0.1", port: 0 }, accept);
});
afterAll(async () => {
  await listener.close();
  rmSync(directory, { recursive: true, force: true });
});

describe("the cluster over TLS", () => {
  it("carries messages between those whose certificates its authority has signed", async () => {
    const connection = await networkOf(own).dial(listener.address, 5_000);
    const answer = new Promise((resolve) => {
      connection.listen({ message: resolve, closed: () => undefined });
    });
    const frame = new Uint8Array(100_000).fill(3).buffer;
    connection.send({ frame });
    expect(await answer).toBe("heard");
    expect(said).toEqual([{ frame }]);
    connection.close("done");
  });

  it.each([
    ["another authority's certificate", () => foreign],
    ["no TLS", () => null],
  ])("refuses a peer with %s, though it knows the secret", async (_, tls) => {
    await expect(networkOf(tls()).dial(listener.address, 5_000)).rejects.toThrow();
    expect(said).toHaveLength(1);
  });
});
