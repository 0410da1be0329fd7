import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Plant, plants } from "./plants.ts";
import { Workshop } from "./workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop.close());

/** Does the net catch fish? Each bug of the protocol is found by one of the first seeds (most by the first ten). */
const seeds_max = 1_000;

describe("a planted bug is found", { timeout: 240_000 }, () => {
  it.each(Object.entries(plants))("%s", async (_name: string, plant: Plant) => {
    expect(await workshop.find(plant, seeds_max)).not.toBeNull();
  });
});
