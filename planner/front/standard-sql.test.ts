import { describe, expect, it } from "vitest";
import { type ModifyHead, readStandardHead } from "./standard-sql.ts";

const head = (given: Partial<ModifyHead>): ModifyHead => ({
  verb: "insert",
  schema: null,
  table: "t",
  columns: null,
  returning: false,
  ...given,
});

describe("readStandardHead", () => {
  it.each([
    head({}),
    head({ schema: "public", columns: ["a", "B c", "select"] }),
    head({ table: "Mixed Case", columns: ["a"], returning: true }),
    head({ verb: "update", schema: "s", table: "order", returning: true }),
    head({ verb: "delete", table: "t", returning: true }),
  ])("reads back the head it is given: %o", (given) => expect(readStandardHead(given)).toEqual(given));

  it("leaves a name with quotes inside to our own reader", () => expect(readStandardHead(head({ table: 'a"b' }))).toBeNull());

  it("leaves a head beyond its size to our own reader", () => {
    const columns = Array.from({ length: 1_600 }, (_, i) => `a_rather_long_column_${i}`);
    expect(readStandardHead(head({ columns }))).toBeNull();
  });
});
