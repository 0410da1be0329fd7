import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, it } from "vitest";
import type { Answer } from "../contract/diagnostics.ts";
import { limits } from "../contract/limits.ts";
import { realWorld } from "../world/real-world.ts";
import { answerQuestions } from "./answer-questions.ts";
import { ProcessLog } from "./process-log.ts";
import { flameGraphOf, stackOf } from "./stacks.ts";

const directory = mkdtempSync(join(tmpdir(), "millrace-log-"));
const logOf = (name: string, secrets: readonly string[] = [], inDirectory = join(directory, name)): ProcessLog =>
  new ProcessLog({ directory: inDirectory, name, now_ms: () => 0, secrets });
afterEach(() => rmSync(directory, { recursive: true, force: true }));

describe("the log of a process", () => {
  it("keeps lines under their time, in a file that only its owner reads", () => {
    const log = logOf("a.log");
    expect(log.write("info: one")).toBe("info: one");
    log.write("info: two");
    const text = "1970-01-01T00:00:00.000Z info: one\n1970-01-01T00:00:00.000Z info: two\n";
    expect(log.read("a.log")).toBe(text);
    const path = join(directory, "a.log", "a.log");
    expect(readFileSync(path, "utf8")).toBe(text);
    expect(statSync(path).mode & 0o077).toBe(0);
    expect(log.files()).toMatchObject([{ name: "a.log", size_bytes: text.length }]);
  });

  it("never holds a secret", () => {
    const log = logOf("a.log", ["hunter22", ""]);
    expect(log.write("error: hunter22 is no port, hunter22")).toBe("error: *** is no port, ***");
    expect(log.read("a.log")).not.toContain("hunter22");
  });

  it("reads no file but its own", () => {
    const log = logOf("a.log");
    log.write("x");
    for (const name of ["../a.log/a.log", "b.log", "/etc/passwd", ""]) expect({ name, text: log.read(name) }).toEqual({ name, text: null });
  });

  it("begins another file when one is full, and tells the end of a long one", () => {
    const log = logOf("a.log");
    const line = "x".repeat(60_000);
    const lines = Math.ceil(limits.logFile_bytes_max / line.length) + 2;
    for (let i = 0; i < lines; i++) log.write(`${i} ${line}`);
    expect(log.files().map(({ name }) => name)).toEqual(["a.log", "a.log.1"]);
    const end = log.read("a.log.1") ?? "";
    expect(end.length).toBeLessThanOrEqual(limits.logAnswer_bytes_max);
    expect(end).toMatch(/^1970-\S+ \d+ x+\n/);
    expect(log.read("a.log")).toContain(` ${lines - 1} x`);
  });

  it("goes on in memory where there is no file to write", () => {
    const log = logOf("a.log", [], join(import.meta.filename, "log"));
    for (let i = 0; i < 10_000; i++) log.write(`line ${i} of a log without a disk`);
    expect(log.read("a.log")).toMatch(/line 9999 of a log without a disk\n$/);
    expect(log.read("a.log")?.length).toBeLessThanOrEqual(limits.logMemory_characters_max);
  });
});

const of = <K extends Answer["kind"]>(answer: Answer, kind: K): Extract<Answer, { readonly kind: K }> => {
  expect(answer).toMatchObject({ kind });
  return answer as Extract<Answer, { readonly kind: K }>;
};

const busy = `
const { parentPort } = require("node:worker_threads");
function grind() { const end = Date.now() + 4000; let x = 0; while (Date.now() < end) x += Math.sqrt(x + 1); return x; }
parentPort.postMessage("up");
grind();`;
const waiting = `require("node:worker_threads").parentPort.on("message", () => undefined).postMessage("up");`;

async function started(name: string, code: string): Promise<Worker> {
  const worker = new Worker(code, { eval: true, name });
  await new Promise((resolve) => worker.once("message", resolve));
  return worker;
}

describe("a process that is asked about itself", () => {
  const ask = answerQuestions(realWorld, { log: logOf("a.log"), stdout: logOf("a.out") });

  it("tells where its threads are, those that answer no message, too", async () => {
    const workers = [await started("slot-0", busy), await started("slot-1", waiting)];
    try {
      const { threads } = of(await ask({ kind: "threads" }), "threads");
      const named = new Map(threads.map((thread) => [thread.name, thread]));
      expect(named.get("slot-0")).toMatchObject({ state: "running" });
      expect(named.get("slot-0")?.frames.join()).toContain("[worker eval]");
      expect(named.get("slot-1")).toEqual({ name: "slot-1", state: "waiting", frames: [] });
      expect(named.has("main")).toBe(true);
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
  });

  it("tells how often each stack of the threads was seen, at work or waiting", async () => {
    const workers = [await started("slot-0", busy), await started("slot-1", waiting)];
    try {
      const [onCpu, offCpu] = await Promise.all([
        ask({ kind: "profile", threads: ["slot-0"], view: "on_cpu" }),
        ask({ kind: "profile", threads: ["slot-1"], view: "off_cpu" }),
      ]);
      const { root } = of(onCpu, "profile");
      const everything = JSON.stringify(root);
      expect(everything).toContain("[worker eval]");
      expect(everything).not.toContain("(idle)");
      expect(root.samples).toBeGreaterThan(50);
      expect(root.samples).toBe(root.children.reduce((sum, { samples }) => sum + samples, 0));
      expect(of(offCpu, "profile").root.children.map(({ name }) => name)).toEqual(["(idle)"]);
    } finally {
      await Promise.all(workers.map((worker) => worker.terminate()));
    }
  });
});

const node = (id: number, functionName: string, hitCount: number, children: readonly number[] = []) => ({
  id,
  hitCount,
  children: [...children],
  callFrame: { functionName, scriptId: "1", url: functionName.startsWith("(") ? "" : "file:///a/b.js", lineNumber: 6, columnNumber: 0 },
});

describe("samples", () => {
  const nodes = [node(1, "(root)", 0, [2, 4, 5]), node(2, "turn", 1, [3]), node(3, "", 5), node(4, "(idle)", 90), node(5, "(program)", 2)];
  const samplesOf = (samples: readonly number[]) => ({
    thread: "slot-0",
    profile: { nodes, startTime: 0, endTime: 1, samples: [...samples] },
  });

  it("become a stack, the innermost first; native code at the end hides no JavaScript", () => {
    const running = { name: "slot-0", state: "running", frames: ["(anonymous) (b.js:7)", "turn (b.js:7)"] };
    expect(stackOf(samplesOf([4, 3]))).toEqual(running);
    expect(stackOf(samplesOf([3, 5]))).toEqual(running);
    expect(stackOf(samplesOf([4, 3, 4]))).toEqual({ name: "slot-0", state: "waiting", frames: [] });
    expect(stackOf(samplesOf([5]))).toEqual({ name: "slot-0", state: "running", frames: ["(program)"] });
  });

  it("of several threads become one tree", () => {
    const leaf = (name: string, samples: number) => ({ name, samples, children: [] });
    const turn = { name: "turn (b.js:7)", samples: 12, children: [leaf("(anonymous) (b.js:7)", 10)] };
    const two = [samplesOf([]), samplesOf([])];
    expect(flameGraphOf(two, "on_cpu")).toEqual({ name: "root", samples: 16, children: [turn, leaf("(program)", 4)] });
    expect(flameGraphOf(two, "off_cpu")).toEqual({ name: "root", samples: 180, children: [leaf("(idle)", 180)] });
    expect(flameGraphOf(two, "full")).toEqual({ name: "root", samples: 196, children: [leaf("(idle)", 180), turn, leaf("(program)", 4)] });
  });

  it("of too many stacks leave out the rarest", () => {
    const many = Array.from({ length: 2 * limits.flameGraph_nodes_max }, (_, i) => node(i + 2, `f${i}`, i % 2 === 0 ? 1 : 3));
    const profile = {
      nodes: [
        node(
          1,
          "(root)",
          0,
          many.map(({ id }) => id),
        ),
        ...many,
      ],
      startTime: 0,
      endTime: 1,
      samples: [],
    };
    const { children } = flameGraphOf([{ thread: "slot-0", profile }], "full");
    expect(children.length).toBeLessThanOrEqual(limits.flameGraph_nodes_max);
    expect(children.every(({ samples }) => samples === 3)).toBe(true);
  });
});
