import { anywhere } from "../contract/file-places.ts";
import { existsSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { FromSlot, TaskDeployment, ToSlot } from "../contract/rpc.ts";
import { realWorld } from "../world/real-world.ts";
import type { SlotListener } from "../contract/rpc.ts";
import type { ThreadSlots } from "./thread-slots.ts";

// A thread loads JavaScript only, so this reads what the build wrote.
const built = new URL("../../dist/runtime/worker/thread-slots.js", import.meta.url);

const events: string[] = [];
const waiting: (() => void)[] = [];
const said = (event: string): void => {
  events.push(event);
  for (const look of waiting) look();
};
const heard = (event: string): Promise<void> =>
  new Promise((resolve) => {
    const look = (): void => {
      if (events.includes(event)) resolve();
    };
    waiting.push(look);
    look();
  });
const listener: SlotListener = {
  message: (slot, message: FromSlot) =>
    said(message.did === "taskState" ? `${slot} ${message.state} ${message.fault?.message}` : `${slot} ${message.did}`),
  exited: (slot, reason) => said(`${slot} exited: ${reason}`),
  returned: (slot) => said(`${slot} returned`),
};

let slots: ThreadSlots;
beforeAll(async () => {
  if (!existsSync(built)) throw new Error(`${built.pathname} is missing: run npm run build`);
  const module = (await import(built.href)) as { readonly ThreadSlots: typeof ThreadSlots };
  slots = new module.ThreadSlots(2, realWorld);
  await slots.start(listener);
});
afterAll(() => slots.close());

const unbuildable: TaskDeployment = {
  task: { job: "j", vertex: "v", subtask: 0, attempt: 1 },
  vertex: { id: "v", name: "v", parallelism: 1, slotSharingGroup: "default", operators: [] },
  maxParallelism: 128,
  inEdges: [],
  outEdges: [],
  inputs: [],
  outputs: [],
  awaitsState: false,
  inFlight: [],
  restoredUnaligned: false,
  restoredCheckpoint: null,
  scratchDirectory: "",
  places: anywhere,
};

test("a task that cannot be built is FAILED, and its thread lives on", async () => {
  slots.deploy([{ slot: 0, deployments: [unbuildable] }]);
  await heard("0 FAILED invariant: a vertex has at least one operator");
  expect(slots.available()).toEqual([0, 1]);
});

test("a thread that dies is reported and replaced under its id", async () => {
  slots.send(1, null as unknown as ToSlot);
  await heard("1 exited: Cannot read properties of null (reading 'do')");
  expect(slots.available()).toEqual([0]);
  await heard("1 returned");
  expect(slots.available()).toEqual([0, 1]);
});
