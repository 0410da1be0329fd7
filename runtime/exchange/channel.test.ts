import { MessageChannel } from "node:worker_threads";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Batch } from "../contract/batch.ts";
import { hashRows, keyGroupOf, operatorIndexOf } from "../contract/hash.ts";
import type { Ship } from "../contract/job-graph.ts";
import { limits } from "../contract/limits.ts";
import { batchOf, rowsOf } from "../contract/rows.ts";
import type { ChannelEnd } from "../contract/rpc.ts";
import type { Schema } from "../contract/types.ts";
import { EdgeOutput } from "./edge-output.ts";
import { isFrame, type StreamElement } from "./elements.ts";
import { makeFrameCodec } from "./frame-codec.ts";
import { HashPartitioner } from "./hash-partitioner.ts";
import { InChannel } from "./in-channel.ts";
import { OutChannel } from "./out-channel.ts";
import { makeRouter } from "./router.ts";
import { LocalWires, type ReceiverWire, type SenderWire } from "./wire.ts";

const schema: Schema = {
  columns: [
    { name: "k", type: { id: "varchar" } },
    { name: "n", type: { id: "bigint" } },
  ],
};
const codec = makeFrameCodec(schema);
const keyed = (keys: readonly string[], from = 0): Batch =>
  batchOf(
    schema,
    keys.map((key, i) => [key, BigInt(from + i)]),
  );
const numbers = (rows: number): Batch => keyed(Array.from({ length: rows }, (_, i) => `key${i % 97}`));

interface Link {
  readonly out: OutChannel;
  readonly input: InChannel;
}

function link(sender: SenderWire, receiver: ReceiverWire, onAvailable = (): void => undefined, onElements = (): void => undefined): Link {
  const out = new OutChannel(schema, codec, sender, onAvailable);
  return { out, input: new InChannel({ edge: "e", sender: 0, position: 0, index: 0, input: 0 }, codec, receiver, onElements) };
}

function localLink(id: string, onAvailable?: () => void): Link {
  const wires = new LocalWires();
  const end: ChannelEnd = { id, edge: "e", peerSubtask: 0, peer: { kind: "slot", slot: 0 }, port: null };
  return link(wires.sender(end), wires.receiver(end), onAvailable);
}

const text = (element: StreamElement): string => {
  if (isFrame(element))
    return rowsOf(schema, codec.decode(element))
      .map(([k]) => k as string)
      .join("");
  return element.kind === "watermark"
    ? `wm ${element.watermark}`
    : element.kind === "barrier"
      ? `barrier ${element.checkpoint}`
      : element.kind;
};

function drain(input: InChannel): string[] {
  const seen: string[] = [];
  while (input.readable) {
    const element = input.take();
    seen.push(text(element));
    input.done(element);
  }
  input.postCredits();
  return seen;
}

test("every row goes to the channel that owns its key group, in the order it came", () => {
  const arbitrary = fc.record({
    keys: fc.array(fc.option(fc.string({ maxLength: 6 })), { maxLength: 200 }),
    channels: fc.integer({ min: 1, max: 9 }),
    maxParallelism: fc.oneof(fc.constantFrom(128, 32_768, 100, 32_767), fc.integer({ min: 9, max: 32_768 })),
  });
  fc.assert(
    fc.property(arbitrary, ({ keys, channels, maxParallelism }) => {
      const batch = batchOf(
        schema,
        keys.map((key, i) => [key, BigInt(i)]),
      );
      const partitioner = new HashPartitioner([0], channels, maxParallelism);
      partitioner.partition(numbers(50));
      partitioner.partition(batch);
      const hashes = new Int32Array(batch.rows);
      hashRows(batch, [0], hashes);
      const expected = Array.from({ length: channels }, (): number[] => []);
      hashes.forEach((hash, row) => expected[operatorIndexOf(keyGroupOf(hash, maxParallelism), channels, maxParallelism)]?.push(row));
      const { selection, starts } = partitioner;
      expect(expected.map((_, c) => [...selection.subarray(starts[c], starts[c + 1])])).toEqual(expected);
    }),
    { numRuns: 200 },
  );
});

const shipped = (ship: Ship, channels: number, batches: readonly Batch[]): string[][] => {
  const links = Array.from({ length: channels }, (_, c) => localLink(`c${c}`));
  const outs = links.map(({ out }) => out);
  const edge = new EdgeOutput(outs, makeRouter(ship, { channels: outs, maxParallelism: 128, subtask: 0 }));
  for (const batch of batches) edge.batch(batch);
  edge.control({ kind: "end" });
  for (const out of outs) out.post();
  return links.map(({ input }) => drain(input));
};

test("broadcast sends every row everywhere, rebalance whole batches in turn, and small batches are one frame", () => {
  const batches = ["a", "b", "c"].map((key) => keyed([key, key]));
  expect(shipped({ kind: "broadcast" }, 2, batches)).toEqual([
    ["aabbcc", "end"],
    ["aabbcc", "end"],
  ]);
  expect(shipped({ kind: "rebalance" }, 2, batches)).toEqual([
    ["aacc", "end"],
    ["bb", "end"],
  ]);
  expect(shipped({ kind: "forward" }, 1, batches)).toEqual([["aabbcc", "end"]]);
});

test("control elements keep their place among the rows, and repeated ones are not sent", () => {
  const { out, input } = localLink("c");
  const edge = new EdgeOutput([out], makeRouter({ kind: "forward" }, { channels: [out], maxParallelism: 128, subtask: 0 }));
  edge.batch(keyed(["a"]));
  edge.batch(keyed(["b"]));
  edge.watermark(5n);
  edge.watermark(5n);
  edge.batch(keyed(["c"]));
  edge.idle(true);
  edge.idle(true);
  edge.control({ kind: "barrier", checkpoint: 1, mode: { triggered_ms: 0, unalignedAfter_ms: null } });
  edge.batch(keyed(["d"]));
  out.post();
  expect(drain(input)).toEqual(["ab", "wm 5", "c", "idle", "barrier 1"]);
  expect(out.gathered).toBe(1);
  out.flush();
  out.post();
  expect(drain(input)).toEqual(["d"]);
});

test("a slow receiver holds the sender back: no more frames are under way than there are credits", () => {
  const full = numbers(4_096);
  let woken = 0;
  const { out, input } = localLink("c", () => (woken += 1));
  let sent = 0;
  while (out.available) {
    out.append(full, { selection: null, from: 0, to: 4_096 });
    out.post();
    sent += 1;
  }
  expect(sent).toBe(limits.exchangeCredits_max);
  const extra = 3;
  for (let i = 0; i < extra; i++) out.append(full, { selection: null, from: 0, to: 4_096 });
  out.control({ kind: "barrier", checkpoint: 9, mode: { triggered_ms: 0, unalignedAfter_ms: null } });
  const buffers = new Set<StreamElement>();
  let received = 0;
  const takeOne = (): void => {
    const element = input.take();
    if (isFrame(element)) {
      buffers.add(element);
      received += 1;
    }
    input.done(element);
    input.postCredits();
  };
  for (let i = 0; i <= extra; i++) {
    expect(woken).toBe(0);
    takeOne();
  }
  expect(woken).toBe(1);
  for (let round = 0; round < 100; round++) {
    if (out.available) out.append(full, { selection: null, from: 0, to: 4_096 });
    out.post();
    if (input.readable) takeOne();
  }
  expect(received).toBeGreaterThan(75);
  expect(buffers.size).toBeLessThanOrEqual(limits.exchangeCredits_max + extra);
});

test("watermarks alone cannot fill a receiver's memory either", () => {
  const { out, input } = localLink("c");
  let sent = 0;
  while (out.available) out.control({ kind: "watermark", watermark: BigInt(++sent) });
  expect(sent).toBe(limits.exchangeElements_max);
  out.post();
  expect(drain(input).length).toBe(sent);
  expect(out.available).toBe(true);
});

test("a frame is sent when its text is long, however few its rows", () => {
  const { out, input } = localLink("c");
  for (let i = 0; i < 3; i++) out.append(keyed(["x".repeat(limits.exchangeFrame_bytes_target / 2)]), { selection: null, from: 0, to: 1 });
  expect(out.gathered).toBe(1);
  out.post();
  expect(input.readable).toBe(true);
});

test("over a message port buffers are transferred, and come back", async () => {
  const full = numbers(4_096);
  const { port1, port2 } = new MessageChannel();
  const wires = new LocalWires();
  const end: Omit<ChannelEnd, "port"> = { id: "c", edge: "e", peerSubtask: 0, peer: { kind: "slot", slot: 0 } };
  let arrived = (): void => undefined;
  let available = (): void => undefined;
  const { out, input } = link(
    wires.sender({ ...end, port: port1 }),
    wires.receiver({ ...end, port: port2 }),
    () => available(),
    () => arrived(),
  );
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  while (out.available) out.append(full, { selection: null, from: 0, to: 4_096 });
  out.post();
  await arrival;
  const credit = new Promise<void>((resolve) => (available = resolve));
  const element = input.take();
  expect(isFrame(element) && codec.decode(element).rows).toBe(4_096);
  input.done(element);
  input.postCredits();
  expect((element as ArrayBuffer).byteLength).toBe(0);
  await credit;
  expect(out.available).toBe(true);
  out.close();
  input.close();
});

test("an id can be used again once an end of it has closed", () => {
  const wires = new LocalWires();
  const end: ChannelEnd = { id: "c", edge: "e", peerSubtask: 0, peer: { kind: "slot", slot: 0 }, port: null };
  const old = link(wires.sender(end), wires.receiver(end));
  old.input.close();
  const next = link(wires.sender(end), wires.receiver(end));
  old.out.close();
  old.out.control({ kind: "end" });
  old.out.post();
  next.out.control({ kind: "barrier", checkpoint: 1, mode: { triggered_ms: 0, unalignedAfter_ms: null } });
  next.out.post();
  expect(drain(next.input)).toEqual(["barrier 1"]);
});

const barrier = { kind: "barrier", checkpoint: 1, mode: { triggered_ms: 0, unalignedAfter_ms: 0 } } as const;

test("a barrier that overtakes goes ahead of all that waits for credit, which is copied with its watermarks", () => {
  const { out, input } = localLink("overtake");
  for (let i = 0; i < limits.exchangeCredits_max; i++) {
    out.append(keyed(["under way"]), { selection: null, from: 0, to: 1 });
    out.flush();
  }
  out.append(keyed(["a"]), { selection: null, from: 0, to: 1 });
  out.control({ kind: "watermark", watermark: 5n });
  out.append(keyed(["b"]), { selection: null, from: 0, to: 1 });
  const rows = out.overtake(barrier);
  expect(rows.map(({ watermark, frame }) => [watermark, text(frame)])).toEqual([
    [null, "a"],
    [5n, "b"],
  ]);
  expect(drain(input).slice(limits.exchangeCredits_max)).toEqual(["barrier 1", "a", "wm 5", "b"]);
});

test("a barrier that waits already is moved ahead, and what followed it is not copied", () => {
  const { out, input } = localLink("held");
  for (let i = 0; i < limits.exchangeCredits_max; i++) {
    out.append(keyed(["under way"]), { selection: null, from: 0, to: 1 });
    out.flush();
  }
  out.append(keyed(["a"]), { selection: null, from: 0, to: 1 });
  out.control(barrier);
  out.append(keyed(["b"]), { selection: null, from: 0, to: 1 });
  expect(out.holds(1)).toBe(true);
  expect(out.overtake(barrier).map(({ frame }) => text(frame))).toEqual(["a"]);
  expect(out.holds(1)).toBe(false);
  expect(drain(input).slice(limits.exchangeCredits_max)).toEqual(["barrier 1", "a", "b"]);
});

test("a channel copies what comes in front of a barrier, and takes the barrier out", () => {
  const { out, input } = localLink("record");
  const send = (...keys: string[]): void => {
    out.append(keyed(keys), { selection: null, from: 0, to: keys.length });
    out.flush();
    out.post();
  };
  send("a");
  const rows = input.record(1);
  expect(input.isRecording).toBe(true);
  send("b");
  out.control(barrier);
  out.post();
  expect(input.isRecording).toBe(false);
  send("c");
  expect(rows.map(({ frame }) => text(frame))).toEqual(["a", "b"]);
  expect(drain(input)).toEqual(["a", "b", "c"]);
});

test("a channel that ends while it records has recorded all", () => {
  const { out, input } = localLink("record-end");
  const rows = input.record(1);
  out.append(keyed(["a"]), { selection: null, from: 0, to: 1 });
  out.control({ kind: "end" });
  out.post();
  expect(input.isRecording).toBe(false);
  expect(rows.map(({ frame }) => text(frame))).toEqual(["a"]);
  expect(drain(input)).toEqual(["a", "end"]);
});
