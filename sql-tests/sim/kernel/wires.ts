import type { ChannelEnd } from "../../../runtime/contract/rpc.ts";
import { LocalWires, type ReceiverWire, type SenderWire, type Wire } from "../../../runtime/exchange/wire.ts";
import type { Kernel } from "./kernel.ts";
import type { Life } from "./node.ts";
import { type Delay, Pipe } from "./pipe.ts";

/** One end of a channel: what came before its task listens waits. */
class End {
  readonly life: Life;
  outgoing: Pipe<unknown> | null = null;
  readonly unsent: unknown[] = [];
  #listener: ((message: unknown) => void) | null = null;
  #waiting: unknown[] = [];

  constructor(life: Life) {
    this.life = life;
  }

  send(message: unknown): void {
    if (this.outgoing === null) this.unsent.push(message);
    else this.outgoing.send("frames", message);
  }

  readonly receive = (message: unknown): void => {
    if (this.#listener === null) this.#waiting.push(message);
    else this.#listener(message);
  };

  listen(listener: (message: unknown) => void): void {
    this.#listener = listener;
    for (const message of this.#waiting.splice(0)) listener(message);
  }

  close(): void {
    this.#listener = () => undefined;
    this.#waiting = [];
  }
}

/** Channels between the nodes of a cluster, by their ids. */
export class ChannelHub {
  readonly #kernel: Kernel;
  readonly #delay_ms: Delay;
  readonly #alone = new Map<string, End>();

  constructor(kernel: Kernel, delay_ms: Delay) {
    this.#kernel = kernel;
    this.#delay_ms = delay_ms;
  }

  /** The wires of one node. */
  of(life: Life): LocalWires {
    return new SimWires((id) => this.#end(id, life));
  }

  #end(id: string, life: Life): End {
    const end = new End(life);
    const other = this.#alone.get(id);
    if (other === undefined) {
      this.#alone.set(id, end);
      return end;
    }
    this.#alone.delete(id);
    this.#join(other, end);
    this.#join(end, other);
    return end;
  }

  #join(from: End, to: End): void {
    from.outgoing = new Pipe(this.#kernel, from.life, to.life, this.#delay_ms, to.receive);
    for (const message of from.unsent.splice(0)) from.send(message);
  }
}

class SimWires extends LocalWires {
  readonly #endOf: (id: string) => End;

  constructor(endOf: (id: string) => End) {
    super();
    this.#endOf = endOf;
  }

  override sender(end: ChannelEnd): SenderWire {
    return wireOf(this.#endOf(`${end.id}`)) as SenderWire;
  }

  override receiver(end: ChannelEnd): ReceiverWire {
    return wireOf(this.#endOf(`${end.id}`)) as ReceiverWire;
  }
}

const wireOf = (end: End): Wire<unknown, unknown> => ({
  send: (message) => end.send(message),
  listen: (listener) => end.listen(listener),
  close: () => end.close(),
});
