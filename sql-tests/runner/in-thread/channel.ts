import type { Batch } from "../../../runtime/contract/batch.ts";
import type { FrameCodec } from "../../../runtime/contract/frame.ts";
import { assertNever } from "../../../runtime/contract/errors.ts";
import type { JobEdge, Ship } from "../../../runtime/contract/job-graph.ts";
import type { Output, Watermark } from "../../../runtime/contract/operator.ts";
import { BatchBuilder } from "../../../runtime/exchange/batch-builder.ts";
import type { ControlElement, StreamElement } from "../../../runtime/exchange/elements.ts";
import { makeFrameCodec } from "../../../runtime/exchange/frame-codec.ts";
import { HashPartitioner } from "../../../runtime/exchange/hash-partitioner.ts";

/** Where a channel ends: the input of the task's head, the channel's number within that input, and over all inputs. */
export interface ChannelPlace {
  readonly input: number;
  readonly index: number;
  readonly position: number;
}

/** One channel of an exchange between two subtasks of one thread. Rows travel as frames, so they are copied as between threads. */
export class Channel {
  readonly codec: FrameCodec;
  readonly place: ChannelPlace;
  readonly queue: StreamElement[] = [];
  blocked = false;
  readonly #builder: BatchBuilder;

  constructor(edge: JobEdge, place: ChannelPlace) {
    this.codec = makeFrameCodec(edge.schema);
    this.place = place;
    this.#builder = new BatchBuilder(edge.schema);
  }

  append(batch: Batch, selection: Int32Array | null, from: number, to: number): void {
    if (to > from) this.#builder.append(batch, { selection, from, to });
  }

  control(element: ControlElement): void {
    this.flush();
    this.queue.push(element);
  }

  /** Makes a frame of the rows gathered; false when there are none. */
  flush(): boolean {
    if (this.#builder.rows === 0) return false;
    this.queue.push(this.codec.encode(this.#builder.build(), null));
    this.#builder.clear();
    return true;
  }
}

/** The sending side of one edge in one subtask; what the task's EdgeOutput and router do, without credits. */
export class EdgeSender implements Output {
  readonly channels: readonly Channel[];
  readonly #route: (batch: Batch) => void;
  #isIdle = false;
  #sent: Watermark | null = null;

  constructor(channels: readonly Channel[], ship: Ship, subtask: number, maxParallelism: number) {
    this.channels = channels;
    this.#route = routeOf(channels, ship, subtask, maxParallelism);
  }

  batch(batch: Batch): void {
    if (batch.rows > 0) this.#route(batch);
  }

  watermark(watermark: Watermark): void {
    if (this.#sent !== null && watermark <= this.#sent) return;
    this.#sent = watermark;
    this.control({ kind: "watermark", watermark });
  }

  idle(idle: boolean): void {
    if (idle === this.#isIdle) return;
    this.#isIdle = idle;
    this.control({ kind: "idle", idle });
  }

  control(element: ControlElement): void {
    for (const channel of this.channels) channel.control(element);
  }
}

function routeOf(channels: readonly Channel[], ship: Ship, subtask: number, maxParallelism: number): (batch: Batch) => void {
  const whole = (channel: Channel | undefined, batch: Batch): void => channel?.append(batch, null, 0, batch.rows);
  switch (ship.kind) {
    case "hash": {
      const partitioner = new HashPartitioner(ship.keys, channels.length, maxParallelism);
      return (batch) => {
        partitioner.partition(batch);
        const { selection, starts } = partitioner;
        channels.forEach((channel, c) => channel.append(batch, selection, starts[c] as number, starts[c + 1] as number));
      };
    }
    case "broadcast":
      return (batch) => {
        for (const channel of channels) whole(channel, batch);
      };
    case "forward":
    case "rebalance": {
      let turn = subtask;
      return (batch) => whole(channels[turn++ % channels.length], batch);
    }
    default:
      return assertNever(ship);
  }
}
