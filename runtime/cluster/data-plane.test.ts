import { beforeEach, describe, expect, it } from "vitest";
import { Random } from "../../sql-tests/oracle/random/random.ts";
import { Kernel } from "../../sql-tests/sim/kernel/kernel.ts";
import { SimNetwork } from "../../sql-tests/sim/kernel/network.ts";
import { SimNode } from "../../sql-tests/sim/kernel/node.ts";
import type { Address } from "../contract/network.ts";
import type { ChannelEnd, ChannelPort, SlotDeployment, TaskDeployment, TaskId } from "../contract/rpc.ts";
import { headerWord } from "../exchange/frame-layout.ts";
import { DataPlane } from "./data-plane.ts";

const timeout_ms = 1_000;
const task = (subtask: number): TaskId => ({ job: "j", vertex: "v", subtask, attempt: 1 });

/** One end of a channel within a process, at once and in this thread. */
class Port implements ChannelPort {
  far: Port | null = null;
  readonly got: unknown[] = [];
  closed = false;
  #onMessage: ((message: unknown) => void) | null = null;
  #onClose: (() => void) | null = null;

  postMessage(message: unknown): void {
    const { far } = this;
    if (far === null || far.closed) return;
    if (far.#onMessage === null) far.got.push(message);
    else far.#onMessage(message);
  }

  on(event: "message" | "close", listener: (message: unknown) => void): void {
    if (event === "message") this.#onMessage = listener;
    else this.#onClose = listener as () => void;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.far?.close();
    this.#onClose?.();
  }
}

const makePorts = (): readonly [Port, Port] => {
  const [a, b] = [new Port(), new Port()];
  a.far = b;
  b.far = a;
  return [a, b];
};

let kernel: Kernel;
let network: SimNetwork;
let random: Random;
beforeEach(() => {
  kernel = new Kernel();
  random = new Random(3);
  network = new SimNetwork(kernel, () => 1);
});
const pass = (ms: number): Promise<unknown> => kernel.run(() => false, kernel.now_ms + ms);

interface Side {
  readonly node: SimNode;
  readonly plane: DataPlane;
  readonly address: Address;
  readonly lost: string[];
}

async function side(session: string): Promise<Side> {
  const node = new SimNode(session, kernel, random.fork());
  const { world } = node.life;
  const lost: string[] = [];
  const plane = new DataPlane({
    world,
    network: network.of(node.life),
    listen: { host: session, port: 0 },
    makePorts,
    channelLost: (slot, { subtask }) => lost.push(`${slot}/${subtask}`),
  });
  const address = await plane.listen();
  plane.begin({ session, leader: { cluster: "c", epoch: 1 }, heartbeat_ms: 100, timeout_ms });
  return { node, plane, address, lost };
}

/** Deploys one end of channel `c`; the task's port. */
function deploy(at: Side, which: "inputs" | "outputs", to: Side, session = to.node.name): Port {
  const end: ChannelEnd = {
    id: "c",
    edge: "e",
    peerSubtask: 0,
    peer: { kind: "remote", taskManager: to.node.name, session, address: to.address },
    port: null,
  };
  const deployment = { task: task(which === "inputs" ? 1 : 0), inputs: [], outputs: [], [which]: [end] } as unknown as TaskDeployment;
  const [connected] = at.plane.connect([{ slot: 0, deployments: [deployment] }]) as readonly SlotDeployment[];
  return connected?.deployments[0]?.[which][0]?.port as Port;
}

/** As a frame says how long it is, in a buffer that may be larger. */
function frame(byte: number, length_bytes = 1_000, buffer_bytes = length_bytes): ArrayBuffer {
  const bytes = new Uint8Array(buffer_bytes).fill(byte);
  new Int32Array(bytes.buffer)[headerWord.length_bytes] = length_bytes;
  return bytes.buffer;
}

describe("channels between TaskManagers", () => {
  it.each([
    ["the one who dials", "a", "b"],
    ["the one who is dialed", "b", "a"],
  ])("carry elements and credits when the sender is %s", async (_, from, to) => {
    const [sending, receiving] = [await side(from), await side(to)];
    const sender = deploy(sending, "outputs", receiving);
    const frames = [frame(1), frame(2), frame(3)] as const;
    sender.postMessage([frames[0], { kind: "idle", idle: true }]);
    await pass(20);
    const receiver = deploy(receiving, "inputs", sending);
    sender.postMessage([frames[1], frames[2]]);
    await pass(20);
    expect(receiver.got).toEqual([
      [frame(1), { kind: "idle", idle: true }],
      [frame(2), frame(3)],
    ]);
    receiver.postMessage({ elements: 3, buffers: [frame(0), frame(0)] });
    await pass(20);
    expect(sender.got).toHaveLength(1);
    expect(sender.got[0]).toEqual({ elements: 3, buffers: [frames[0], frames[1]] });
    expect((sender.got[0] as { buffers: unknown[] }).buffers[0]).toBe(frames[0]);
  });

  it("carry of a large buffer what it holds, and give all of it back", async () => {
    const [a, b] = [await side("a"), await side("b")];
    const [sender, receiver] = [deploy(a, "outputs", b), deploy(b, "inputs", a)];
    const large = frame(1, 1_000, 65_536);
    sender.postMessage([large]);
    await pass(20);
    expect(receiver.got).toEqual([[frame(1)]]);
    receiver.postMessage({ elements: 1, buffers: [frame(0)] });
    await pass(20);
    expect((sender.got[0] as { buffers: unknown[] }).buffers[0]).toBe(large);
  });

  it("end on the other side when a task closes its end, behind what it has sent", async () => {
    const [a, b] = [await side("a"), await side("b")];
    const [sender, receiver] = [deploy(a, "outputs", b), deploy(b, "inputs", a)];
    sender.postMessage([{ kind: "end" }]);
    sender.close();
    await pass(20);
    expect([receiver.got, receiver.closed]).toEqual([[[{ kind: "end" }]], true]);
    expect([a.lost, b.lost]).toEqual([[], []]);
  });

  it("that are cut off are lost on both sides, and each task is told of once", async () => {
    const [a, b] = [await side("a"), await side("b")];
    deploy(a, "outputs", b);
    deploy(b, "inputs", a);
    await pass(5 * timeout_ms);
    expect([a.lost, b.lost]).toEqual([[], []]);
    network.cut(a.node, b.node);
    await pass(2 * timeout_ms);
    expect([a.lost, b.lost]).toEqual([["0/0"], ["0/1"]]);
  });

  it("to a session that is over are lost", async () => {
    const [a, b] = [await side("a"), await side("b")];
    deploy(a, "outputs", b, "before b");
    await pass(100);
    expect(a.lost).toEqual(["0/0"]);
  });

  it("to nobody are lost", async () => {
    const [a, b] = [await side("a"), await side("b")];
    deploy(a, "outputs", { ...b, address: { host: "nowhere", port: 1 } });
    await pass(100);
    expect(a.lost).toEqual(["0/0"]);
  });
});
