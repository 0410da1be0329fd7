import { appendFileSync, closeSync, fstatSync, mkdirSync, openSync, readdirSync, readSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import type { LogFile } from "../contract/diagnostics.ts";
import { limits } from "../contract/limits.ts";

export interface ProcessLogOptions {
  readonly directory: string;
  /** Of the file: `jobmanager.log`. When it is full it becomes `jobmanager.log.1`, in the place of the one before. */
  readonly name: string;
  readonly now_ms: () => number;
  /** Are never written. */
  readonly secrets: readonly string[];
}

/** The log of this process. A file that cannot be written takes nothing from it but its past: the last lines are in memory. */
export class ProcessLog {
  readonly #options: ProcessLogOptions;
  readonly #path: string;
  readonly #secrets: readonly string[];
  #lines: string[] = [];
  #lines_bytes = 0;
  #file_bytes = 0;
  #writable = false;

  constructor(options: ProcessLogOptions) {
    this.#options = options;
    this.#path = join(options.directory, options.name);
    this.#secrets = options.secrets.filter((secret) => secret !== "");
    try {
      mkdirSync(options.directory, { recursive: true, mode: 0o700 });
      this.#file_bytes = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
      this.#writable = true;
    } catch {
      // The lines in memory are the log then.
    }
  }

  get name(): string {
    return this.#options.name;
  }

  /** Adds a line, under the time; returns it without what is secret. */
  write(line: string): string {
    const clean = this.#secrets.reduce((text, secret) => text.replaceAll(secret, "***"), line);
    const stamped = `${new Date(this.#options.now_ms()).toISOString()} ${clean}\n`.slice(0, limits.logLine_characters_max);
    this.#remember(stamped);
    if (this.#writable) this.#append(stamped);
    return clean;
  }

  files(): readonly LogFile[] {
    const { directory, name } = this.#options;
    if (!this.#writable) return [{ name, size_bytes: this.#lines_bytes, modified_ms: this.#options.now_ms() }];
    return readdirSync(directory)
      .filter((file) => file === name || file === `${name}.1`)
      .sort()
      .map((file) => {
        const { size, mtimeMs } = statSync(join(directory, file));
        return { name: file, size_bytes: size, modified_ms: mtimeMs };
      });
  }

  /** Of one of `files`, its end if it is long; null for any other name. */
  read(name: string): string | null {
    if (!this.files().some((file) => file.name === name)) return null;
    return this.#writable ? endOf(join(this.#options.directory, name)) : this.#lines.join("");
  }

  #remember(line: string): void {
    this.#lines.push(line);
    this.#lines_bytes += line.length;
    while (this.#lines_bytes > limits.logMemory_characters_max) this.#lines_bytes -= this.#lines.shift()?.length ?? 0;
  }

  #append(line: string): void {
    try {
      if (this.#file_bytes > limits.logFile_bytes_max) {
        renameSync(this.#path, `${this.#path}.1`);
        this.#file_bytes = 0;
      }
      appendFileSync(this.#path, line, { mode: 0o600 });
      this.#file_bytes += Buffer.byteLength(line);
    } catch {
      this.#writable = false;
    }
  }
}

function endOf(path: string): string {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const length = Math.min(size, limits.logAnswer_bytes_max);
    const bytes = Buffer.alloc(length);
    const read = readSync(file, bytes, 0, length, size - length);
    const text = bytes.toString("utf8", 0, read);
    return length < size ? text.slice(text.indexOf("\n") + 1) : text;
  } finally {
    closeSync(file);
  }
}
