import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { scenarioOf } from "./scenario.ts";
import { Workshop } from "./workshop.ts";

let workshop: Workshop;
beforeAll(async () => {
  workshop = await Workshop.open();
});
afterAll(() => workshop.close());

describe("a simulated cluster", () => {
  it("ends with exactly the batch's rows, whatever a seed does to it", async () => {
    for (let seed = 1; seed <= 25; seed++)
      expect({ seed, failure: (await workshop.run(scenarioOf(seed))).failure }).toEqual({ seed, failure: null });
  });

  it("takes the same course on DuckDB and on the model of the store", async () => {
    for (const seed of [3, 7, 9, 15]) {
      const model = await workshop.run(scenarioOf(seed));
      const duckdb = await workshop.run(scenarioOf(seed), null, "duckdb");
      expect(model.marks.get("run on DuckDB")).toBe(0);
      expect([duckdb.hash, duckdb.events, duckdb.failure]).toEqual([model.hash, model.events, null]);
    }
  });

  it("takes the same course whenever a seed is run", async () => {
    for (const seed of [5, 8]) {
      const first = await workshop.run(scenarioOf(seed));
      const second = await workshop.run(scenarioOf(seed));
      expect([second.hash, second.events, second.virtual_ms]).toEqual([first.hash, first.events, first.virtual_ms]);
    }
  });
});
