import { type AddressInfo, connect, createServer } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { limits } from "../../contract/limits.ts";
import type { Connection, Listener, Message } from "../../contract/network.ts";
import { deferred } from "../../contract/wait.ts";
import { realWorld } from "../../world/real-world.ts";
import { MessageAssembler } from "./message-assembler.ts";
import { encodeMessage, message_magic } from "./message-codec.ts";
import { TcpNetwork } from "./tcp-network.ts";

const network = (secret: string): TcpNetwork => new TcpNetwork({ world: realWorld, secret, tls: null });
const anywhere = { host: "127.0.0.1", port: 0 };
const listeners: Listener[] = [];
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close();
});

async function listen(secret: string, accept: (connection: Connection) => void): Promise<Listener> {
  const listener = await network(secret).listen(anywhere, accept);
  listeners.push(listener);
  return listener;
}

/** Two ends of a connection. */
async function pair(): Promise<readonly [Connection, Connection]> {
  const other = deferred<Connection>();
  const listener = await listen("a secret of some length", (connection) => other.resolve(connection));
  return [await network("a secret of some length").dial(listener.address, 5_000), await other.promise];
}

/** All messages until the connection closes, and why it did. */
function heard(connection: Connection): Promise<{ readonly messages: readonly Message[]; readonly reason: string }> {
  const messages: Message[] = [];
  return new Promise((resolve) => {
    connection.listen({ message: (message) => messages.push(message), closed: (reason) => resolve({ messages, reason }) });
  });
}

describe("messages", () => {
  it("arrive whole and in order, with values of all kinds and buffers of all sizes", async () => {
    const [from, to] = await pair();
    const sent = Array.from({ length: 20 }, (_, i) => ({
      i,
      big: 2n ** 63n + BigInt(i),
      map: new Map([["a", undefined]]),
      view: new BigInt64Array([1n, -1n]),
      frames: [new ArrayBuffer(0), new Uint8Array(i * 50_000).fill(i).buffer],
    }));
    for (const message of sent) from.send(message);
    from.close("done");
    expect(await heard(to)).toEqual({ messages: sent, reason: "the other side closed the connection" });
  });

  it("wait until somebody listens, and go both ways", async () => {
    const [a, b] = await pair();
    a.send("ping");
    await new Promise((resolve) => setTimeout(resolve, 20));
    const answered = new Promise((resolve) => {
      a.listen({ message: resolve, closed: () => undefined });
    });
    b.listen({ message: (message) => b.send([message, "pong"]), closed: () => undefined });
    expect(await answered).toEqual(["ping", "pong"]);
    a.close("done");
    b.close("done");
  });

  it("that are cut into single bytes are put together again", () => {
    const messages: Message[] = [];
    const assembler = new MessageAssembler((message) => messages.push(message));
    const sent = [{ a: 1 }, [new Uint8Array(700).fill(7).buffer, new ArrayBuffer(600)], "end"];
    for (const piece of sent.flatMap((message) => encodeMessage(message))) for (const byte of piece) assembler.push(Uint8Array.of(byte));
    expect(messages).toEqual(sent);
  });

  it.each([
    ["of no known kind", [0x20544547, 1, 0]],
    ["with too large a body", [message_magic, 0xffff_ffff, 0]],
    ["with too many buffers", [message_magic, 10, 0xffff_ffff]],
    ["with too large buffers", [message_magic, 10, 2, 0xffff_ffff, 0xffff_ffff]],
  ])("%s are refused before memory is taken for them", (_, words) => {
    const assembler = new MessageAssembler(() => undefined);
    expect(() => assembler.push(new Uint8Array(new Uint32Array(words).buffer))).toThrow(/message/);
  });
});

describe("a peer", () => {
  it("with another secret is refused, on both sides", async () => {
    const accepted: Connection[] = [];
    const { address } = await listen("a secret of some length", (connection) => accepted.push(connection));
    await expect(network("another secret of that").dial(address, 5_000)).rejects.toThrow(/secret/);
    expect(accepted).toEqual([]);
  });

  it("that answers with garbage is refused", async () => {
    const accepted: Connection[] = [];
    const { address } = await listen("a secret of some length", (connection) => accepted.push(connection));
    const socket = connect(address.port, address.host);
    const closed = new Promise((resolve) => socket.once("close", resolve));
    socket.on("error", () => undefined).resume();
    socket.write("GET / HTTP/1.1\r\nHost: somewhere\r\nAccept: all\r\n\r\n");
    await closed;
    expect(accepted).toEqual([]);
  });

  it("that says nothing does not keep others out, however many it is", async () => {
    const { address } = await listen("a secret of some length", () => undefined);
    const mute = Array.from({ length: limits.clusterHandshakes_max + 5 }, () => connect(address.port, address.host));
    for (const socket of mute) socket.on("error", () => undefined).resume();
    await Promise.all(mute.map((socket) => new Promise((resolve) => socket.once("data", resolve).once("close", resolve))));
    await expect(network("a secret of some length").dial(address, 5_000)).resolves.toBeDefined();
    for (const socket of mute) socket.destroy();
  });

  it("that says nothing is given up in time", async () => {
    const mute = createServer(() => undefined);
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    const { port } = mute.address() as AddressInfo;
    await expect(network("a secret of some length").dial({ host: "127.0.0.1", port }, 100)).rejects.toThrow(/too long/);
    mute.close();
  });
});
