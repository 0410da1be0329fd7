import type { TaskManagerFacts } from "../../../runtime/contract/control.ts";
import type { FromSlot, SlotDeployment, SlotListener, ToSlot } from "../../../runtime/contract/rpc.ts";
import type { SlotProvider } from "../../../runtime/control/slot-provider.ts";
import type { DefinitionOf } from "../../../runtime/task/task-environment.ts";
import type { SnapshotPieces } from "../../../runtime/task/take-snapshot.ts";
import { SlotHost } from "../../../runtime/worker/slot-host.ts";
import type { Random } from "../../oracle/random/random.ts";
import type { Kernel } from "../kernel/kernel.ts";
import { type Life, SimNode } from "../kernel/node.ts";
import { type Delay, Pipe } from "../kernel/pipe.ts";
import type { ChannelHub } from "../kernel/wires.ts";
import type { Witness } from "../witness.ts";

export interface SlotsOptions {
  readonly kernel: Kernel;
  readonly random: Random;
  readonly size: number;
  readonly delay_ms: Delay;
  readonly channels: ChannelHub;
  readonly definitionOf: DefinitionOf;
  readonly witness: Witness;
}

/** So small that snapshots of a few rows are written in several steps, with rows and aborts in between. */
export const smallPieces: SnapshotPieces = { atOnce_rows: 2, piece_rows: 2 };

/** A slot: the process that holds it now. */
interface Seat {
  node: SimNode;
  host: SlotHost | null;
  toSlot: Pipe<ToSlot> | null;
}

/** Slots as processes of their own in virtual time, known to one life of the server. They die with the server, as threads do. */
export class SimSlots implements SlotProvider {
  readonly size: number;
  readonly shared = true;
  readonly #options: SlotsOptions;
  readonly #server: Life;
  readonly #seats: Seat[];
  #listener: SlotListener | null = null;
  #started = false;

  constructor(server: Life, options: SlotsOptions) {
    this.size = options.size;
    this.#options = options;
    this.#server = server;
    this.#seats = Array.from({ length: options.size }, (_, i) => ({ node: this.#newNode(i), host: null, toSlot: null }));
  }

  start(listener: SlotListener): Promise<void> {
    this.#listener = listener;
    for (let slot = 0; slot < this.size; slot++) this.#open(slot);
    this.#started = true;
    return Promise.resolve();
  }

  available(): readonly number[] {
    return [...this.#seats.keys()].filter((slot) => this.#seats[slot]?.host !== null);
  }

  taskManagers(): readonly TaskManagerFacts[] {
    return [];
  }

  deploy(deployments: readonly SlotDeployment[]): void {
    for (const { slot, deployments: tasks } of deployments) this.send(slot, { do: "deploy", deployments: tasks });
  }

  send(slot: number, message: ToSlot): void {
    this.#seats[slot]?.toSlot?.send(message.do, message);
  }

  abandon(slot: number): void {
    this.kill(slot, 0);
  }

  close(): Promise<void> {
    for (const { node } of this.#seats) node.crash();
    return Promise.resolve();
  }

  /** The process dies; the server hears of it a little later, and gets another one after `back_ms`. */
  kill(slot: number, back_ms: number): void {
    const seat = this.#seats[slot];
    if (seat === undefined || seat.host === null) return;
    seat.node.crash();
    this.#lose(slot, 1 + this.#options.random.below(30), "the process died");
    this.#later(back_ms, () => this.#open(slot));
  }

  /**
   * The process stands still. After `lease_ms` it is given up for another one; when it goes on it does not know, and what it says
   * for a while still comes.
   */
  stall(slot: number, for_ms: number, lease_ms: number): void {
    const seat = this.#seats[slot];
    if (seat === undefined || seat.host === null || seat.node.paused) return;
    const { node } = seat;
    node.pause();
    const { kernel, witness, random } = this.#options;
    kernel.schedule(for_ms, "wake", null, () => {
      if (node.paused) node.resume();
    });
    if (for_ms <= lease_ms) return;
    this.#later(lease_ms, () => {
      if (seat.node !== node || !node.paused) return;
      witness.marks.add("zombie");
      this.#lose(slot, 0, "it does not answer");
      seat.node = this.#newNode(slot);
      this.#later(random.below(500), () => this.#open(slot));
      kernel.schedule(for_ms - lease_ms + random.below(2_000), "fence", null, () => node.crash());
    });
  }

  nodeOf(slot: number): SimNode | undefined {
    return this.#seats[slot]?.node;
  }

  /** All processes stand still, or go on, with their server. */
  pause(): void {
    for (const { node } of this.#seats) node.pause();
  }

  resume(): void {
    for (const { node } of this.#seats) if (node.paused) node.resume();
  }

  /** All processes die with their server. */
  die(): void {
    for (const { node } of this.#seats) node.crash();
  }

  #newNode(slot: number): SimNode {
    return new SimNode(`slot${slot}`, this.#options.kernel, this.#options.random.fork());
  }

  #open(slot: number): void {
    const seat = this.#seats[slot] as Seat;
    if (seat.host !== null || !this.#server.alive) return;
    const { kernel, channels, definitionOf, delay_ms } = this.#options;
    const { life } = seat.node;
    const fromSlot = new Pipe<FromSlot>(kernel, life, this.#server, delay_ms, (message) => this.#listener?.message(slot, message));
    const post = (message: FromSlot): void => fromSlot.send(message.did, message);
    const host = new SlotHost({ world: life.world, definitionOf, snapshotPieces: smallPieces, wires: channels.of(life), post });
    seat.host = host;
    seat.toSlot = new Pipe<ToSlot>(kernel, this.#server, life, delay_ms, (message) => {
      if (message.do !== "exit") host.receive(message);
    });
    if (this.#started) this.#listener?.returned(slot);
  }

  #lose(slot: number, after_ms: number, reason: string): void {
    const seat = this.#seats[slot] as Seat;
    seat.host = null;
    seat.toSlot = null;
    this.#later(after_ms, () => this.#listener?.exited(slot, reason));
  }

  #later(delay_ms: number, run: () => void): void {
    this.#options.kernel.schedule(delay_ms, "provider", this.#server, run);
  }
}
