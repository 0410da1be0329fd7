import { DefaultDeserializer, DefaultSerializer } from "node:v8";
import { limits } from "../../contract/limits.ts";
import type { Message } from "../../contract/network.ts";

/**
 * A message on the wire: 32-bit little-endian words {magic, body bytes, number of buffers, bytes of each buffer …}, the body as v8
 * serialises it, then the buffers. ArrayBuffers of some size travel beside the body, so that neither side copies them into it.
 */
export const message_magic = 0x3147534d; // "MSG1"
export const fixedHeader_bytes = 12;

/** Smaller ones are better off in the body. */
const outOfBand_bytes_min = 512;

export class MessageFormatError extends Error {}

/** The pieces to write, in order. The message's ArrayBuffers are among them as they are. */
export function encodeMessage(message: Message): readonly Uint8Array[] {
  const buffers = [...buffersOf(message, new Set())];
  const serializer = new DefaultSerializer();
  serializer.writeHeader();
  buffers.forEach((buffer, i) => serializer.transferArrayBuffer(i, buffer));
  serializer.writeValue(message);
  const body = serializer.releaseBuffer();
  const header = new Uint32Array([message_magic, body.length, buffers.length, ...buffers.map((buffer) => buffer.byteLength)]);
  checkSizes(body.length, header.subarray(3));
  return [new Uint8Array(header.buffer), body, ...buffers.map((buffer) => new Uint8Array(buffer))];
}

export function decodeMessage(body: Uint8Array, buffers: readonly ArrayBuffer[]): Message {
  const deserializer = new DefaultDeserializer(body);
  deserializer.readHeader();
  buffers.forEach((buffer, i) => deserializer.transferArrayBuffer(i, buffer));
  return deserializer.readValue() as Message;
}

export interface FixedHeader {
  readonly body_bytes: number;
  readonly buffers: number;
}

export function readFixedHeader(bytes: Uint8Array): FixedHeader {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (words.getUint32(0, true) !== message_magic) throw new MessageFormatError("what came is no message");
  const header = { body_bytes: words.getUint32(4, true), buffers: words.getUint32(8, true) };
  if (header.body_bytes > limits.clusterMessageBody_bytes_max) throw new MessageFormatError("the message is too large");
  if (header.buffers > limits.clusterMessageBuffers_max) throw new MessageFormatError("the message has too many buffers");
  return header;
}

export function checkSizes(body_bytes: number, buffers_bytes: Iterable<number>): void {
  let bytes = body_bytes;
  let buffers = 0;
  for (const more of buffers_bytes) {
    bytes += more;
    buffers += 1;
  }
  const fits =
    body_bytes <= limits.clusterMessageBody_bytes_max &&
    bytes <= limits.clusterMessage_bytes_max &&
    buffers <= limits.clusterMessageBuffers_max;
  if (!fits) throw new MessageFormatError(`a message of ${bytes} bytes with ${buffers} buffers is too large`);
}

/** Messages are plain data: objects, arrays, maps and sets, without cycles. Views are copied with the body. */
function buffersOf(value: unknown, found: Set<ArrayBuffer>): Set<ArrayBuffer> {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return found;
  if (value instanceof ArrayBuffer) {
    if (value.byteLength >= outOfBand_bytes_min) found.add(value);
    return found;
  }
  const members = Array.isArray(value) || value instanceof Set ? value : value instanceof Map ? [...value].flat() : Object.values(value);
  for (const member of members as Iterable<unknown>) buffersOf(member, found);
  return found;
}
