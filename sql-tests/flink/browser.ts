import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { ran } from "./maven.ts";

const programs = ["chromium-headless-shell", "chromium", "google-chrome"] as const;

/** A Chromium that is installed on this machine (Debian: `chromium-headless-shell`). Rejects when there is none. */
export async function chromium(): Promise<string> {
  for (const program of programs) if (await ran(program, ["--version"], ".").catch(() => null)) return program;
  throw new Error(`none of ${programs.join(", ")} is installed`);
}

interface Answer {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
}

/** One page of a headless Chromium, driven by the DevTools protocol over pipes. */
export class Browser {
  readonly #process: ChildProcess;
  readonly #profile: string;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  readonly #errors: string[] = [];
  #calls = 0;
  #session: string | undefined;

  private constructor(process: ChildProcess, profile: string) {
    this.#process = process;
    this.#profile = profile;
    let rest = "";
    (process.stdio[4] as Readable).setEncoding("utf8").on("data", (chunk: string) => {
      const messages = (rest + chunk).split("\0");
      rest = messages.pop() ?? "";
      for (const message of messages) this.#receive(JSON.parse(message) as Answer);
    });
  }

  static async start(program: string): Promise<Browser> {
    const profile = mkdtempSync(join(tmpdir(), "millrace-chromium-"));
    const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", `--user-data-dir=${profile}`];
    const browser = new Browser(
      spawn(program, [...flags, "--window-size=1600,1200"], { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] }),
      profile,
    );
    const { targetId } = await browser.call("Target.createTarget", { url: "about:blank" });
    browser.#session = String((await browser.call("Target.attachToTarget", { targetId, flatten: true }))["sessionId"]);
    for (const domain of ["Page", "Runtime", "Log", "DOM"]) await browser.call(`${domain}.enable`);
    return browser;
  }

  /** What the page complained of since the last call: uncaught exceptions and errors of its console. */
  takeErrors(): readonly string[] {
    return this.#errors.splice(0);
  }

  open(url: string): Promise<unknown> {
    return this.call("Page.navigate", { url });
  }

  /** The value of an expression in the page. */
  async evaluate(expression: string): Promise<unknown> {
    const { result } = await this.call("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    return (result as { value?: unknown }).value;
  }

  /** Puts files into the first `<input type=file>`. */
  async chooseFiles(files: readonly string[]): Promise<void> {
    const { result } = await this.call("Runtime.evaluate", { expression: "document.querySelector('input[type=file]')" });
    await this.call("DOM.setFileInputFiles", { files, objectId: (result as { objectId?: string }).objectId });
  }

  async screenshot(): Promise<Buffer> {
    return Buffer.from(String((await this.call("Page.captureScreenshot"))["data"]), "base64");
  }

  async close(): Promise<void> {
    const gone = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await gone;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  call(method: string, params: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) =>
        error === undefined ? resolve(result ?? {}) : reject(new Error(`${method}: ${error.message}`)),
      );
      const session = this.#session === undefined ? {} : { sessionId: this.#session };
      (this.#process.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, ...session })}\0`);
    });
  }

  #receive(message: Answer): void {
    if (message.id !== undefined) {
      this.#waiting.get(message.id)?.(message);
      this.#waiting.delete(message.id);
    } else if (isComplaint(message)) this.#errors.push(JSON.stringify(message.params).slice(0, 1_000));
  }
}

function isComplaint({ method, params }: Answer): boolean {
  if (method === "Runtime.exceptionThrown") return true;
  if (method === "Runtime.consoleAPICalled") return params?.["type"] === "error";
  return method === "Log.entryAdded" && (params?.["entry"] as { level?: string } | undefined)?.level === "error";
}
