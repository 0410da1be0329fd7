import { describe, expect, it } from "vitest";
import { suggest } from "./suggest.ts";

describe("suggest", () => {
  it.each([
    ["CREAT", "CREATE"],
    ["creaet", "CREATE"],
    ["slect", "SELECT"],
    ["tabel", "TABLE"],
    ["strem", undefined],
    ["x", undefined],
    ["xyz", undefined],
    ["DORP", "DROP"],
  ])("finds for %s: %s", (word, expected) => expect(suggest(word, ["CREATE", "SELECT", "TABLE", "DROP", "AS"])).toBe(expected));

  it("prefers the nearest, then the first", () => {
    expect(suggest("pric", ["prices", "price"])).toBe("price");
    expect(suggest("cat", ["car", "cap"])).toBe("car");
  });
});
