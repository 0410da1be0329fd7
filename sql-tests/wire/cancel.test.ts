import { serialize } from "pg-protocol";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { cellsOf, errorOf, RawClient, typesOf } from "./raw-client.ts";
import { openDoor, type WireHarness } from "./wire-harness.ts";

let door: WireHarness;
let client: RawClient;
let processId = 0;
let secret = 0;

beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.close());
beforeEach(async () => {
  client = await RawClient.connect(door.port);
  client.send(serialize.startup({ user: "ann" }));
  const key = (await client.until("Z")).find(({ type }) => type === "K")?.body as Buffer;
  processId = key.readInt32BE(0);
  secret = key.readInt32BE(4);
});
afterEach(() => client.end());

const endless = "SELECT count(*) FROM range(10000000000) a, range(1000) b";

const cancel = async (withSecret: number): Promise<void> => {
  const other = await RawClient.connect(door.port);
  other.send(serialize.cancel(processId, withSecret));
  await other.until("nothing is answered");
};

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("cancel", () => {
  it("stops the running statement and leaves the session", async () => {
    client.send(serialize.query(endless));
    await pause(100);
    await cancel(secret);
    expect(errorOf(await client.until("Z"))).toMatchObject({ C: "57014", M: "canceling statement due to user request" });
    client.send(serialize.query("SELECT 1"));
    expect(typesOf(await client.until("Z"))).toBe("TDCZ");
  });

  it("does nothing with a wrong secret, or when nothing runs", async () => {
    await cancel(secret);
    client.send(serialize.query("SELECT count(*) FROM range(30000000) WHERE range % 7 = 1"));
    await cancel(secret ^ 1);
    expect(typesOf(await client.until("Z"))).toBe("TDCZ");
  });

  it("stops rows on their way", async () => {
    client.send(serialize.query("SELECT * FROM range(100000000)"));
    await client.until("D");
    await cancel(secret);
    expect(errorOf(await client.until("Z"))["C"]).toBe("57014");
  });
});

describe("statement_timeout", () => {
  it("stops a statement and says why", async () => {
    client.send(serialize.query("SET statement_timeout = '100ms'"), serialize.query(endless));
    await client.until("Z");
    expect(errorOf(await client.until("Z"))).toMatchObject({ C: "57014", M: "canceling statement due to statement timeout" });
  });
});

describe("a client that leaves", () => {
  it("takes its statement with it", async () => {
    const before = door.server.connections();
    client.send(serialize.query(endless));
    await pause(50);
    client.destroy();
    await expect.poll(() => door.server.connections(), { timeout: 5_000 }).toBe(before - 1);
  });
});

describe("a client that reads slowly", () => {
  it("costs no memory, and others are served meanwhile", async () => {
    client.send(serialize.query("SELECT range, repeat('x', 100) FROM range(2000000)"));
    await client.until("T");
    client.pause();
    await pause(200);
    const before_bytes = process.memoryUsage().rss;
    await pause(400);
    const other = await RawClient.session(door.port);
    other.send(serialize.query("SELECT 7"));
    expect(String(cellsOf(await other.until("Z"))[0]?.[0])).toBe("7");
    other.end();
    expect(process.memoryUsage().rss - before_bytes).toBeLessThan(64 * 1_048_576);
    client.destroy();
  });
});
