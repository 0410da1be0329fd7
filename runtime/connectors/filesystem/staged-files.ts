import { closeSync, existsSync, fsyncSync, openSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { TaskFailure } from "../../contract/errors.ts";
import type { OperatorContext } from "../../contract/operator.ts";
import { reasonOf } from "./allowed-path.ts";
import { makeDirectory } from "./make-directory.ts";

/** What a commit needs: the file as it is staged, and its name when it is committed. */
interface Committable {
  readonly staged: string;
  readonly committed: string;
}

/** As a part of a file name: dots stand between the parts. */
const namePart = (text: string): string => encodeURIComponent(text).replaceAll(".", "%2E").replaceAll("*", "%2A");

/**
 * The files of one subtask of a sink. While rows are written, and until the checkpoint that holds them completes, a file has a
 * hidden name; committing renames it. Names hold job, sink, subtask, checkpoint and a random token, so no attempt or later job
 * of the same name writes over another's.
 */
export class StagedFiles {
  private readonly directory: string;
  private readonly extension: string;
  private readonly context: OperatorContext;
  private readonly prefix: string;
  private readonly token: string;

  constructor(directory: string, sink: string, extension: string, context: OperatorContext) {
    this.directory = directory;
    this.extension = extension;
    this.context = context;
    this.prefix = `${namePart(context.jobName)}.${namePart(sink)}`;
    this.token = Math.floor(context.world.random() * 2 ** 48).toString(36);
  }

  /** Makes the directory, and removes what earlier attempts of this subtask left unfinished. */
  prepareDirectory(): void {
    guarded(this.directory, () => makeDirectory(this.directory));
    for (const name of guarded(this.directory, () => readdirSync(this.directory))) {
      if (this.isLeftover(name)) rmSync(join(this.directory, name), { force: true });
    }
  }

  /** The file that rows are written to now. */
  unfinished(): string {
    return join(this.directory, `.${this.prefix}.${this.context.subtaskIndex}.${this.token}.unfinished`);
  }

  /** Gives the finished file its staged name, on the disk to stay. */
  stage(checkpointId: number): string {
    const name = `${this.prefix}.${this.context.subtaskIndex}.${checkpointId}.${this.token}.${this.extension}`;
    const committable: Committable = { staged: `.${name}.staged`, committed: name };
    guarded(this.directory, () => {
      sync(this.unfinished());
      renameSync(this.unfinished(), join(this.directory, committable.staged));
      sync(this.directory);
    });
    return JSON.stringify(committable);
  }

  /** Idempotent; other subtasks may commit the same file at the same time. */
  commit(committables: readonly string[]): void {
    for (const text of committables) {
      const { staged, committed } = JSON.parse(text) as Committable;
      const [from, to] = [join(this.directory, staged), join(this.directory, committed)];
      try {
        renameSync(from, to);
      } catch (cause) {
        if (existsSync(to)) continue;
        throw new TaskFailure("external", "retry", `cannot commit "${to}": ${reasonOf(cause)}`, { cause });
      }
    }
    if (committables.length > 0) guarded(this.directory, () => sync(this.directory));
  }

  /** Hidden files of this sink whose subtask was this one, or falls to it at the present parallelism. */
  private isLeftover(name: string): boolean {
    if (!name.startsWith(`.${this.prefix}.`)) return false;
    const [subtask = ""] = name.slice(this.prefix.length + 2).split(".");
    return /^\d+$/.test(subtask) && Number(subtask) % this.context.parallelism === this.context.subtaskIndex;
  }
}

function sync(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export function guarded<T>(path: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new TaskFailure("external", "retry", `cannot write to "${path}": ${reasonOf(cause)}`, { cause });
  }
}
