import { assertNever } from "../contract/errors.ts";
import type { Connection } from "../contract/network.ts";
import type { ChannelPump } from "./channel-pump.ts";
import type { DataMessage } from "./messages.ts";

export interface DataLinkOptions {
  /** The other TaskManager's session. */
  readonly peer: string;
  readonly now_ms: number;
  readonly clock: () => number;
  /** Every channel of the link is broken. */
  readonly onLost: (link: DataLink, reason: string) => void;
}

/** All channels between this TaskManager and another, over one connection. What is sent before there is one waits for it. */
export class DataLink {
  readonly peer: string;
  /** The other TaskManager's id, as soon as a deployment has named it. */
  name = "";
  readonly pumps = new Map<string, ChannelPump>();
  heard_ms: number;
  readonly #options: DataLinkOptions;
  /** Ends that the other side has announced and this one does not have yet. */
  readonly #announced = new Set<string>();
  #connection: Connection | null = null;
  #waiting: DataMessage[] = [];
  #over = false;

  constructor(options: DataLinkOptions) {
    this.#options = options;
    this.peer = options.peer;
    this.heard_ms = options.now_ms;
  }

  get connected(): boolean {
    return this.#connection !== null;
  }

  /** Messages of the connection come through `receive`, and its end through `lost`: the data plane listens to it. */
  use(connection: Connection): void {
    this.#connection = connection;
    this.heard_ms = this.#options.clock();
    for (const message of this.#waiting) connection.send(message);
    this.#waiting = [];
  }

  add(channel: string, pump: ChannelPump): void {
    this.pumps.set(channel, pump);
    this.send({ kind: "open", channel });
    if (this.#announced.delete(channel)) pump.opened();
  }

  remove(channel: string): void {
    this.pumps.delete(channel);
  }

  send(message: DataMessage): void {
    if (this.#over) return;
    if (this.#connection === null) this.#waiting.push(message);
    else this.#connection.send(message);
  }

  receive(message: DataMessage): void {
    this.heard_ms = this.#options.clock();
    switch (message.kind) {
      case "hello":
      case "alive":
        return;
      case "open": {
        const pump = this.pumps.get(message.channel);
        if (pump === undefined) this.#announced.add(message.channel);
        else pump.opened();
        return;
      }
      case "elements":
      case "credits":
        return this.pumps.get(message.channel)?.receive(message);
      case "close":
        this.#announced.delete(message.channel);
        this.pumps.get(message.channel)?.close();
        this.pumps.delete(message.channel);
        return;
      default:
        assertNever(message);
    }
  }

  lost(reason: string): void {
    if (this.#over) return;
    this.end(reason);
    this.#options.onLost(this, reason);
  }

  /** Without a word to the tasks: they are being canceled. */
  end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#connection?.close(reason);
    for (const pump of this.pumps.values()) pump.close();
  }
}
