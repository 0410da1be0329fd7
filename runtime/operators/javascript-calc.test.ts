import { afterEach, describe, expect, it } from "vitest";
import { linesOf, OperatorHarness } from "../../sql-tests/runner/operator-harness.ts";
import type { JavascriptCalcSpec } from "../contract/javascript.ts";
import { bigint, integer, type Schema, type SqlType, varchar } from "../contract/types.ts";
import { javascriptCalc } from "./javascript-calc.ts";

const schema: Schema = {
  columns: [
    { name: "v", type: bigint },
    { name: "s", type: varchar },
  ],
};

let harness: OperatorHarness<JavascriptCalcSpec>;
afterEach(() => harness.close());

/** One function of both columns. */
async function open(source: string, returns: SqlType, strict = false): Promise<void> {
  const parameters = schema.columns;
  const spec: JavascriptCalcSpec = {
    op: "javascriptCalc",
    calls: [{ function: { name: "f", parameters, returns, source, strict }, arguments: [0, 1] }],
  };
  const output = { columns: [...schema.columns, { name: "result1", type: returns }] };
  harness = await OperatorHarness.open({ definition: javascriptCalc, spec, inputs: [schema], output });
}

describe("javascriptCalc", () => {
  it("appends results and keeps the order and the weights of rows", async () => {
    await open("return s === null ? 'none' : s + v", varchar);
    expect(await harness.feed("+ 5 abc | - 2 NULL | +3 9 x | wm 00:00:01")).toEqual(
      linesOf("+ 5 abc abc5 | - 2 NULL none | +3 9 x x9 | wm 00:00:01"),
    );
  });

  it("gives NULL for a NULL argument of a strict function", async () => {
    await open("return s + v", varchar, true);
    expect(await harness.feed("+ 5 a | + NULL b | + 6 NULL")).toEqual(linesOf("+ 5 a a5 | + NULL b NULL | + 6 NULL NULL"));
  });

  it("takes undefined for NULL", async () => {
    await open("if (v > 5n) return s", varchar);
    expect(await harness.feed("+ 5 a | + 6 b")).toEqual(linesOf("+ 5 a NULL | + 6 b b"));
  });

  it.each([
    ["throw new TypeError('no')", varchar, /^function f for v = 5, s = a: TypeError: no$/],
    ["return 1.5", integer, /^function f for v = 5, s = a: it returned 1\.5 \(number\), which is no INTEGER$/],
    ["return 2 ** 40", integer, /^function f for v = 5, s = a: it returned 1099511627776 \(number\), which is no INTEGER$/],
    ["return 1n", varchar, /^function f for v = 5, s = a: it returned 1 \(bigint\), which is no VARCHAR$/],
    ["return 'x'.repeat(200)", bigint, /it returned 'x{80}…', which is no BIGINT/],
    ["return [s]", varchar, /^function f for v = 5, s = a: it returned an object$/],
    ["return '12.345678'", { id: "decimal", width: 4, scale: 3 } as const, /it returned '12\.345678', which is no DECIMAL\(4,3\)/],
  ])("reports %s as the user's failure", async (source, type, message) => {
    await open(source, type);
    await expect(harness.feed("+ 5 a")).rejects.toMatchObject({
      domain: "user",
      sqlState: "38000",
      message: expect.stringMatching(message),
    });
  });
});
