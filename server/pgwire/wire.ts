import type { Duplex } from "node:stream";
import { type Frame, FrameReader } from "./frame-reader.ts";
import { MessageWriter } from "./message-writer.ts";
import type { WireLimits } from "./wire-limits.ts";

const terminate_bytes = 5;

/** The client has gone, or was sent away: nothing more is to be read or said. */
export class ConnectionClosed extends Error {
  constructor() {
    super("connection closed");
    this.name = "ConnectionClosed";
  }
}

/**
 * A socket as messages: frames are read when they are asked for, what was written goes out in one piece per flush.
 * Neither direction piles up: the socket is not read while enough waits here, and a flush waits for a slow client.
 */
export class Wire {
  readonly writer = new MessageWriter();
  private readonly limits: WireLimits;
  private readonly frames = new FrameReader();
  private stream: Duplex;
  private wake: (() => void) | null = null;
  private closed = false;
  /** The other side ended its half; what it sent before is still read. */
  private ended = false;
  private readonly onGone: () => void;

  /** `onGone` is called once the client cannot be waiting for an answer any more. */
  constructor(stream: Duplex, limits: WireLimits, onGone: () => void) {
    this.limits = limits;
    this.onGone = onGone;
    this.stream = stream;
    this.attach(stream);
  }

  get isClosed(): boolean {
    return this.closed;
  }

  get unread_bytes(): number {
    return this.frames.buffered_bytes;
  }

  packet(): Promise<Frame> {
    return this.next(() => this.frames.takePacket(this.limits.startupPacket_bytes_max));
  }

  loginMessage(): Promise<Frame> {
    return this.next(() => this.frames.takeMessage(this.limits.loginMessage_bytes_max));
  }

  message(): Promise<Frame> {
    return this.next(() => this.frames.takeMessage(this.limits.message_bytes_max));
  }

  /** Whether the client's Sync is the next message and here already. */
  get syncIsNext(): boolean {
    return this.frames.peekType() === "S";
  }

  /** Sends what was written. Waits until the client takes it when too much is under way. */
  async flush(): Promise<void> {
    if (this.writer.at === 0) return;
    if (this.closed) throw new ConnectionClosed();
    if (!this.stream.write(this.writer.take())) await this.writable();
    if (this.closed) throw new ConnectionClosed();
  }

  /** Sends a few raw bytes (the answer to SSLRequest has no frame). */
  async answer(letter: "S" | "N"): Promise<void> {
    this.writer.u8(letter.charCodeAt(0));
    await this.flush();
  }

  /** Goes on over another stream, e.g. TLS on top of the socket. Nothing may have been read ahead. */
  replaceStream(wrap: (stream: Duplex) => Duplex): void {
    this.stream.removeListener("data", this.onData);
    this.stream.removeListener("end", this.onEnd);
    this.stream = wrap(this.stream);
    this.attach(this.stream);
  }

  /** Sends what was written and ends the connection, giving the client a moment to read it. */
  finish(): void {
    if (this.closed) return;
    this.stream.removeListener("data", this.onData);
    this.stream.end(this.writer.take());
    // Unread bytes would make the kernel reset the connection, and the last message be lost.
    this.stream.resume();
  }

  destroy(): void {
    this.stream.destroy();
    this.onClose();
  }

  private attach(stream: Duplex): void {
    stream.on("data", this.onData);
    stream.on("end", this.onEnd);
    stream.on("close", this.onClose);
    stream.on("error", this.onClose);
  }

  private readonly onData = (chunk: Buffer): void => {
    this.frames.push(chunk);
    if (this.wake === null && this.frames.buffered_bytes > this.limits.readAhead_bytes_max) this.stream.pause();
    this.wakeUp();
  };

  private readonly onEnd = (): void => {
    this.ended = true;
    // Drivers do not close one half alone: with nothing but a Terminate left to read, nobody waits.
    if (this.frames.buffered_bytes <= terminate_bytes) this.onGone();
    this.wakeUp();
  };

  private readonly onClose = (): void => {
    if (this.closed) return;
    this.closed = true;
    this.stream.destroy();
    this.onGone();
    this.wakeUp();
  };

  private wakeUp(): void {
    const wake = this.wake;
    this.wake = null;
    wake?.();
  }

  private async next(take: () => Frame | null): Promise<Frame> {
    for (;;) {
      if (this.closed) throw new ConnectionClosed();
      const frame = take();
      if (frame !== null) return frame;
      if (this.ended) throw new ConnectionClosed();
      if (this.writer.at > 0) await this.flush();
      else await this.arrival();
    }
  }

  private arrival(): Promise<void> {
    return new Promise((resolve) => {
      this.wake = resolve;
      this.stream.resume();
    });
  }

  private writable(): Promise<void> {
    const stream = this.stream;
    if (stream.destroyed) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        stream.removeListener("drain", done);
        stream.removeListener("close", done);
        resolve();
      };
      stream.on("drain", done);
      stream.on("close", done);
    });
  }
}
