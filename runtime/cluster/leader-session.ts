import type { ProcessUsage } from "../contract/control.ts";
import type { Answer } from "../contract/diagnostics.ts";
import type { Connection, Network, Address } from "../contract/network.ts";
import { limits } from "../contract/limits.ts";
import type { FromSlot } from "../contract/rpc.ts";
import { deferred } from "../contract/wait.ts";
import type { Cancel, World } from "../contract/world.ts";
import { isStale } from "./fences.ts";
import { decideLiveness } from "./liveness.ts";
import type { LeaderToken, Registration, TaskManagerDescription, ToResourceManager, ToTaskManager } from "./messages.ts";

/** What the leader orders. */
export type Order = Extract<ToTaskManager, { readonly kind: "deploy" | "toSlot" | "ask" }>;

export interface LeaderSessionOptions {
  readonly world: World;
  readonly network: Network;
  readonly join: Address;
  readonly description: TaskManagerDescription;
  /** The newest leader this TaskManager has known. */
  readonly known: LeaderToken | null;
  readonly usage: () => ProcessUsage;
}

/**
 * One registration, as the TaskManager keeps it. It is over when a connection closes, when the leader says so, or when the leader has been
 * silent for the lease: then this TaskManager has been given up, whether it knows or not, and its tasks must end.
 */
export class LeaderSession {
  readonly registration: Registration;
  readonly #world: World;
  readonly #usage: () => ProcessUsage;
  readonly #control: Connection;
  readonly #heartbeat: Connection;
  readonly #ended = deferred<string>();
  readonly #stop: Cancel;
  #onOrder: ((order: Order) => void) | null = null;
  #early: Order[] = [];
  #heard_ms: number;
  #checked_ms: number;
  #over = false;

  private constructor(registration: Registration, control: Connection, heartbeat: Connection, options: LeaderSessionOptions) {
    this.registration = registration;
    this.#world = options.world;
    this.#usage = options.usage;
    this.#control = control;
    this.#heartbeat = heartbeat;
    this.#heard_ms = this.#now_ms();
    this.#checked_ms = this.#heard_ms;
    this.#stop = this.#world.timers.every(registration.heartbeat_ms, () => this.#check());
  }

  /** Dials and registers; throws when nobody answers, or with why the registration was refused. */
  static async open(options: LeaderSessionOptions): Promise<LeaderSession> {
    const { network, join, description, known } = options;
    const control = await network.dial(join, limits.clusterDial_ms_max);
    const registered = deferred<Registration | Error>();
    let session: LeaderSession | null = null;
    const early: ToTaskManager[] = [];
    control.listen({
      message: (message) => {
        const said = message as ToTaskManager;
        if (session !== null) session.#receive(said);
        else if (said.kind === "registered") registered.resolve(said);
        else if (said.kind === "refused") registered.resolve(new Error(`the server refuses this TaskManager: ${said.reason}`));
        else early.push(said);
      },
      closed: (reason) => {
        registered.resolve(new Error(reason));
        session?.end(reason);
      },
    });
    control.send({ kind: "register", taskManager: description } satisfies ToResourceManager);
    const stopWaiting = options.world.timers.after(limits.clusterDial_ms_max, () =>
      registered.resolve(new Error("the server did not answer")),
    );
    const registration = await registered.promise;
    stopWaiting();
    try {
      if (registration instanceof Error) throw registration;
      if (isStale(registration.leader, known)) throw new Error(`the server's epoch ${registration.leader.epoch} is over`);
      const heartbeat = await network.dial(join, limits.clusterDial_ms_max);
      session = new LeaderSession(registration, control, heartbeat, options);
      session.#attach();
      for (const message of early) session.#receive(message);
      return session;
    } catch (error) {
      control.close("the registration failed");
      throw error;
    }
  }

  /** Resolves with why the session is over. */
  get ended(): Promise<string> {
    return this.#ended.promise;
  }

  /** Orders that came before wait until then. */
  obey(onOrder: (order: Order) => void): void {
    this.#onOrder = onOrder;
    const early = this.#early;
    this.#early = [];
    for (const order of early) onOrder(order);
  }

  report(slot: number, message: FromSlot): void {
    this.#send({ kind: "fromSlot", session: this.registration.session, slot, message });
  }

  slotExited(slot: number, reason: string): void {
    this.#send({ kind: "slotExited", session: this.registration.session, slot, reason });
  }

  slotReturned(slot: number): void {
    this.#send({ kind: "slotReturned", session: this.registration.session, slot });
  }

  answered(id: number, answer: Answer): void {
    this.#send({ kind: "answered", session: this.registration.session, id, answer });
  }

  end(reason: string): void {
    if (this.#over) return;
    this.#over = true;
    this.#stop();
    this.#control.close(reason);
    this.#heartbeat.close(reason);
    this.#ended.resolve(reason);
  }

  #attach(): void {
    this.#heartbeat.listen({
      message: (message) => this.#receive(message as ToTaskManager),
      closed: (reason) => this.end(reason),
    });
    this.#heartbeat.send({ kind: "attach", session: this.registration.session } satisfies ToResourceManager);
  }

  #send(message: ToResourceManager): void {
    if (!this.#over) this.#control.send(message);
  }

  /** Messages of another session, or of a leader that was replaced, are refused. */
  #receive(message: ToTaskManager): void {
    if (this.#over || message.kind === "registered" || message.kind === "refused") return;
    if (message.session !== this.registration.session) return;
    if (message.kind === "reset") return this.end(message.reason);
    if (message.epoch !== this.registration.leader.epoch) return;
    this.#heard_ms = this.#now_ms();
    if (message.kind === "heartbeat") return;
    if (this.#onOrder === null) this.#early.push(message);
    else this.#onOrder(message);
  }

  #check(): void {
    const { heartbeat_ms, timeout_ms, session } = this.registration;
    const now_ms = this.#now_ms();
    const facts = { now_ms, heard_ms: this.#heard_ms, checked_ms: this.#checked_ms, interval_ms: heartbeat_ms, timeout_ms };
    this.#checked_ms = now_ms;
    if (decideLiveness(facts) !== "alive") return this.end(`the server has been silent for ${Math.round(now_ms - this.#heard_ms)} ms`);
    this.#heartbeat.send({ kind: "heartbeat", session, usage: this.#usage() } satisfies ToResourceManager);
  }

  #now_ms(): number {
    return this.#world.clock.monotonic_ms();
  }
}
