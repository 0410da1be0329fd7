import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { fileFound, foundFiles, readFound } from "./found.ts";
import { scenarioOf } from "./scenario.ts";
import { Workshop } from "./workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop.close());

/** Scenarios that once failed. Named after what was wrong, or by their seeds. */
const directory = join(import.meta.dirname, "found");

it.each(foundFiles(directory))("%s", async (file) => {
  expect((await workshop.run(readFound(directory, file).scenario)).failure).toBeNull();
});

it("a failure that is filed is the scenario that is read again", () => {
  const scratch = mkdtempSync(join(tmpdir(), "millrace-found-"));
  fileFound(scratch, "rows are missing", scenarioOf(7));
  expect(foundFiles(scratch)).toEqual(["seed-7.json"]);
  expect(readFound(scratch, "seed-7.json")).toMatchObject({ message: "rows are missing", scenario: scenarioOf(7) });
  rmSync(scratch, { recursive: true });
});
