import type { ChannelEnd, ChannelPort } from "../contract/rpc.ts";
import type { Credits, StreamElement } from "./elements.ts";

/** One end of a channel's connection. Messages arrive in order, and wait for the listener if they come before it. */
export interface Wire<Sent, Received> {
  send(message: Sent, transfer: readonly ArrayBuffer[]): void;
  listen(listener: (message: Received) => void): void;
  close(): void;
}

export type SenderWire = Wire<readonly StreamElement[], Credits>;
export type ReceiverWire = Wire<Credits, readonly StreamElement[]>;

/** Between threads: buffers are transferred. */
class PortWire<Sent, Received> implements Wire<Sent, Received> {
  private readonly port: ChannelPort;

  constructor(port: ChannelPort) {
    this.port = port;
  }

  send(message: Sent, transfer: readonly ArrayBuffer[]): void {
    this.port.postMessage(message, transfer);
  }

  listen(listener: (message: Received) => void): void {
    this.port.on("message", (message) => listener(message as Received));
  }

  close(): void {
    this.port.close();
  }
}

/** Within a thread: buffers change hands as they are. The peer's listener is called at once; it only queues. */
class LocalWire<Sent, Received> implements Wire<Sent, Received> {
  private peer: LocalWire<Received, Sent> | null = null;
  private listener: ((message: Received) => void) | null = null;
  private waiting: Received[] = [];
  private readonly onClose: () => void;

  constructor(onClose: () => void) {
    this.onClose = onClose;
  }

  join(peer: LocalWire<Received, Sent>): void {
    this.peer = peer;
  }

  send(message: Sent): void {
    this.peer?.receive(message);
  }

  listen(listener: (message: Received) => void): void {
    this.listener = listener;
    for (const message of this.waiting) listener(message);
    this.waiting = [];
  }

  close(): void {
    this.listener = () => undefined;
    this.waiting = [];
    this.onClose();
  }

  private receive(message: Received): void {
    if (this.listener === null) this.waiting.push(message);
    else this.listener(message);
  }
}

interface LocalPair {
  readonly sender: SenderWire;
  readonly receiver: ReceiverWire;
}

/**
 * Joins the ends of channels that lie in one thread, by the channel's id: the first end to ask makes the pair.
 * A pair is forgotten when an end closes, so a later attempt that uses the id again gets a new one.
 */
export class LocalWires {
  private readonly pairs = new Map<string, LocalPair>();

  sender(end: ChannelEnd): SenderWire {
    return end.port === null ? this.pair(end.id).sender : new PortWire(end.port);
  }

  receiver(end: ChannelEnd): ReceiverWire {
    return end.port === null ? this.pair(end.id).receiver : new PortWire(end.port);
  }

  private pair(id: string): LocalPair {
    const known = this.pairs.get(id);
    if (known !== undefined) return known;
    const forget = (): void => {
      if (this.pairs.get(id) === pair) this.pairs.delete(id);
    };
    const sender = new LocalWire<readonly StreamElement[], Credits>(forget);
    const receiver = new LocalWire<Credits, readonly StreamElement[]>(forget);
    sender.join(receiver);
    receiver.join(sender);
    const pair: LocalPair = { sender, receiver };
    this.pairs.set(id, pair);
    return pair;
  }
}
