import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SqlError } from "../../runtime/contract/errors.ts";
import { FrameReader } from "./frame-reader.ts";
import { readMessage } from "./frontend-messages.ts";
import { readBinaryParameter } from "./parse-binary.ts";
import { parseParameter } from "./parse-value.ts";
import { readStartupPacket } from "./startup-packet.ts";
import { typeOfOid } from "./types.ts";

const framed = (type: string, body: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([Buffer.from(type), length, body]);
};

/** What the work threw that is no refusal; a refusal is a SqlError. */
function bugOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error instanceof SqlError ? null : error;
  }
  return null;
}

describe("frames", () => {
  it("are the same however the bytes arrive", () => {
    const messages = fc.array(fc.tuple(fc.constantFrom("Q", "P", "S"), fc.uint8Array({ maxLength: 50 })), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(messages, fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), (sent, sizes) => {
        const bytes = Buffer.concat(sent.map(([type, body]) => framed(type, body)));
        const reader = new FrameReader();
        const received: [string, Uint8Array][] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] as number;
          reader.push(bytes.subarray(at, at + size));
          at += size;
          for (let frame = reader.takeMessage(1_000); frame !== null; frame = reader.takeMessage(1_000)) {
            received.push([frame.type, Uint8Array.from(frame.body)]);
          }
        }
        expect(received).toEqual(sent);
        expect(reader.buffered_bytes).toBe(0);
      }),
      { seed: 3, numRuns: 300 },
    );
  });

  it("are refused by their length before they are here", () => {
    for (const length of [-2_147_483_648, -1, 0, 3, 1_001]) {
      const reader = new FrameReader();
      const header = Buffer.alloc(5, "Q");
      header.writeInt32BE(length, 1);
      reader.push(header);
      expect(() => reader.takeMessage(1_000)).toThrow(SqlError);
    }
  });
});

describe("decoders of client bytes throw nothing but SqlError", () => {
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc.array(fc.constantFrom(0, 1, 2, 255), { maxLength: 40 }).map((a) => Uint8Array.from(a)),
  );
  const oids = fc.constantFrom(
    0,
    16,
    17,
    20,
    21,
    23,
    25,
    26,
    114,
    700,
    701,
    1007,
    1009,
    1016,
    1082,
    1083,
    1114,
    1184,
    1186,
    1231,
    1700,
    2950,
    3802,
  );

  it("messages and startup packets", () => {
    fc.assert(
      fc.property(fc.constantFrom(..."QPBDECHSXdcfFpz".split("")), bytes, (type, body) => {
        expect(bugOf(() => readMessage({ type, body: Buffer.from(body) }))).toBeNull();
        expect(bugOf(() => readStartupPacket({ type: "", body: Buffer.from(body) }))).toBeNull();
        expect(bugOf(() => readStartupPacket({ type: "", body: Buffer.concat([Uint8Array.of(0, 3, 0, 0), body]) }))).toBeNull();
      }),
      { seed: 5, numRuns: 5_000 },
    );
  });

  it("parameters", () => {
    const texts = fc.oneof(fc.string(), fc.stringMatching(/^[-+0-9.e:{}",\\ a-zT]{0,30}$/));
    fc.assert(
      fc.property(oids, bytes, texts, (oid, body, text) => {
        expect(bugOf(() => readBinaryParameter(typeOfOid(oid), oid, Buffer.from(body)))).toBeNull();
        expect(bugOf(() => parseParameter(typeOfOid(oid), text))).toBeNull();
      }),
      { seed: 5, numRuns: 5_000 },
    );
  });
});
