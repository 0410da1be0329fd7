import { messageOf } from "../contract/errors.ts";
import { limits } from "../contract/limits.ts";
import type { Address, Connection, Listener, Network } from "../contract/network.ts";
import type { ChannelEnd, ChannelPeer, ChannelPort, SlotDeployment, TaskId } from "../contract/rpc.ts";
import type { Cancel, World } from "../contract/world.ts";
import { ChannelPump } from "./channel-pump.ts";
import { DataLink } from "./data-link.ts";
import { decideLiveness } from "./liveness.ts";
import type { DataMessage, Registration } from "./messages.ts";

export interface DataPlaneOptions {
  readonly world: World;
  readonly network: Network;
  readonly listen: Address;
  /** Two ends of a channel within the process, as threads use them. */
  readonly makePorts: () => readonly [ChannelPort, ChannelPort];
  /** A task lost one of its channels: its attempt cannot go on. */
  readonly channelLost: (slot: number, task: TaskId, reason: string) => void;
}

/**
 * The channels from this TaskManager's slots to other TaskManagers' slots, over one connection per pair: of two sessions the lesser
 * dials. A session that is over takes its connections with it.
 */
export class DataPlane {
  readonly #options: DataPlaneOptions;
  readonly #links = new Map<string, DataLink>();
  #registration: Registration | null = null;
  #listening: Listener | null = null;
  #stopChecks: Cancel = () => undefined;
  #checked_ms = 0;

  constructor(options: DataPlaneOptions) {
    this.#options = options;
  }

  async listen(): Promise<Address> {
    this.#listening = await this.#options.network.listen(this.#options.listen, (connection) => this.#welcome(connection));
    return this.#listening.address;
  }

  begin(registration: Registration): void {
    this.#registration = registration;
    this.#checked_ms = this.#now_ms();
    this.#stopChecks = this.#options.world.timers.every(registration.heartbeat_ms, () => this.#check(registration));
  }

  /** The deployments with a port for every channel to another TaskManager. */
  connect(deployments: readonly SlotDeployment[]): readonly SlotDeployment[] {
    return deployments.map(({ slot, deployments: tasks }) => ({
      slot,
      deployments: tasks.map((task) => ({
        ...task,
        inputs: task.inputs.map((end) => this.#connectEnd(slot, task.task, end, "receiver")),
        outputs: task.outputs.map((end) => this.#connectEnd(slot, task.task, end, "sender")),
      })),
    }));
  }

  /** Ends all channels: the tasks are being canceled. */
  reset(reason: string): void {
    this.#stopChecks();
    this.#registration = null;
    for (const link of this.#links.values()) link.end(reason);
    this.#links.clear();
  }

  async close(): Promise<void> {
    this.reset("the TaskManager is shutting down");
    await this.#listening?.close();
  }

  #connectEnd(slot: number, task: TaskId, end: ChannelEnd, which: "sender" | "receiver"): ChannelEnd {
    if (end.peer.kind !== "remote") return end;
    const link = this.#linkTo(end.peer);
    const [port, inner] = this.#options.makePorts();
    const pump = new ChannelPump({
      channel: end.id,
      task,
      slot,
      end: which,
      port,
      send: (message) => link.send(message),
      onClose: () => link.remove(end.id),
    });
    link.add(end.id, pump);
    return { ...end, port: inner };
  }

  #linkTo({ taskManager, session, address }: Extract<ChannelPeer, { kind: "remote" }>): DataLink {
    const known = this.#links.get(session);
    const link = known ?? this.#newLink(session);
    link.name = taskManager;
    if (known !== undefined) return known;
    const own = this.#registration?.session;
    if (own !== undefined && own < session) void this.#dial(link, own, address);
    return link;
  }

  #newLink(peer: string): DataLink {
    const clock = (): number => this.#now_ms();
    const link = new DataLink({ peer, now_ms: clock(), clock, onLost: (lost, reason) => this.#lost(lost, reason) });
    this.#links.set(peer, link);
    return link;
  }

  async #dial(link: DataLink, own: string, address: Address): Promise<void> {
    try {
      const connection = await this.#options.network.dial(address, limits.clusterDial_ms_max);
      if (this.#links.get(link.peer) !== link) return connection.close("the session is over");
      connection.listen({ message: (message) => link.receive(message as DataMessage), closed: (reason) => link.lost(reason) });
      connection.send({ kind: "hello", from: own, to: link.peer } satisfies DataMessage);
      link.use(connection);
    } catch (error) {
      link.lost(`${address.host}:${address.port} cannot be reached: ${messageOf(error)}`);
    }
  }

  /** The dialer says first who it is. Its channels may be there before this side hears of them. */
  #welcome(connection: Connection): void {
    let link: DataLink | null = null;
    connection.listen({
      message: (message) => {
        const first = message as DataMessage;
        if (link !== null) link.receive(first);
        else if (first.kind === "hello" && first.to === this.#registration?.session) link = this.#greeted(first.from, connection);
        else connection.close("the session is over");
      },
      closed: (reason) => link?.lost(reason),
    });
  }

  #greeted(peer: string, connection: Connection): DataLink {
    const known = this.#links.get(peer);
    if (known?.connected === true) known.lost("the other TaskManager connected anew");
    const link = this.#links.get(peer) ?? this.#newLink(peer);
    link.use(connection);
    return link;
  }

  #check({ heartbeat_ms, timeout_ms }: Registration): void {
    const now_ms = this.#now_ms();
    const facts = { now_ms, checked_ms: this.#checked_ms, interval_ms: heartbeat_ms, timeout_ms };
    this.#checked_ms = now_ms;
    for (const link of this.#links.values()) {
      const liveness = decideLiveness({ ...facts, heard_ms: link.heard_ms });
      if (liveness === "lost") link.lost(`it has been silent for ${Math.round(now_ms - link.heard_ms)} ms`);
      else if (link.connected) link.send({ kind: "alive" });
    }
  }

  #lost(link: DataLink, reason: string): void {
    if (this.#links.get(link.peer) === link) this.#links.delete(link.peer);
    const told = new Set<TaskId>();
    for (const { slot, task } of link.pumps.values()) {
      if (told.has(task)) continue;
      told.add(task);
      this.#options.channelLost(slot, task, `the connection to TaskManager ${link.name} is lost: ${reason}`);
    }
  }

  #now_ms(): number {
    return this.#options.world.clock.monotonic_ms();
  }
}
