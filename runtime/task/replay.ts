import type { Batch, I32Column, I64Column } from "../contract/batch.ts";
import { assert } from "../contract/errors.ts";
import { inFlightColumns, inFlightSchema } from "../contract/in-flight.ts";
import type { Watermark } from "../contract/operator.ts";
import type { RestoredInFlight, TaskDeployment } from "../contract/rpc.ts";
import { sliceBatch } from "../contract/slice-batch.ts";
import { makeFrameCodec } from "../exchange/frame-codec.ts";
import type { InChannel } from "../exchange/in-channel.ts";

export type ReplayStep =
  | { readonly kind: "rows"; readonly input: number; readonly batch: Batch }
  | { readonly kind: "watermark"; readonly input: number; readonly index: number; readonly watermark: Watermark };

/**
 * What was in flight when the restored checkpoint was taken, in an order that channels could have brought it in: sender after
 * sender, each one's watermarks between its rows where both ends of the edge are as wide as they were. It ends with how far
 * the senders had been: of a sender that is no more, only that none was behind the slowest.
 */
export class Replay {
  private readonly steps: Iterator<ReplayStep>;
  private ahead: ReplayStep | null;

  constructor(deployment: Pick<TaskDeployment, "inFlight" | "inEdges" | "vertex">, channels: readonly InChannel[]) {
    this.steps = stepsOf(deployment, channels);
    this.ahead = this.pull();
  }

  get isOver(): boolean {
    return this.ahead === null;
  }

  /** Batches are borrowed until the next call. */
  next(): ReplayStep | null {
    const step = this.ahead;
    if (step !== null) this.ahead = this.pull();
    return step;
  }

  private pull(): ReplayStep | null {
    const result = this.steps.next();
    return result.done === true ? null : result.value;
  }
}

function* stepsOf(
  { inFlight, inEdges, vertex }: Pick<TaskDeployment, "inFlight" | "inEdges" | "vertex">,
  channels: readonly InChannel[],
): Generator<ReplayStep> {
  for (const restored of inFlight) {
    const edge = inEdges.find(({ id }) => id === restored.edge);
    assert(edge !== undefined, `rows in flight belong to an edge into the task, ${restored.edge}`);
    const own = channels.filter((channel) => channel.edge === edge.id);
    const sameWidth = own.length === restored.senderCount && vertex.parallelism === restored.receiverCount;
    const codec = makeFrameCodec(inFlightSchema(edge));
    for (const frame of restored.frames) yield* rowsOf(codec.decode(frame), edge.toInput, sameWidth ? own : []);
  }
  for (const restored of inFlight) {
    const own = channels.filter((channel) => channel.edge === restored.edge);
    for (const channel of own) {
      const watermark = progressOf(channel, restored, own.length === restored.senderCount);
      if (watermark !== null) yield { kind: "watermark", input: channel.input, index: channel.index, watermark };
    }
  }
}

/** `channels` by sender; none: watermarks between the rows are passed over. */
function* rowsOf(stored: Batch, input: number, channels: readonly InChannel[]): Generator<ReplayStep> {
  const [sender, , , , watermark, weight] = stored.columns as [I32Column, I32Column, I32Column, I64Column, I64Column, I32Column];
  const batch: Batch = { rows: stored.rows, columns: stored.columns.slice(inFlightColumns.length), weights: weightsOf(weight) };
  const watermarkAt = (row: number): Watermark | null =>
    watermark.validity !== null && watermark.validity[row] === 0 ? null : (watermark.values[row] as bigint);
  for (let from = 0; from < stored.rows; ) {
    const senderNumber = sender.values[from];
    const inFront = watermarkAt(from);
    let to = from + 1;
    while (to < stored.rows && sender.values[to] === senderNumber && watermarkAt(to) === inFront) to++;
    const channel = channels.find((candidate) => candidate.sender === senderNumber);
    if (inFront !== null && channel !== undefined) yield { kind: "watermark", input, index: channel.index, watermark: inFront };
    yield { kind: "rows", input, batch: from === 0 && to === stored.rows ? batch : sliceBatch(batch, from, to) };
    from = to;
  }
}

/** NULL is what rows of an append-only stream have. */
const weightsOf = ({ values, validity }: I32Column): Int32Array | null => (validity === null || validity[0] === 1 ? values : null);

function progressOf(channel: InChannel, { senders }: RestoredInFlight, sameSenders: boolean): Watermark | null {
  if (sameSenders) return senders.find(({ sender }) => sender === channel.sender)?.watermark ?? null;
  let least: Watermark | null = null;
  for (const { watermark } of senders) {
    if (watermark === null) return null;
    if (least === null || watermark < least) least = watermark;
  }
  return least;
}
