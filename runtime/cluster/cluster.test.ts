import { beforeEach, describe, expect, it } from "vitest";
import { Kernel } from "../../sql-tests/sim/kernel/kernel.ts";
import { SimNetwork } from "../../sql-tests/sim/kernel/network.ts";
import { SimNode } from "../../sql-tests/sim/kernel/node.ts";
import { Random } from "../../sql-tests/oracle/random/random.ts";
import { noUsage } from "../contract/control.ts";
import { limits } from "../contract/limits.ts";
import type { FromSlot, SlotListener, TaskId, ToSlot } from "../contract/rpc.ts";
import type { SlotProvider } from "../control/slot-provider.ts";
import type { LeaderToken } from "./messages.ts";
import { TaskManager } from "./task-manager.ts";
import { TaskManagers } from "./task-managers.ts";

/** A server's side and TaskManagers in virtual time: heartbeats every 100 ms, given up after 1 s. */
const heartbeat_ms = 100;
const timeout_ms = 1_000;
const join = { host: "server", port: 7_435 };
const task: TaskId = { job: "j", vertex: "v", subtask: 0, attempt: 1 };

let kernel: Kernel;
let network: SimNetwork;
let random: Random;
beforeEach(() => {
  kernel = new Kernel();
  random = new Random(7);
  network = new SimNetwork(kernel, () => 1);
});

const node = (name: string): SimNode => new SimNode(name, kernel, random.fork());
const pass = (ms: number): Promise<unknown> => kernel.run(() => false, kernel.now_ms + ms);

interface Server {
  readonly node: SimNode;
  readonly taskManagers: TaskManagers;
  readonly heard: string[];
  readonly silent: string[];
}

async function startServer(leader: LeaderToken, at = node("server")): Promise<Server> {
  const heard: string[] = [];
  const silent: string[] = [];
  const { world } = at.life;
  const taskManagers = new TaskManagers({
    world,
    network: network.of(at.life),
    listen: join,
    leader,
    version: "1",
    heartbeat_ms,
    timeout_ms,
    slotsExpected: 0,
    log: () => undefined,
    onSilent: (id) => silent.push(id),
  });
  const listener: SlotListener = {
    message: (slot, message) => heard.push(`${slot} ${message.did}`),
    exited: (slot) => heard.push(`${slot} exited`),
    returned: (slot) => heard.push(`${slot} returned`),
  };
  await taskManagers.start(listener);
  return { node: at, taskManagers, heard, silent };
}

/** Slots that do nothing but answer, and say what they were told. */
class EchoSlots implements Pick<SlotProvider, "start" | "available" | "send" | "deploy" | "abandon" | "close" | "taskManagers"> {
  readonly size: number;
  readonly shared = true;
  readonly told: string[] = [];
  hung = false;
  listener: SlotListener | null = null;

  constructor(size: number) {
    this.size = size;
  }

  start(listener: SlotListener): Promise<void> {
    this.listener = listener;
    return Promise.resolve();
  }

  available(): readonly number[] {
    return Array.from({ length: this.size }, (_, slot) => slot);
  }

  taskManagers(): readonly [] {
    return [];
  }

  deploy(): void {
    this.told.push("deploy");
  }

  send(slot: number, message: ToSlot): void {
    if (message.do !== "ping") this.told.push(`${slot} ${message.do}`);
    if (this.hung) return;
    if (message.do === "ping") this.listener?.message(slot, { did: "pong" });
    if (message.do === "reset") this.listener?.message(slot, { did: "reset" });
  }

  abandon(): void {}

  close(): Promise<void> {
    return Promise.resolve();
  }
}

interface Worker {
  readonly node: SimNode;
  readonly slots: EchoSlots;
  readonly hung: string[];
  says(message: FromSlot): void;
}

async function startTaskManager(id: string, { size = 2, version = "1" } = {}): Promise<Worker> {
  const at = node(id);
  const { world } = at.life;
  const slots = new EchoSlots(size);
  const hung: string[] = [];
  const taskManager = new TaskManager({
    world,
    network: network.of(at.life),
    slots,
    makePorts: () => {
      throw new Error("no channels here");
    },
    join,
    listen: { host: id, port: 0 },
    dataHost: id,
    description: { id, version, host: id, pid: 1, cpuCores: 1, memory_bytes: 0 },
    usage: () => noUsage,
    ask: async () => ({ kind: "failed", reason: "nobody asks here" }),
    localise: (deployment) => deployment,
    log: () => undefined,
    onHung: (reason) => hung.push(reason),
  });
  await taskManager.start();
  return { node: at, slots, hung, says: (message) => taskManager.message(0, message) };
}

const leader: LeaderToken = { cluster: "c", epoch: 5 };
const ended: FromSlot = { did: "ended", task };

describe("a TaskManager", () => {
  it("brings its slots, and messages go both ways", async () => {
    const server = await startServer(leader);
    const a = await startTaskManager("a");
    const b = await startTaskManager("b", { size: 1 });
    await pass(50);
    expect(server.taskManagers.available()).toEqual([0, 1, 2]);
    server.taskManagers.send(2, { do: "cancel", task });
    a.says(ended);
    await pass(50);
    expect(b.slots.told).toEqual(["0 cancel"]);
    expect(server.heard).toEqual(["0 ended"]);
    await pass(10 * timeout_ms);
    expect(server.taskManagers.available()).toEqual([0, 1, 2]);
  });

  it("that dies is lost at once, and its slots do not come back under their numbers", async () => {
    const server = await startServer(leader);
    const a = await startTaskManager("a");
    await pass(50);
    const { life } = a.node;
    a.node.crash();
    network.died(life);
    await pass(20);
    expect(server.heard).toEqual(["0 exited", "1 exited"]);
    expect(server.silent).toEqual([]);
    await startTaskManager("a");
    await pass(50);
    expect(server.taskManagers.available()).toEqual([2, 3]);
  });

  it("whose task does not end is given up with all its slots, and its process is ended", async () => {
    const server = await startServer(leader);
    const a = await startTaskManager("a");
    await startTaskManager("b", { size: 1 });
    await pass(50);
    a.slots.hung = true;
    server.taskManagers.abandon(1, "a task did not end");
    expect(server.heard).toEqual(["0 exited", "1 exited"]);
    expect(server.taskManagers.available()).toEqual([2]);
    expect(server.silent).toEqual(["a"]);
  });

  it("that is cut off is given up, gives itself up by itself, and joins as a new one when it can", async () => {
    const server = await startServer(leader);
    const a = await startTaskManager("a");
    await pass(50);
    network.cut(server.node, a.node);
    await pass(timeout_ms / 2);
    expect([server.heard, a.slots.told]).toEqual([[], []]);
    a.says(ended);
    await pass(timeout_ms);
    expect(server.heard).toEqual(["0 exited", "1 exited"]);
    expect(server.silent).toEqual(["a"]);
    expect(a.slots.told).toEqual(["0 reset", "1 reset"]);
    a.says(ended); // Of a task that is being canceled: nobody's any more.
    network.join(server.node, a.node);
    await pass(6 * timeout_ms);
    expect(server.heard).toEqual(["0 exited", "1 exited"]);
    expect(server.taskManagers.available()).toEqual([2, 3]);
  });

  it("that is joined again in time is not given up", async () => {
    const server = await startServer(leader);
    const a = await startTaskManager("a");
    await pass(50);
    network.cut(server.node, a.node);
    await pass(timeout_ms / 2);
    network.join(server.node, a.node);
    await pass(3 * timeout_ms);
    expect(server.taskManagers.available()).toEqual([0, 1]);
    expect(a.slots.told).toEqual([]);
  });

  it("that stood still past its lease cancels everything before it says another word", async () => {
    const server = await startServer(leader);
    const a = await startTaskManager("a");
    await pass(50);
    a.node.pause();
    await pass(3 * timeout_ms);
    expect(server.heard).toEqual(["0 exited", "1 exited"]);
    a.node.resume();
    await pass(1);
    a.says(ended);
    await pass(5 * timeout_ms);
    expect(a.slots.told).toEqual(["0 reset", "1 reset"]);
    expect(server.heard).toEqual(["0 exited", "1 exited"]);
    expect(server.taskManagers.available()).toEqual([2, 3]);
  });

  it("of another version is refused", async () => {
    const server = await startServer(leader);
    await startTaskManager("a", { version: "2" });
    await pass(5_000);
    expect(server.taskManagers.available()).toEqual([]);
  });

  it("ends its process when a slot hangs", async () => {
    await startServer(leader);
    const a = await startTaskManager("a");
    await pass(5_000);
    a.slots.hung = true;
    await pass(limits.slotHang_ms_max / 2);
    expect(a.hung).toEqual([]);
    await pass(limits.slotHang_ms_max);
    expect(a.hung[0]).toMatch(/slot 0 has not answered for 6\d s/);
  });

  it("ends its process when tasks of a session that is over do not end", async () => {
    const server = await startServer(leader);
    const a = await startTaskManager("a");
    await pass(50);
    a.slots.hung = true;
    network.cut(server.node, a.node);
    await pass(timeout_ms + limits.slotExit_ms_max + 1_000);
    expect(a.hung).toEqual(["tasks of an earlier session did not end"]);
  });
});

describe("a server", () => {
  it("that stood still gives nobody up for its own silence, and takes back those who gave it up", async () => {
    const server = await startServer(leader);
    const a = await startTaskManager("a");
    await pass(50);
    server.node.pause();
    await pass(3 * timeout_ms);
    expect(a.slots.told).toEqual(["0 reset", "1 reset"]);
    server.node.resume();
    await pass(5 * timeout_ms);
    expect(server.taskManagers.available()).toHaveLength(2);
  });

  it("that is started again gets its TaskManagers back, without their tasks", async () => {
    const first = await startServer(leader);
    const a = await startTaskManager("a");
    await pass(50);
    const { life } = first.node;
    first.node.crash();
    network.died(life);
    await pass(500);
    expect(a.slots.told).toEqual(["0 reset", "1 reset"]);
    const second = await startServer({ cluster: "c", epoch: 6 }, first.node);
    await pass(5_000);
    expect(second.taskManagers.available()).toEqual([0, 1]);
  });

  it("whose epoch is over finds no TaskManager", async () => {
    const first = await startServer(leader);
    const a = await startTaskManager("a");
    await pass(50);
    const { life } = first.node;
    first.node.crash();
    network.died(life);
    const stale = await startServer({ cluster: "c", epoch: 4 }, first.node);
    await pass(5_000);
    expect(stale.taskManagers.available()).toEqual([]);
    a.says(ended);
    await pass(100);
    expect(stale.heard).toEqual([]);
  });
});
