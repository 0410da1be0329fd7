import { Worker } from "node:worker_threads";
import { TaskFailure } from "../contract/errors.ts";
import type { JavascriptFunction } from "../contract/javascript.ts";
import type { SqlType } from "../contract/types.ts";
import type { Timers } from "../contract/world.ts";
import { guestConverters } from "./nested.ts";
import type { Primitive } from "./values.ts";
import { workerSource } from "./worker-source.ts";

/** One function applied to columns of values. */
export interface SandboxCall {
  /** Position in the sandbox's list of functions. */
  readonly f: number;
  readonly rows: number;
  readonly columns: readonly (readonly Primitive[])[];
}

export interface SandboxFailure {
  readonly name: string;
  /** -1: it cannot be compiled. */
  readonly row: number;
  readonly message: string;
}

type Reply = { readonly id: number } & (
  | { readonly results: readonly (readonly Primitive[])[]; readonly failure?: never }
  | { readonly failure: SandboxFailure; readonly results?: never }
);

export interface SandboxLimits {
  readonly batch_ms_max: number;
  readonly memory_mb_max: number;
}

/** The thread had to be ended. */
export class SandboxEnded extends TaskFailure {
  readonly why: "time" | "memory" | "thread";

  constructor(why: SandboxEnded["why"], message: string) {
    super("user", "fail", message, { sqlState: "38000" });
    this.why = why;
  }
}

/** Types as the worker needs them: those with parts as text, to be read where functions live. */
const forWorker = (f: JavascriptFunction): unknown => ({
  ...f,
  types: { parameters: f.parameters.map((p) => typeForWorker(p.type)), returns: typeForWorker(f.returns) },
});

const typeForWorker = (type: SqlType): unknown => ({ id: type.id, json: JSON.stringify(type) });

interface Waiting {
  readonly id: number;
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: TaskFailure) => void;
}

/**
 * A thread that runs functions of users and can do nothing else: no environment, no modules, a heap of its own with a limit. A
 * batch that takes too long ends the thread; the failure is the user's. One batch at a time.
 */
export class Sandbox {
  readonly #functions: readonly JavascriptFunction[];
  readonly #timers: Timers;
  readonly #limits: SandboxLimits;
  #worker: Worker | null = null;
  #waiting: Waiting | null = null;
  #batches = 0;

  constructor(functions: readonly JavascriptFunction[], timers: Timers, limits: SandboxLimits) {
    this.#functions = functions;
    this.#timers = timers;
    this.#limits = limits;
  }

  /** The results of each call, or what failed first. Throws SandboxEnded when the thread had to be ended. */
  async run(calls: readonly SandboxCall[]): Promise<Reply> {
    const worker = (this.#worker ??= this.#start());
    const id = ++this.#batches;
    const reply = new Promise<Reply>((resolve, reject) => {
      this.#waiting = { id, resolve, reject };
    });
    const cancel = this.#timers.after(this.#limits.batch_ms_max, () => {
      this.#fail("time", `took longer than ${this.#limits.batch_ms_max / 1000} s for a batch`);
      void this.close();
    });
    worker.postMessage({ id, calls });
    try {
      return await reply;
    } finally {
      cancel();
      this.#waiting = null;
    }
  }

  #start(): Worker {
    const { memory_mb_max } = this.#limits;
    const worker = new Worker(workerSource, {
      eval: true,
      env: {},
      argv: [],
      execArgv: [],
      stdin: false,
      stdout: true,
      stderr: true,
      trackUnmanagedFds: true,
      workerData: { functions: this.#functions.map(forWorker), guestConverters },
      resourceLimits: { maxOldGenerationSizeMb: memory_mb_max, maxYoungGenerationSizeMb: 8, codeRangeSizeMb: 8, stackSizeMb: 2 },
    });
    worker.unref();
    // A thread that was given up says nothing any more.
    const isCurrent = (): boolean => this.#worker === worker;
    worker.on("message", (reply: Reply) => {
      if (isCurrent() && this.#waiting?.id === reply.id) this.#waiting.resolve(reply);
    });
    worker.on("error", (error: Error & { readonly code?: string }) => {
      const outOfMemory = error.code === "ERR_WORKER_OUT_OF_MEMORY";
      if (!isCurrent()) return;
      if (outOfMemory) this.#fail("memory", `needs more than ${memory_mb_max} MB`);
      else this.#fail("thread", `failed: ${error.message}`);
    });
    worker.on("exit", () => {
      if (!isCurrent()) return;
      this.#fail("thread", "ended its thread");
      this.#worker = null;
    });
    return worker;
  }

  #fail(why: SandboxEnded["why"], what: string): void {
    const names = this.#functions.map((f) => f.name).join(", ");
    this.#waiting?.reject(new SandboxEnded(why, `function ${names} ${what}`));
    this.#waiting = null;
  }

  async close(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    await worker?.terminate();
  }
}
