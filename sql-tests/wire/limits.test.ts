import { serialize } from "pg-protocol";
import { afterEach, describe, expect, it } from "vitest";
import type { WireLimits } from "../../server/pgwire/wire-limits.ts";
import { errorOf, extendedQuery, message, RawClient, typesOf } from "./raw-client.ts";
import { openDoor, type WireHarness } from "./wire-harness.ts";

let door: WireHarness;
afterEach(() => door.close());

const open = async (limits: Partial<WireLimits> = {}): Promise<WireHarness> => (door = await openDoor({ limits }));

const length = (bytes: number): Buffer => {
  const header = Buffer.alloc(4);
  header.writeInt32BE(bytes);
  return header;
};

/** Resolves when the server has ended the connection. */
const closing = async (client: RawClient): Promise<void> => {
  await client.until("no such message");
};

describe("before the login", () => {
  it.each([
    ["a negative length", length(-1)],
    ["a length below its own size", length(3)],
    ["a packet beyond the limit", Buffer.concat([length(10_001), Buffer.alloc(100)])],
    ["a length of 2 GB", length(0x7fff_ffff)],
    ["another major version", Buffer.concat([length(8), Buffer.from([0, 2, 0, 0])])],
    ["parameters without an end", Buffer.concat([length(13), Buffer.from([0, 3, 0, 0]), Buffer.from("user\0")])],
    ["no user", serialize.startup({})],
    ["an unknown parameter", serialize.startup({ user: "a", nonsuch: "1" })],
    ["a cancel request of the wrong size", Buffer.concat([length(9), Buffer.from([4, 210, 22, 46, 0])])],
  ])("refuses %s", async (_, bytes) => {
    await open();
    const client = await RawClient.connect(door.port);
    client.send(bytes);
    const messages = await client.until("E");
    expect(typesOf(messages)).toMatch(/^R?E$/);
    expect(errorOf(messages)["S"]).toBe("FATAL");
    client.end();
    await closing(client);
  });

  it("closes who stalls, at whatever byte, while others log in", async () => {
    await open({ handshake_ms_max: 150 });
    const startup = Buffer.from(serialize.startup({ user: "ann" }));
    const beginnings = [
      Buffer.alloc(0),
      startup.subarray(0, 7),
      startup.subarray(0, startup.length - 1),
      Buffer.from(serialize.requestSsl()),
    ];
    const stalled = await Promise.all(
      beginnings.map(async (bytes) => {
        const client = await RawClient.connect(door.port);
        client.send(bytes);
        return client;
      }),
    );
    (await RawClient.session(door.port)).end();
    await Promise.all(stalled.slice(0, 3).map(closing));
    await expect.poll(() => stalled.every((client) => client.closed)).toBe(true);
  });

  it("gives the oldest stalled socket's place to a new one", async () => {
    await open({ pendingHandshakes_max: 3 });
    const stalled: RawClient[] = [];
    for (let i = 0; i < 5; i++) stalled.push(await RawClient.connect(door.port));
    (await RawClient.session(door.port)).end();
    await expect.poll(() => stalled.map((client) => client.closed)).toEqual([true, true, true, false, false]);
    for (const client of stalled) client.destroy();
  });
});

describe("in a session", () => {
  it("ends it when the length of a message makes no sense", async () => {
    await open();
    for (const bytes of [length(3), length(-5), length(0x7fff_ffff)]) {
      const client = await RawClient.session(door.port);
      client.send(Buffer.from("Q"), bytes);
      expect(errorOf(await client.until("E"))["S"]).toBe("FATAL");
      client.end();
      await closing(client);
    }
  });

  it("ends it at a letter that is no message", async () => {
    await open();
    const client = await RawClient.session(door.port);
    client.send(message("y", Buffer.alloc(0)));
    expect(errorOf(await client.until("E"))).toMatchObject({ S: "FATAL", C: "08P01" });
    client.end();
  });

  it.each([
    ["a string without an end", message("Q", Buffer.from("SELECT 1")), "08P01"],
    ["bytes behind the end", message("Q", Buffer.from("SELECT 1\0x")), "08P01"],
    ["text that is not UTF-8", message("Q", Buffer.from([0x27, 0xff, 0x27, 0])), "22021"],
    ["a count of parameters that are not there", message("P", Buffer.from("\0SELECT 1\0\xff\xff", "latin1")), "08P01"],
    ["a parameter longer than its message", message("B", Buffer.from("\0\0\0\0\0\x01\x7f\xff\xff\xff", "latin1")), "08P01"],
    ["a parameter of negative length", message("B", Buffer.from("\0\0\0\0\0\x01\xff\xff\xff\xfe\0\0", "latin1")), "08P01"],
    ["a format that does not exist", message("B", Buffer.from("\0\0\0\x01\0\x07\0\0\0\0", "latin1")), "22023"],
    ["a describe of neither statement nor portal", message("D", Buffer.from("X\0")), "08P01"],
    ["the function call protocol", message("F", Buffer.alloc(8)), "0A000"],
  ])("answers %s with an error and goes on", async (_, bytes, code) => {
    await open();
    const client = await RawClient.session(door.port);
    client.send(bytes, serialize.sync());
    expect(errorOf(await client.until("Z"))["C"]).toBe(code);
    client.send(serialize.sync(), extendedQuery({ sql: "SELECT 1" }));
    expect(typesOf(await client.until("C")).endsWith("12TDC")).toBe(true);
    client.end();
  });

  it("ignores COPY data that nobody asked for", async () => {
    await open();
    const client = await RawClient.session(door.port);
    client.send(serialize.copyData(Buffer.from("1\n")), serialize.copyDone(), serialize.sync());
    expect(typesOf(await client.until("Z"))).toBe("Z");
    client.end();
  });

  it("caps prepared statements and portals", async () => {
    await open({ preparedStatements_max: 2, portals_max: 2 });
    const client = await RawClient.session(door.port);
    const parse = (name: string): Buffer => Buffer.from(serialize.parse({ name, text: "SELECT 1" }));
    client.send(parse("a"), parse("b"), parse(""), parse("c"), serialize.sync());
    const parsed = await client.until("Z");
    expect([typesOf(parsed), errorOf(parsed)["C"]]).toEqual(["111EZ", "54000"]);
    const bind = (portal: string): Buffer => Buffer.from(serialize.bind({ portal, statement: "a" }));
    client.send(bind("p"), bind("q"), bind(""), bind("r"), serialize.sync());
    const bound = await client.until("Z");
    expect([typesOf(bound), errorOf(bound)["C"]]).toEqual(["222EZ", "54000"]);
    client.end();
  });

  it("takes a message in single bytes", async () => {
    await open();
    const client = await RawClient.session(door.port);
    for (const byte of extendedQuery({ sql: "SELECT 'slow' AS a" })) {
      client.send(Uint8Array.of(byte));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(typesOf(await client.until("Z"))).toBe("12TDCZ");
    client.end();
  });
});
