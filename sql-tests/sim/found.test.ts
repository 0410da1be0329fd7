import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { Scenario } from "./scenario.ts";
import { Workshop } from "./workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop.close());

/** Scenarios that once failed, with no more steps than it took. Named after what was wrong. */
const directory = join(import.meta.dirname, "found");

it.each(readdirSync(directory).filter((file) => file.endsWith(".json")))("%s", async (file) => {
  const scenario = JSON.parse(readFileSync(join(directory, file), "utf8")) as Scenario;
  expect((await workshop.run(scenario)).failure).toBeNull();
});
