import type { Batch } from "../contract/batch.ts";
import { assertNever } from "../contract/errors.ts";
import type { Ship } from "../contract/job-graph.ts";
import { HashPartitioner } from "./hash-partitioner.ts";
import type { OutChannel } from "./out-channel.ts";

/** Puts the rows of a batch into the channels of an edge. */
export type Router = (batch: Batch) => void;

export interface RouterPlace {
  readonly channels: readonly OutChannel[];
  readonly maxParallelism: number;
  /** The sending subtask: where rebalancing starts, so that small streams do not all go to the first channel. */
  readonly subtask: number;
}

export function makeRouter(ship: Ship, place: RouterPlace): Router {
  switch (ship.kind) {
    case "hash":
      return place.channels.length === 1 ? toAll(place) : byHash(ship.keys, place);
    case "broadcast":
      return toAll(place);
    case "forward":
    case "rebalance":
      return inTurn(place);
    default:
      return assertNever(ship);
  }
}

function byHash(keys: readonly number[], { channels, maxParallelism }: RouterPlace): Router {
  const partitioner = new HashPartitioner(keys, channels.length, maxParallelism);
  return (batch) => {
    partitioner.partition(batch);
    const { selection, starts } = partitioner;
    for (let c = 0; c < channels.length; c++) {
      (channels[c] as OutChannel).append(batch, { selection, from: starts[c] as number, to: starts[c + 1] as number });
    }
  };
}

function toAll({ channels }: RouterPlace): Router {
  return (batch) => {
    for (const channel of channels) channel.append(batch, { selection: null, from: 0, to: batch.rows });
  };
}

/** Whole batches, one channel after the other. */
function inTurn({ channels, subtask }: RouterPlace): Router {
  let turn = subtask % channels.length;
  return (batch) => {
    (channels[turn] as OutChannel).append(batch, { selection: null, from: 0, to: batch.rows });
    turn = turn + 1 === channels.length ? 0 : turn + 1;
  };
}
