import { serialize } from "pg-protocol";
import { afterAll, beforeAll, expect, it } from "vitest";
import { bindMessage, extendedQuery, message, RawClient, typesOf } from "./raw-client.ts";
import { randomOf } from "../runner/random.ts";
import { openDoor, type WireHarness } from "./wire-harness.ts";

/** Replay a failure with SEED=…; RUNS=… for more sessions. */
const seed = Number(process.env["SEED"] ?? 20_251_124);
const runs = Number(process.env["RUNS"] ?? 2_000);
const hang_ms_max = 2_000;

const startup = Buffer.from(serialize.startup({ user: "ann", database: "db" }));
const seeds: readonly Buffer[] = [
  Buffer.from(serialize.query("SELECT 1; SELECT 'x'")),
  extendedQuery({ sql: "SELECT $1::int, $2::text[]", oids: [23, 1009], parameters: ["7", '{a,"b"}'], resultFormats: [1, 0] }),
  extendedQuery({
    sql: "SELECT $1::numeric",
    oids: [1700],
    parameters: [Buffer.from("00010000000000010005", "hex")],
    parameterFormats: [1],
  }),
  Buffer.concat([
    serialize.parse({ name: "s", text: "SELECT 1" }),
    serialize.describe({ type: "S", name: "s" }),
    serialize.close({ type: "S", name: "s" }),
  ]),
  Buffer.concat([
    serialize.parse({ text: "SELECT range FROM range(10)" }),
    bindMessage({}),
    serialize.execute({ rows: 3 }),
    serialize.sync(),
  ]),
  Buffer.concat([serialize.copyData(Buffer.from("x")), serialize.copyFail("no"), serialize.flush(), serialize.sync()]),
  message("p", Buffer.from("SCRAM-SHA-256\0\0\0\0\x05n,,n=")),
  Buffer.from(serialize.query("BEGIN; SELECT * FROM nowhere")),
];

/** Flips, cuts, doubles, swaps or overwrites some bytes. */
function mutated(bytes: Buffer, random: () => number): Buffer {
  let result = Buffer.from(bytes);
  const at = (): number => Math.floor(random() * result.length);
  for (let count = Math.floor(random() * 4); count > 0 && result.length > 0; count--) {
    const [from, to] = [at(), at()].sort((a, b) => a - b) as [number, number];
    const kind = Math.floor(random() * 5);
    if (kind === 0) result[from] = Math.floor(random() * 256);
    else if (kind === 1) result = Buffer.concat([result.subarray(0, from), result.subarray(to)]);
    else if (kind === 2) result = Buffer.concat([result.subarray(0, to), result.subarray(from)]);
    else if (kind === 3) result.fill(random() < 0.5 ? 0 : 255, from, Math.min(to, from + 4));
    else result = result.subarray(0, to);
  }
  return result;
}

function mutatedSession(random: () => number): Buffer {
  const parts = Array.from({ length: 1 + Math.floor(random() * 3) }, () =>
    mutated(seeds[Math.floor(random() * seeds.length)] as Buffer, random),
  );
  return Buffer.concat([random() < 0.15 ? mutated(startup, random) : startup, ...parts]);
}

let door: WireHarness;
beforeAll(async () => {
  door = await openDoor({ limits: { handshake_ms_max: 300, linger_ms_max: 100 } });
});
afterAll(() => door.close());

/** Sends the bytes, ends the client's half, and waits until the server has closed. */
async function play(bytes: Buffer): Promise<string> {
  const client = await RawClient.connect(door.port);
  client.send(bytes);
  client.end();
  const timer = setTimeout(() => client.destroy(), hang_ms_max);
  const messages = await client.until("nothing ends it but the close");
  clearTimeout(timer);
  return typesOf(messages);
}

it(`survives ${runs} mutated sessions (SEED=${seed})`, async () => {
  const random = randomOf(seed);
  const before_bytes = process.memoryUsage().rss;
  const lanes = Array.from({ length: 8 }, async () => {
    for (let i = 0; i < runs / 8; i++) {
      const bytes = mutatedSession(random);
      const started_ms = performance.now();
      await play(bytes);
      const took_ms = performance.now() - started_ms;
      if (took_ms > hang_ms_max - 100) throw new Error(`SEED=${seed}: hung on ${bytes.toString("hex")}`);
    }
  });
  await Promise.all(lanes);
  expect(door.log.filter((line) => line.includes("internal error"))).toEqual([]);
  await expect.poll(() => door.server.connections()).toBe(0);
  const client = await RawClient.session(door.port);
  client.send(extendedQuery({ sql: "SELECT 1" }));
  expect(typesOf(await client.until("Z"))).toBe("12TDCZ");
  client.end();
  expect(process.memoryUsage().rss - before_bytes).toBeLessThan(256 * 1_048_576);
});
