import type { Socket } from "node:net";
import { messageOf } from "../../contract/errors.ts";
import type { Connection, ConnectionHandlers, Message } from "../../contract/network.ts";
import type { World } from "../../contract/world.ts";
import { MessageAssembler } from "./message-assembler.ts";
import { encodeMessage } from "./message-codec.ts";

/** How long the last messages may take to leave after `close`. */
const close_ms_max = 2_000;

/** A connection whose both sides have proved themselves. */
export class TcpConnection implements Connection {
  readonly peer: string;
  readonly #socket: Socket;
  readonly #world: World;
  #handlers: ConnectionHandlers | null = null;
  #closed = false;
  /** Why the connection ended before anybody listened. */
  #ended: string | null = null;

  constructor(socket: Socket, world: World) {
    this.#socket = socket;
    this.#world = world;
    this.peer = `${socket.remoteAddress ?? "?"}:${socket.remotePort ?? 0}`;
    let reason = "the other side closed the connection";
    socket.on("error", (error) => {
      reason = error.message;
    });
    socket.on("close", () => this.#end(reason));
  }

  get queued_bytes(): number {
    return this.#socket.writableLength;
  }

  send(message: Message): void {
    if (this.#closed || !this.#socket.writable) return;
    this.#socket.cork();
    for (const piece of encodeMessage(message)) this.#socket.write(piece);
    this.#socket.uncork();
  }

  listen(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    if (this.#ended !== null) return handlers.closed(this.#ended);
    const complete: Message[] = [];
    const assembler = new MessageAssembler((message) => complete.push(message));
    this.#socket.on("data", (chunk: Buffer) => {
      this.#read(assembler, chunk);
      // Out here: a fault of whoever listens is theirs, and not the peer's.
      for (const message of complete.splice(0)) if (!this.#closed) handlers.message(message);
    });
    this.#socket.resume();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.destroySoon();
    const stopWaiting = this.#world.timers.after(close_ms_max, () => this.#socket.destroy());
    this.#socket.once("close", stopWaiting);
    this.#socket.resume();
  }

  #read(assembler: MessageAssembler, chunk: Buffer): void {
    if (this.#closed) return;
    try {
      assembler.push(chunk);
    } catch (error) {
      this.#socket.destroy(new Error(`what ${this.peer} sent cannot be read: ${messageOf(error)}`));
    }
  }

  #end(reason: string): void {
    this.#ended ??= reason;
    if (this.#closed) return;
    this.#closed = true;
    this.#handlers?.closed(reason);
  }
}
