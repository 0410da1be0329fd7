import { expect, it } from "vitest";
import { linesOf, OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import { type Schema, varchar } from "../contract/types.ts";
import { processingTime } from "./processing-time.ts";

const schema: Schema = {
  columns: [
    { name: "k", type: varchar },
    { name: "pt", type: { id: "timestamptz" } },
  ],
};

it("gives rows the present instant and says that none before it will come", async () => {
  const harness = await OperatorHarness.open({
    definition: processingTime,
    spec: { op: "processingTime", timeColumn: 1 },
    inputs: [schema],
    output: schema,
  });
  expect(await harness.feed("tick 1000 | + a NULL | + b NULL | wm 00:00:09 | tick 500 | + c NULL | tick -400 | + d NULL | wm max")).toEqual(
    linesOf("wm 00:00:00.999999 | + a 00:00:01 | + b 00:00:01 | wm 00:00:01.499999 | + c 00:00:01.5 | + d 00:00:01.5 | wm max"),
  );
});
