import { mayBeOvertaken } from "../contract/in-flight.ts";
import type { JobEdge } from "../contract/job-graph.ts";
import type { Barrier, ControlElement } from "../exchange/elements.ts";
import { EdgeOutput } from "../exchange/edge-output.ts";
import { makeFrameCodec } from "../exchange/frame-codec.ts";
import { OutChannel, type Sent } from "../exchange/out-channel.ts";
import { makeRouter } from "../exchange/router.ts";
import type { ChannelInFlight, EdgeProgress, TaskDeployment } from "../contract/rpc.ts";
import { type Output, watermark_max } from "../contract/operator.ts";
import type { LocalWires } from "../exchange/wire.ts";
import { FanOutput } from "./chain-output.ts";

/** All edges out of a task. */
export class TaskOutputs {
  private readonly edges: readonly { readonly edge: JobEdge; readonly output: EdgeOutput }[];
  private readonly channels: readonly OutChannel[];

  constructor(deployment: TaskDeployment, wires: LocalWires, onAvailable: () => void) {
    this.edges = deployment.outEdges.map((edge) => ({ edge, output: edgeOutput(edge, deployment, wires, onAvailable) }));
    this.channels = this.edges.flatMap(({ output }) => output.channels);
  }

  /** Every channel has credit: the task may run. */
  get available(): boolean {
    for (const channel of this.channels) if (!channel.available) return false;
    return true;
  }

  /** Since the start, over all channels. */
  get sent(): Sent {
    const total = { bytes: 0, frames: 0 };
    for (const { sent } of this.channels) {
      total.bytes += sent.bytes;
      total.frames += sent.frames;
    }
    return total;
  }

  /** Rows are gathered that no frame holds yet. */
  get gathering(): boolean {
    return this.channels.some((channel) => channel.gathered > 0);
  }

  /** Where the end of the chain emits to. */
  main(): Output {
    return fan(this.edges.filter(({ edge }) => edge.output === "main").map(({ output }) => output));
  }

  /** Where an operator puts rows aside; null where nobody takes them. */
  side(uid: string, tag: string): Output | null {
    const outputs = this.edges.filter(({ edge }) => edge.output !== "main" && edge.output.uid === uid && edge.output.tag === tag);
    return outputs.length === 0 ? null : fan(outputs.map(({ output }) => output));
  }

  /** A barrier that overtakes goes here only to the edges where it may not. */
  control(element: ControlElement, overtakes = false): void {
    for (const { edge, output } of this.edges) if (!overtakes || !mayBeOvertaken(edge)) output.control(element);
  }

  /** Sends a barrier ahead of the rows that wait, where it may; returns copies of those. */
  overtake(barrier: Barrier, sender: number): readonly ChannelInFlight[] {
    return this.overtakable()
      .flatMap(({ edge, output }) =>
        output.channels.map((channel, receiver): ChannelInFlight => {
          return { edge: edge.id, sender, receiver, queue: "sender", rows: channel.overtake(barrier) };
        }),
      )
      .filter(({ rows }) => rows.length > 0);
  }

  /** Whether the checkpoint's barrier waits where it might overtake. */
  holds(checkpoint: number): boolean {
    return this.overtakable().some(({ output }) => output.channels.some((channel) => channel.holds(checkpoint)));
  }

  /** How far event time is on the edges where barriers may overtake. */
  progress(sender: number, hasEnded: boolean): readonly EdgeProgress[] {
    return this.overtakable().map(({ edge, output }) => {
      return { edge: edge.id, sender, watermark: hasEnded ? watermark_max : output.lastWatermark };
    });
  }

  private overtakable(): readonly { readonly edge: JobEdge; readonly output: EdgeOutput }[] {
    return this.edges.filter(({ edge }) => mayBeOvertaken(edge));
  }

  flush(): void {
    for (const channel of this.channels) channel.flush();
  }

  post(): void {
    for (const channel of this.channels) channel.post();
  }

  close(): void {
    for (const channel of this.channels) channel.close();
  }
}

const fan = (outputs: readonly Output[]): Output => (outputs.length === 1 ? (outputs[0] as Output) : new FanOutput(outputs));

function edgeOutput(edge: JobEdge, deployment: TaskDeployment, wires: LocalWires, onAvailable: () => void): EdgeOutput {
  const codec = makeFrameCodec(edge.schema);
  const ends = deployment.outputs.filter((end) => end.edge === edge.id).sort((a, b) => a.peerSubtask - b.peerSubtask);
  const channels = ends.map((end) => new OutChannel(edge.schema, codec, wires.sender(end), onAvailable));
  const router = makeRouter(edge.ship, { channels, maxParallelism: deployment.maxParallelism, subtask: deployment.task.subtask });
  return new EdgeOutput(channels, router);
}
