import { afterEach, describe, expect, it } from "vitest";
import type { JavascriptFunction } from "../contract/javascript.ts";
import { realWorld } from "../world/real-world.ts";
import { Sandbox } from "./sandbox.ts";
import type { Primitive } from "./values.ts";

const open = new Set<Sandbox>();
afterEach(async () => {
  await Promise.all([...open].map((sandbox) => sandbox.close()));
  open.clear();
});

const functionOf = (source: string, strict = false): JavascriptFunction => ({
  name: "f",
  parameters: [{ name: "a", type: { id: "integer" } }],
  returns: { id: "varchar" },
  source,
  strict,
});

function sandboxOf(source: string, batch_ms_max = 3_000): Sandbox {
  const sandbox = new Sandbox([functionOf(source)], realWorld.timers, { batch_ms_max, memory_mb_max: 16 });
  open.add(sandbox);
  return sandbox;
}

/** The results, or the failure's text. */
async function run(source: string, values: readonly Primitive[] = [1]): Promise<readonly Primitive[] | string> {
  const reply = await sandboxOf(source).run([{ f: 0, rows: values.length, columns: [values] }]);
  return reply.failure === undefined ? (reply.results[0] as readonly Primitive[]) : reply.failure.message;
}

const names = ["process", "require", "module", "globalThis", "global", "Buffer", "console", "fetch", "setTimeout", "queueMicrotask"];
const moreNames = [
  "Function",
  "eval",
  "WebAssembly",
  "SharedArrayBuffer",
  "ArrayBuffer",
  "Uint8Array",
  "Atomics",
  "WeakRef",
  "structuredClone",
];

describe("a sandbox", () => {
  it("applies a function to each row", async () => expect(await run("return a * 2", [1, 2, null])).toEqual([2, 4, 0]));

  it("takes a module's function", async () => expect(await run("export function f(a) { return `<${a}>` }", [7])).toEqual(["<7>"]));

  it.each([...names, ...moreNames])("has no %s", async (name) => expect(await run(`return typeof ${name}`)).toEqual(["undefined"]));

  it.each([
    ["this", "return this === undefined", [true]],
    ["the caller's arguments", "return (function () { return typeof this })()", ["undefined"]],
    ["Function by a constructor", "return (() => {}).constructor('return process')()", /Code generation from strings/],
    ["Function by an argument", "return a.constructor.constructor('return process')()", /Code generation from strings/],
    ["AsyncFunction", "return new ((async () => {}).constructor)('return 1')()", /Code generation from strings/],
    ["GeneratorFunction", "return new ((function* () {}).constructor)('return 1')()", /Code generation from strings/],
    ["import()", "return import('node:fs')", /import is not there/],
    ["import() in parts", "return import/**/('node:fs')", /import is not there/],
    [
      "the callers by the stack",
      "Error.prepareStackTrace = (e, frames) => frames.map((f) => f.getThis()); return new Error().stack",
      /read only/,
    ],
    ["the stack", "return new Error('x').stack.split('\\n').length", [1]],
    ["a clock", "return Date.now()", /not a function/],
    ["a clock by a Date", "return new Date().getTime()", /no clock/],
    ["a clock by a Date's constructor", "return new (new Date(0).constructor)().getTime()", /no clock/],
    ["chance", "return Math.random()", /not a function/],
    ["variables that stay", "kept = a; return kept", /kept is not defined/],
    ["the realm's prototypes", "Object.prototype.polluted = 1; return 1", /not extensible/],
    ["the realm's methods", "Array.prototype.push = () => 0; return 1", /read only/],
    ["the realm's JSON", "JSON.parse = () => 0; return 1", /read only/],
    ["prototypes by __proto__", "({}).__proto__.polluted = 1; return 1", /not extensible/],
    ["globals to shadow", "Object = null; return 1", /read only/],
  ])("keeps away %s", async (_, source, expected) => {
    const result = await run(source);
    expect(expected instanceof RegExp && typeof result === "string" ? expected.test(result) || result : result).toEqual(
      expected instanceof RegExp ? true : expected,
    );
  });

  it("reads a Date of given parts", async () =>
    expect(await run("return new Date(a).toISOString()", [0])).toEqual(["1970-01-01T00:00:00.000Z"]));

  it.each([
    ["return {}", "it returned an object"],
    ["return Promise.resolve(1)", "it returned an object"],
    ["return new Proxy({}, {})", "it returned an object"],
    ["return () => 1", "it returned a function"],
    ["throw new RangeError('boo')", "RangeError: boo"],
    ["throw { get message() { throw 1 } }", "an object was thrown"],
    ["throw null", "null"],
    ["function deep() { return deep() } return deep()", "RangeError: Maximum call stack size exceeded"],
  ])("says of %s: %s", async (source, message) => expect(await run(source)).toBe(message));

  it("says which row failed", async () => {
    const reply = await sandboxOf("if (a === 3) throw new Error('three'); return a").run([{ f: 0, rows: 4, columns: [[1, 2, 3, 4]] }]);
    expect(reply.failure).toEqual({ name: "f", row: 2, message: "Error: three" });
  });

  it("does not call a strict function with NULL", async () => {
    const sandbox = new Sandbox([functionOf("return 'called'", true)], realWorld.timers, { batch_ms_max: 3_000, memory_mb_max: 16 });
    open.add(sandbox);
    const reply = await sandbox.run([{ f: 0, rows: 2, columns: [[1, null]] }]);
    expect(reply.results).toEqual([["called", null]]);
  });

  it.each([
    ["while (true);", /took longer than 0\.3 s/],
    ["return /(a+)+$/.test('a'.repeat(40) + 'b')", /took longer than 0\.3 s/],
  ])("ends %s", async (source, message) => {
    const reply = sandboxOf(source, 300).run([{ f: 0, rows: 1, columns: [[1]] }]);
    await expect(reply).rejects.toMatchObject({ message: expect.stringMatching(message), sqlState: "38000", domain: "user" });
  });

  it("ends promises without end at the next batch", async () => {
    const sandbox = sandboxOf("(function again() { Promise.resolve().then(again) })(); return 1", 1_500);
    expect((await sandbox.run([{ f: 0, rows: 1, columns: [[1]] }])).results).toEqual([[1]]);
    await expect(sandbox.run([{ f: 0, rows: 1, columns: [[1]] }])).rejects.toMatchObject({ message: /took longer/ });
  });

  it("ends a function that fills its memory", async () => {
    const reply = sandboxOf("const all = []; for (;;) all.push(new Array(10_000).fill(all.length))", 8_000).run([
      { f: 0, rows: 1, columns: [[1]] },
    ]);
    await expect(reply).rejects.toMatchObject({ message: expect.stringMatching(/needs more than 16 MB/), sqlState: "38000" });
  });

  it("goes on with a new thread after a failure", async () => {
    const sandbox = sandboxOf("while (a === 1); return a", 1_500);
    await expect(sandbox.run([{ f: 0, rows: 1, columns: [[1]] }])).rejects.toThrow(/took longer/);
    expect((await sandbox.run([{ f: 0, rows: 1, columns: [[2]] }])).results).toEqual([[2]]);
  });
});
