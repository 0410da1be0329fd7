import type { ProcessUsage } from "../contract/control.ts";
import type { Ask } from "../contract/diagnostics.ts";
import { messageOf } from "../contract/errors.ts";
import { limits } from "../contract/limits.ts";
import type { Address, Network } from "../contract/network.ts";
import type { ChannelPort, FromSlot, SlotListener, TaskDeployment, ToSlot } from "../contract/rpc.ts";
import { sleep } from "../contract/wait.ts";
import type { World } from "../contract/world.ts";
import type { SlotProvider } from "../control/slot-provider.ts";
import { DataPlane } from "./data-plane.ts";
import { LeaderSession, type Order } from "./leader-session.ts";
import type { LeaderToken, TaskManagerDescription } from "./messages.ts";
import { SlotWatch } from "./slot-watch.ts";

export interface TaskManagerOptions {
  readonly world: World;
  readonly network: Network;
  /** The slots of this process. */
  readonly slots: SlotProvider;
  readonly makePorts: () => readonly [ChannelPort, ChannelPort];
  /** The server. */
  readonly join: Address;
  /** Where other TaskManagers' connections are awaited. */
  readonly listen: Address;
  /** The host under which they reach it. */
  readonly dataHost: string;
  readonly description: Omit<TaskManagerDescription, "data" | "slots">;
  readonly usage: () => ProcessUsage;
  /** Answers for this process. */
  readonly ask: Ask;
  /** What is this machine's in a deployment: directories. */
  readonly localise: (deployment: TaskDeployment) => TaskDeployment;
  readonly log: (level: "info" | "warn" | "error", message: string) => void;
  /** A slot does not answer or does not let go of its tasks: only the end of the process helps. */
  readonly onHung: (reason: string) => void;
}

/**
 * The server is dialed again after a delay that doubles within these; in the first half minute, in which a supervisor would have started it
 * again, it stays short: jobs wait for the slots.
 */
const redial_ms_min = 100;
const redial_ms_max = 2_000;
const redialSoon_ms_max = 200;
const soon_ms = 30_000;
/** After a session of this length the delay begins anew. */
const stable_ms = 10_000;

/**
 * Offers the slots of this process to a server, session after session. Between two sessions every task is canceled: whoever deployed
 * them has given this TaskManager up.
 */
export class TaskManager implements SlotListener {
  readonly #options: TaskManagerOptions;
  readonly #dataPlane: DataPlane;
  readonly #watch: SlotWatch;
  readonly #closing = new AbortController();
  #session: LeaderSession | null = null;
  #known: LeaderToken | null = null;
  #running: Promise<void> = Promise.resolve();
  /** Said once, not at every try. */
  #lastComplaint = "";

  constructor(options: TaskManagerOptions) {
    this.#options = options;
    const { world, network, listen, makePorts, slots, onHung } = options;
    this.#watch = new SlotWatch({ world, slots, onHung });
    this.#dataPlane = new DataPlane({
      world,
      network,
      listen,
      makePorts,
      channelLost: (slot, task, reason) => this.#session?.report(slot, { did: "channelLost", task, reason }),
    });
  }

  /** Resolves when slots and data plane are up; the server may come later. */
  async start(): Promise<void> {
    await this.#options.slots.start(this);
    const { port } = await this.#dataPlane.listen();
    this.#watch.start();
    this.#running = this.#run({ host: this.#options.dataHost, port });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#session?.end("the TaskManager is shutting down");
    await this.#running;
    this.#watch.stop();
    await this.#dataPlane.close();
    await this.#options.slots.close();
  }

  message(slot: number, message: FromSlot): void {
    if (message.did === "reset" || message.did === "pong") this.#watch.answered(slot, message.did);
    else this.#session?.report(slot, message);
  }

  exited(slot: number, reason: string): void {
    this.#options.log("error", `slot ${slot} is gone: ${reason}`);
    this.#watch.exited(slot);
    this.#session?.slotExited(slot, reason);
  }

  returned(slot: number): void {
    this.#session?.slotReturned(slot);
  }

  async #run(data: Address): Promise<void> {
    const { world, log, join } = this.#options;
    let redial_ms = redial_ms_min;
    let lost_ms = world.clock.monotonic_ms();
    while (!this.#closing.signal.aborted) {
      const start_ms = world.clock.monotonic_ms();
      const session = await this.#register(data);
      if (session !== null) {
        log("info", `registered at ${join.host}:${join.port}, epoch ${session.registration.leader.epoch}`);
        const reason = await session.ended;
        log("warn", `the session is over, all tasks end: ${reason}`);
        lost_ms = world.clock.monotonic_ms();
        await this.#reset(reason);
      }
      // Two of one id would take the place from each other as fast as they can.
      const now_ms = world.clock.monotonic_ms();
      const longest_ms = session === null && now_ms - lost_ms < soon_ms ? redialSoon_ms_max : redial_ms_max;
      redial_ms = now_ms - start_ms > stable_ms ? redial_ms_min : Math.min(2 * redial_ms, longest_ms);
      await sleep(world, redial_ms, this.#closing.signal);
    }
  }

  async #register(data: Address): Promise<LeaderSession | null> {
    const { world, network, join, slots, usage, log } = this.#options;
    const description = { ...this.#options.description, slots: slots.size, data };
    try {
      const session = await LeaderSession.open({ world, network, join, description, known: this.#known, usage });
      this.#lastComplaint = "";
      this.#begin(session);
      return session;
    } catch (error) {
      const complaint = `cannot register at ${join.host}:${join.port}: ${messageOf(error)}`;
      if (complaint !== this.#lastComplaint) log("warn", complaint);
      this.#lastComplaint = complaint;
      return null;
    }
  }

  #begin(session: LeaderSession): void {
    if (this.#closing.signal.aborted) return session.end("the TaskManager is shutting down");
    this.#known = session.registration.leader;
    this.#session = session;
    this.#dataPlane.begin(session.registration);
    const { slots } = this.#options;
    const available = new Set(slots.available());
    for (let slot = 0; slot < slots.size; slot++) if (!available.has(slot)) session.slotExited(slot, "the thread is being replaced");
    session.obey((order) => this.#obey(order));
  }

  #obey(order: Order): void {
    const { slots, localise, ask } = this.#options;
    if (order.kind === "ask") {
      const session = this.#session;
      void ask(order.question).then((answer) => session?.answered(order.id, answer));
      return;
    }
    if (order.kind === "toSlot") {
      const { message } = order;
      return slots.send(order.slot, message, buffersOf(message));
    }
    const own = order.deployments.map(({ slot, deployments }) => ({ slot, deployments: deployments.map(localise) }));
    slots.deploy(this.#dataPlane.connect(own));
  }

  /** Nothing of the session may live on: not a task, not a channel, not a message. */
  async #reset(reason: string): Promise<void> {
    this.#session = null;
    this.#dataPlane.reset(reason);
    if (!(await this.#watch.reset(limits.slotExit_ms_max))) this.#options.onHung("tasks of an earlier session did not end");
  }
}

/** What goes over to the slot's thread, and is no longer ours. */
function buffersOf(message: ToSlot): readonly ArrayBuffer[] {
  if (message.do === "restore") return message.rows.frames;
  return message.do === "tableRows" && message.rows.kind === "rows" ? message.rows.frames.map(({ frame }) => frame) : [];
}
