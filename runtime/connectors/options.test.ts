import { describe, expect, it } from "vitest";
import { checkOptions, OptionReader } from "./options.ts";
import { sinkConnectors, sourceConnectors } from "./registry.ts";
import { durationOf_us } from "../contract/duration.ts";
import { sizeOf } from "./units.ts";

const filesystem = sourceConnectors["filesystem"];
const datagen = sourceConnectors["datagen"];
if (filesystem === undefined || datagen === undefined) throw new Error("the connectors are registered");
const good = { path: "a", format: "csv" };

describe("options", () => {
  it.each([
    [{ ...good, pth: "b" }, 'connector "filesystem" has no option "pth"', 'Perhaps you meant "path".'],
    [{ ...good, zzzzzz: "b" }, 'connector "filesystem" has no option "zzzzzz"', "Known options: path, format,"],
    [{ format: "csv" }, 'connector "filesystem" needs the option "path"', "A file, a directory"],
    [{ ...good, format: "cvs" }, 'option "format" of connector "filesystem" must be one of parquet, json, csv, not "cvs"', ""],
    [{ ...good, header: "maybe" }, 'must be true or false, not "maybe"', ""],
    [{ ...good, watch_interval: "soon" }, "must be a duration such as '10s'", ""],
    [{ path: "a", format: "json", delimiter: ";" }, "is for format csv, not json", ""],
  ])("%j: %s", (options, message, hint) => {
    const check = (): void => checkOptions(filesystem, options as Record<string, string>, new Map([["pth", 17]]));
    expect(check).toThrow(expect.objectContaining({ sqlState: "22023", message: expect.stringContaining(message) as string }));
    expect(check).toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) as string }));
  });

  it("carry the position of what the user wrote", () => {
    expect(() => checkOptions(filesystem, { ...good, pth: "b" }, new Map([["pth", 17]]))).toThrow(expect.objectContaining({ at: 17 }));
  });

  it("that others read are let through, and those of a column", () => {
    checkOptions(filesystem, { ...good, bad_rows: "skip" }, new Map(), ["bad_rows"]);
    checkOptions(datagen, { rows: "10", "fields.a.kind": "sequence", "fields.b.c.min": "1" });
    expect(() => checkOptions(datagen, { "fields.a.kind": "series" })).toThrow("must be one of random, sequence");
    expect(() => checkOptions(datagen, { "fields.kind": "random" })).toThrow('no option "fields.kind"');
  });

  it("have the defaults of their specs", () => {
    const options = new OptionReader(filesystem.options, good);
    expect(options.duration_us("watch_interval")).toBe(1_000_000);
    expect(options.boolean("header")).toBe(true);
    expect(options.text("watch")).toBe("false");
  });

  it("of every connector have a doc, a name of their own, and a default that they allow", () => {
    for (const connector of [...Object.values(sourceConnectors), ...Object.values(sinkConnectors)]) {
      const names = connector.options.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
      for (const { doc } of connector.options) expect(doc).toMatch(/^[A-Z].*\.$/s);
      const required = Object.fromEntries(connector.options.filter((o) => o.required === true).map((o) => [o.name, o.values?.[2] ?? "x"]));
      const defaults = connector.options.flatMap((o) => (o.default === undefined ? [] : [[o.name.replace("*", "a"), o.default]]));
      checkOptions(connector, { ...required, ...Object.fromEntries(defaults) });
    }
  });

  it.each([
    ["10s", 10_000_000],
    ["500 ms", 500_000],
    ["1.5 minutes", 90_000_000],
    ["1h 30m", 5_400_000_000],
    ["0", 0],
    ["10", null],
    ["1 fortnight", null],
    ["-1s", null],
    ["toString", null],
    ["1 constructor", null],
  ])("duration %s is %s µs", (text, micros) => expect(durationOf_us(text)).toBe(micros));

  it("sizes are in bytes", () => {
    expect([sizeOf("64MB"), sizeOf("10 kb"), sizeOf("7"), sizeOf("7 apples")]).toEqual([67_108_864, 10_240, 7, null]);
  });
});
