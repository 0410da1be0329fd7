import { connect, type Socket } from "node:net";
import { serialize } from "pg-protocol";
import { type Frame, FrameReader } from "../../server/pgwire/frame-reader.ts";

/** A client that sends bytes and collects messages, for what drivers do not do. */
export class RawClient {
  private readonly socket: Socket;
  private readonly frames = new FrameReader();
  private wake: (() => void) | null = null;
  closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk) => {
      this.frames.push(chunk);
      this.wake?.();
    });
    socket.on("close", () => {
      this.closed = true;
      this.wake?.();
    });
    socket.on("error", () => undefined);
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ host: "127.0.0.1", port, noDelay: true });
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
    return new RawClient(socket);
  }

  /** Connected and logged in by trust. */
  static async session(port: number): Promise<RawClient> {
    const client = await RawClient.connect(port);
    client.send(serialize.startup({ user: "ann", database: "db" }));
    await client.until("Z");
    return client;
  }

  send(...messages: readonly Uint8Array[]): void {
    this.socket.write(Buffer.concat(messages));
  }

  end(): void {
    this.socket.end();
  }

  destroy(): void {
    this.socket.destroy();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  /** One byte that is no message: the answer to SSLRequest. */
  async byte(): Promise<string> {
    return new Promise((resolve) => this.socket.once("data", (chunk) => resolve(chunk.toString("latin1"))));
  }

  /** All messages up to the first of this type, it included; those before the end when the server closes instead. */
  async until(type: string): Promise<Frame[]> {
    const messages: Frame[] = [];
    for (;;) {
      const frame = this.frames.takeMessage(1 << 30);
      if (frame !== null) {
        messages.push(frame);
        if (frame.type === type) return messages;
      } else if (this.closed) return messages;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}

export const typesOf = (messages: readonly Frame[]): string => messages.map((message) => message.type).join("");

/** The fields of the first ErrorResponse. */
export function errorOf(messages: readonly Frame[]): Readonly<Record<string, string>> {
  const body = messages.find((message) => message.type === "E")?.body.toString("utf8") ?? "";
  return Object.fromEntries(
    body
      .split("\0")
      .filter((field) => field !== "")
      .map((field) => [field.charAt(0), field.slice(1)]),
  );
}

/** The cells of each DataRow. */
export function cellsOf(messages: readonly Frame[]): (Buffer | null)[][] {
  return messages
    .filter((message) => message.type === "D")
    .map(({ body }) => {
      let at = 2;
      return Array.from({ length: body.readUInt16BE(0) }, () => {
        const length = body.readInt32BE(at);
        at += 4;
        if (length < 0) return null;
        at += length;
        return body.subarray(at - length, at);
      });
    });
}

export interface RawBind {
  readonly sql: string;
  readonly oids?: readonly number[];
  readonly parameters?: readonly (Buffer | string | null)[];
  readonly parameterFormats?: readonly number[];
  readonly resultFormats?: readonly number[];
}

const int16 = (value: number): Buffer => Buffer.from([value >> 8, value & 255]);
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const counted = (values: readonly number[]): Buffer => Buffer.concat([int16(values.length), ...values.map(int16)]);

export const message = (type: string, body: Buffer): Buffer => Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);

/** Bind of the unnamed statement to the unnamed portal, with any formats. */
export function bindMessage({ parameters = [], parameterFormats = [], resultFormats = [] }: Omit<RawBind, "sql" | "oids">): Buffer {
  const values = parameters.map((value) =>
    value === null ? int32(-1) : Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value as string)]),
  );
  return message(
    "B",
    Buffer.concat([Buffer.from("\0\0"), counted(parameterFormats), int16(parameters.length), ...values, counted(resultFormats)]),
  );
}

/** Parse, Bind, Describe, Execute, Sync in one go. */
export const extendedQuery = (bind: RawBind): Buffer =>
  Buffer.concat([
    serialize.parse({ text: bind.sql, types: [...(bind.oids ?? [])] }),
    bindMessage(bind),
    serialize.describe({ type: "P" }),
    serialize.execute({}),
    serialize.sync(),
  ]);
