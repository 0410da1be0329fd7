import type { Address, Connection, ConnectionHandlers, Listener, Message, Network } from "../../../runtime/contract/network.ts";
import type { Kernel } from "./kernel.ts";
import type { Life, SimNode } from "./node.ts";
import type { Delay } from "./pipe.ts";

interface Door {
  readonly life: Life;
  readonly accept: (connection: Connection) => void;
}

type Parcel = { readonly what: "message"; readonly message: Message } | { readonly what: "close"; readonly reason: string };

/**
 * Connections between processes in virtual time. Two nodes can be cut off from each other: then nothing arrives and nobody is told, and
 * what was sent comes when they are joined again. A process that dies closes its connections, as its kernel would.
 */
export class SimNetwork {
  readonly #kernel: Kernel;
  readonly #delay_ms: Delay;
  readonly #doors = new Map<string, Door>();
  readonly #cuts = new Set<string>();
  readonly #ends = new Set<End>();
  #nextPort = 40_000;

  constructor(kernel: Kernel, delay_ms: Delay) {
    this.#kernel = kernel;
    this.#delay_ms = delay_ms;
  }

  /** The network as a process sees it. */
  of(life: Life): Network {
    return {
      dial: (address, timeout_ms) => this.#dial(life, address, timeout_ms),
      listen: (address, accept) => Promise.resolve(this.#listen(life, address, accept)),
    };
  }

  cut(a: SimNode, b: SimNode): void {
    this.#kernel.note(`${a.name} and ${b.name} are cut off from each other`);
    this.#cuts.add(wayOf(a, b)).add(wayOf(b, a));
  }

  /** Nothing comes from one to the other; the way back is open. */
  cutOneWay(from: SimNode, to: SimNode): void {
    this.#kernel.note(`nothing comes from ${from.name} to ${to.name}`);
    this.#cuts.add(wayOf(from, to));
  }

  /** All connections between two nodes end, and what is on its way is lost. */
  reset(a: SimNode, b: SimNode): void {
    this.#kernel.note(`the connections between ${a.name} and ${b.name} break`);
    for (const end of this.#ends) {
      const [own, other] = [end.life.node, end.far?.life.node];
      if ((own === a && other === b) || (own === b && other === a)) end.break();
    }
  }

  join(a: SimNode, b: SimNode): void {
    this.#kernel.note(`${a.name} and ${b.name} are joined again`);
    this.#cuts.delete(wayOf(a, b));
    this.#cuts.delete(wayOf(b, a));
    for (const end of this.#ends) end.arrive();
  }

  /** To be called with the last life of a node that crashed. */
  died(life: Life): void {
    for (const [place, door] of this.#doors) if (door.life === life) this.#doors.delete(place);
    for (const end of this.#ends) {
      if (end.life !== life) continue;
      end.far?.post({ what: "close", reason: "the process at the other end died" }, this.#delay_ms());
      this.#ends.delete(end);
    }
  }

  isCut(from: Life, to: Life): boolean {
    return this.#cuts.has(wayOf(from.node, to.node));
  }

  #listen(life: Life, { host, port }: Address, accept: (connection: Connection) => void): Listener {
    const address = { host, port: port === 0 ? this.#nextPort++ : port };
    const place = placeOf(address);
    this.#doors.set(place, { life, accept });
    const close = (): Promise<void> => {
      this.#doors.delete(place);
      return Promise.resolve();
    };
    return { address, close };
  }

  #dial(life: Life, address: Address, timeout_ms: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const stopWaiting = this.#kernel.schedule(timeout_ms, "dial timeout", life, () => reject(new Error("the other side took too long")));
      this.#kernel.schedule(this.#delay_ms(), "dial", life, () => {
        const door = this.#doors.get(placeOf(address));
        if (door !== undefined && (this.isCut(life, door.life) || this.isCut(door.life, life) || door.life.node.paused)) return;
        stopWaiting();
        if (door === undefined || !door.life.alive) return reject(new Error("connection refused"));
        const [near, far] = this.#pair(life, door.life);
        this.#kernel.schedule(this.#delay_ms(), "accept", door.life, () => door.accept(far));
        resolve(near);
      });
    });
  }

  #pair(a: Life, b: Life): readonly [End, End] {
    const near = new End(this, this.#kernel, a, this.#delay_ms);
    const far = new End(this, this.#kernel, b, this.#delay_ms);
    near.far = far;
    far.far = near;
    this.#ends.add(near).add(far);
    return [near, far];
  }
}

class End implements Connection {
  readonly life: Life;
  readonly queued_bytes = 0;
  far: End | null = null;
  readonly #network: SimNetwork;
  readonly #kernel: Kernel;
  readonly #delay_ms: Delay;
  /** On the way here, in order, with when each is due. */
  readonly #coming: { readonly parcel: Parcel; readonly due_ms: number }[] = [];
  #handlers: ConnectionHandlers | null = null;
  #last_ms = 0;
  #closed = false;

  constructor(network: SimNetwork, kernel: Kernel, life: Life, delay_ms: Delay) {
    this.#network = network;
    this.#kernel = kernel;
    this.life = life;
    this.#delay_ms = delay_ms;
  }

  get #other(): End {
    return this.far as End;
  }

  get peer(): string {
    return this.#other.life.name;
  }

  send(message: Message): void {
    if (!this.#closed && this.life.alive) this.#other.post({ what: "message", message: structuredClone(message) }, this.#delay_ms());
  }

  listen(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    this.arrive();
  }

  close(reason: string): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#other.post({ what: "close", reason }, this.#delay_ms());
  }

  post(parcel: Parcel, delay_ms: number): void {
    this.#last_ms = Math.max(this.#last_ms, this.#kernel.now_ms + delay_ms);
    this.#coming.push({ parcel, due_ms: this.#last_ms });
    this.#kernel.scheduleAt(this.#last_ms, "message", this.life, () => this.arrive());
  }

  /** The way is gone: each side hears of that, and of nothing that was sent before. */
  break(): void {
    this.#coming.length = 0;
    this.post({ what: "close", reason: "connection reset" }, this.#delay_ms());
  }

  /** Takes what is due, unless the way is cut. */
  arrive(): void {
    while (this.#handlers !== null && !this.#network.isCut(this.#other.life, this.life)) {
      const [next] = this.#coming;
      if (next === undefined || next.due_ms > this.#kernel.now_ms || this.life.node.paused) return;
      this.#coming.shift();
      if (this.#closed) continue;
      if (next.parcel.what === "message") this.#handlers.message(next.parcel.message);
      else {
        this.#closed = true;
        this.#handlers.closed(next.parcel.reason);
      }
    }
  }
}

const placeOf = ({ host, port }: Address): string => `${host}:${port}`;
const wayOf = (from: SimNode, to: SimNode): string => `${from.name} ${to.name}`;
