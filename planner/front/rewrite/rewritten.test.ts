import { describe, expect, it } from "vitest";
import { rewriteQuery } from "./rewrite-query.ts";

describe("offsets of a rewritten query", () => {
  const text = "SELECT 'é😀', /* long comment */ 0x1F, pricee FROM TUMBLE((SELECT foo FROM bid), ts, INTERVAL '1 hour')";
  const rewritten = rewriteQuery({ text, at: 50 });
  const back = (word: string, extra = 0): number => rewritten.map(rewritten.text.indexOf(word) + extra) - 50;

  it("lead back to the same word, and into it", () => {
    for (const word of ["'é😀'", "pricee", "foo", "bid"]) expect(back(word)).toBe(text.indexOf(word));
    expect(back("pricee", 3)).toBe(text.indexOf("pricee") + 3);
  });

  it("lead from a respelt token to its start, and from made text to what it stands for", () => {
    expect(back("31", 1)).toBe(text.indexOf("0x1F"));
    expect(back("3600000000")).toBe(text.indexOf("INTERVAL"));
    expect(back("mr_data_1")).toBe(text.indexOf("TUMBLE"));
  });

  it("are found from UTF-8 byte offsets too", () => {
    const bytes = Buffer.byteLength(rewritten.text.slice(0, rewritten.text.indexOf("pricee")));
    expect(rewritten.mapBytes(bytes)).toBe(50 + text.indexOf("pricee"));
    expect(rewritten.mapBytes(1_000_000)).toBeLessThanOrEqual(50 + text.length);
  });
});
