import type { TaskManagerFacts } from "../contract/control.ts";
import type { Answer, Question } from "../contract/diagnostics.ts";
import { assert } from "../contract/errors.ts";
import { limits } from "../contract/limits.ts";
import type { Address, Connection, Listener, Network } from "../contract/network.ts";
import type { ChannelEnd, SlotDeployment, SlotListener, ToSlot } from "../contract/rpc.ts";
import { deferred, within } from "../contract/wait.ts";
import type { Cancel, World } from "../contract/world.ts";
import { decideLiveness } from "./liveness.ts";
import type { LeaderToken, TaskManagerDescription, ToResourceManager, ToTaskManager } from "./messages.ts";
import { randomToken } from "../contract/random-token.ts";
import { Session } from "./session.ts";

export interface TaskManagersOptions {
  readonly world: World;
  readonly network: Network;
  readonly listen: Address;
  readonly leader: LeaderToken;
  /** TaskManagers of another version are refused. */
  readonly version: string;
  readonly heartbeat_ms: number;
  readonly timeout_ms: number;
  /** `start` resolves once this many slots have come, or after a while without them. */
  readonly slotsExpected: number;
  readonly log: (level: "info" | "warn" | "error", message: string) => void;
  /** A TaskManager was given up for its silence: whoever started its process ends it. Any other comes back or is dead. */
  readonly onSilent: (id: string, pid: number) => void;
}

/** The doors open then: jobs wait for slots where everybody can see it. */
const start_ms_max = 5_000;

/**
 * The ResourceManager's side of TaskManagers in other processes: who is registered, their slots by numbers of their own, and the
 * way to them. A TaskManager that falls silent or whose connection breaks is lost with all its slots, and what it says after is dropped.
 */
export class TaskManagers {
  readonly size = 0;
  readonly shared = false;
  readonly #options: TaskManagersOptions;
  readonly #sessions = new Map<string, Session>();
  readonly #cameIn = deferred<void>();
  readonly #asked = new Map<number, (answer: Answer) => void>();
  #questions = 0;
  #listener: SlotListener | null = null;
  #listening: Listener | null = null;
  #nextSlot = 0;
  #checked_ms: number;
  #stopHeartbeats: Cancel = () => undefined;

  constructor(options: TaskManagersOptions) {
    this.#options = options;
    this.#checked_ms = options.world.clock.monotonic_ms();
  }

  /** TaskManagers may join from now on; where, if the port was 0. */
  async listen(port: number = this.#options.listen.port): Promise<Address> {
    const { network, listen } = this.#options;
    this.#listening ??= await network.listen({ ...listen, port }, (connection) => this.#welcome(connection));
    return this.#listening.address;
  }

  async start(listener: SlotListener): Promise<void> {
    this.#listener = listener;
    await this.listen();
    const { world, heartbeat_ms, slotsExpected, log } = this.#options;
    this.#stopHeartbeats = world.timers.every(heartbeat_ms, () => this.#heartbeat());
    this.#countIn();
    const all =
      slotsExpected === 0
        ? true
        : await within(
            world,
            start_ms_max,
            this.#cameIn.promise.then(() => true as const),
          );
    if (all === null) log("warn", `${this.available().length} of ${slotsExpected} slots have come: going on without the others`);
  }

  available(): readonly number[] {
    return [...this.#sessions.values()].flatMap((session) => session.slots());
  }

  taskManagers(): readonly TaskManagerFacts[] {
    return [...this.#sessions.values()].map((session) => session.facts());
  }

  deploy(deployments: readonly SlotDeployment[]): void {
    for (const session of this.#sessions.values()) {
      const own = deployments.filter(({ slot }) => this.#sessionOf(slot) === session);
      if (own.length > 0)
        this.#send(session, { kind: "deploy", deployments: own.map((deployment) => this.#fromOutside(deployment, session)) });
    }
  }

  send(slot: number, message: ToSlot): void {
    const session = this.#sessionOf(slot);
    if (session !== null) this.#send(session, { kind: "toSlot", slot: slot - session.firstSlot, message });
  }

  /** Asks a TaskManager about its process; null: it is not here, or does not answer in time. */
  async ask(taskManager: string, question: Question): Promise<Answer | null> {
    const session = [...this.#sessions.values()].find(({ description }) => description.id === taskManager);
    if (session === undefined) return null;
    const id = ++this.#questions;
    const answer = deferred<Answer>();
    this.#asked.set(id, (said) => answer.resolve(said));
    this.#send(session, { kind: "ask", id, question });
    try {
      return await within(this.#options.world, limits.diagnosis_ms_max, answer.promise);
    } finally {
      this.#asked.delete(id);
    }
  }

  /** The TaskManager is given up with all its slots, as one that is silent: it ends its tasks, or itself (Flink's task.cancellation.timeout). */
  abandon(slot: number, reason: string): void {
    const session = this.#sessionOf(slot);
    if (session === null) return;
    this.#lose(session, reason);
    this.#options.onSilent(session.description.id, session.description.pid);
  }

  async close(): Promise<void> {
    this.#stopHeartbeats();
    for (const session of this.#sessions.values()) session.close("the server is shutting down");
    this.#sessions.clear();
    await this.#listening?.close();
  }

  #send(
    session: Session,
    message:
      | Omit<Extract<ToTaskManager, { readonly kind: "deploy" }>, "session" | "epoch">
      | Omit<Extract<ToTaskManager, { readonly kind: "toSlot" }>, "session" | "epoch">
      | Omit<Extract<ToTaskManager, { readonly kind: "ask" }>, "session" | "epoch">,
  ): void {
    session.send({ ...message, session: session.token, epoch: this.#options.leader.epoch });
  }

  /** The first message of a connection says what it is for. */
  #welcome(connection: Connection): void {
    let session: Session | null = null;
    connection.listen({
      message: (message) => {
        if (session === null) session = this.#begin(connection, message as ToResourceManager);
        else this.#receive(session, message as ToResourceManager);
      },
      closed: (reason) => {
        if (session !== null) this.#lose(session, reason);
      },
    });
  }

  #begin(connection: Connection, first: ToResourceManager): Session | null {
    if (first.kind === "register") return this.#register(connection, first.taskManager);
    if (first.kind === "attach") return this.#attach(connection, first.session);
    connection.close("a TaskManager registers first");
    return null;
  }

  #register(control: Connection, description: TaskManagerDescription): Session | null {
    const { world, version, leader, heartbeat_ms, timeout_ms, log } = this.#options;
    const refusal = refusalOf(description, version);
    if (refusal !== null) {
      log("warn", `TaskManager ${description.id} at ${control.peer} is refused: ${refusal}`);
      control.send({ kind: "refused", reason: refusal } satisfies ToTaskManager);
      control.close(refusal);
      return null;
    }
    const before = [...this.#sessions.values()].find((s) => s.description.id === description.id);
    if (before !== undefined) this.#lose(before, "it registered anew");
    const { clock } = world;
    const times = { registered_ms: clock.now_ms(), now_ms: clock.monotonic_ms() };
    const session = new Session({ token: randomToken(world), description, control, firstSlot: this.#nextSlot, ...times });
    this.#nextSlot += description.slots;
    this.#sessions.set(session.token, session);
    session.send({ kind: "registered", session: session.token, leader, heartbeat_ms, timeout_ms });
    return session;
  }

  #attach(connection: Connection, token: string): Session | null {
    const session = this.#sessions.get(token);
    if (session === undefined) {
      connection.close("the session is over");
      return null;
    }
    session.heartbeat = connection;
    const { id, host, pid, slots } = session.description;
    this.#options.log("info", `TaskManager ${id} (${host}, process ${pid}) brings ${slots} slots`);
    this.#countIn();
    return session;
  }

  /** What comes under a session that is over, or another's, is dropped: its sender was given up. */
  #receive(session: Session, message: ToResourceManager): void {
    if (message.kind === "register" || message.kind === "attach") return;
    if (message.session !== session.token || this.#sessions.get(session.token) !== session) return;
    const { clock } = this.#options.world;
    session.heard_ms = clock.monotonic_ms();
    if (message.kind === "heartbeat") {
      session.lastHeartbeat_ms = clock.now_ms();
      session.usage = message.usage;
      return;
    }
    if (message.kind === "answered") return this.#asked.get(message.id)?.(message.answer);
    if (session.alive[message.slot] === undefined) return;
    const slot = session.firstSlot + message.slot;
    if (message.kind === "fromSlot") this.#listener?.message(slot, message.message);
    else if (message.kind === "slotReturned") {
      session.alive[message.slot] = true;
      this.#listener?.returned(slot);
    } else if (session.alive[message.slot]) {
      session.alive[message.slot] = false;
      this.#listener?.exited(slot, message.reason);
    }
  }

  #heartbeat(): void {
    const { world, heartbeat_ms, timeout_ms, leader } = this.#options;
    const now_ms = world.clock.monotonic_ms();
    const facts = { now_ms, checked_ms: this.#checked_ms, interval_ms: heartbeat_ms, timeout_ms };
    this.#checked_ms = now_ms;
    for (const session of this.#sessions.values()) {
      const liveness = decideLiveness({ ...facts, heard_ms: session.heard_ms });
      if (liveness === "lost") {
        this.#lose(session, `it has been silent for ${Math.round(now_ms - session.heard_ms)} ms`);
        this.#options.onSilent(session.description.id, session.description.pid);
        continue;
      }
      if (liveness === "unknown") session.heard_ms = now_ms;
      session.heartbeat?.send({ kind: "heartbeat", session: session.token, epoch: leader.epoch } satisfies ToTaskManager);
    }
  }

  #lose(session: Session, reason: string): void {
    if (this.#sessions.get(session.token) !== session) return;
    this.#sessions.delete(session.token);
    const slots = session.slots();
    session.close(reason);
    const why = `TaskManager ${session.description.id} is lost: ${reason}`;
    this.#options.log("warn", why);
    for (const slot of slots) this.#listener?.exited(slot, why);
  }

  #sessionOf(slot: number): Session | null {
    for (const session of this.#sessions.values()) {
      const index = slot - session.firstSlot;
      if (index >= 0 && index < session.description.slots) return session;
    }
    return null;
  }

  /** The deployment with slots as the TaskManager numbers them, and the way to those of others. */
  #fromOutside({ slot, deployments }: SlotDeployment, session: Session): SlotDeployment {
    const endOf = (end: ChannelEnd): ChannelEnd => {
      assert(end.peer.kind === "slot", "job masters know slots only");
      const peer = this.#sessionOf(end.peer.slot);
      assert(peer !== null, "all slots of an attempt are there when it is deployed");
      if (peer === session) return { ...end, peer: { kind: "slot", slot: end.peer.slot - session.firstSlot } };
      return { ...end, peer: { kind: "remote", taskManager: peer.description.id, session: peer.token, address: peer.description.data } };
    };
    const tasks = deployments.map((task) => ({ ...task, inputs: task.inputs.map(endOf), outputs: task.outputs.map(endOf) }));
    return { slot: slot - session.firstSlot, deployments: tasks };
  }

  #countIn(): void {
    if (this.available().length >= this.#options.slotsExpected) this.#cameIn.resolve();
  }
}

function refusalOf({ version, slots }: TaskManagerDescription, own: string): string | null {
  if (version !== own) return `it is Millrace ${version}, the server ${own}`;
  if (!Number.isInteger(slots) || slots < 1 || slots > limits.taskManagerSlots_max) return `it has ${slots} slots`;
  return null;
}
