import { join } from "node:path";
import type { Ask } from "../runtime/contract/diagnostics.ts";
import { answerQuestions } from "../runtime/diagnostics/answer-questions.ts";
import { ProcessLog } from "../runtime/diagnostics/process-log.ts";
import { realWorld } from "../runtime/world/real-world.ts";

/** What this process says, kept so that it can be asked for. */
export interface ProcessLogs {
  /** A line for the log, and for whoever `say` tells. */
  readonly log: (line: string) => void;
  /** Keeps what goes to stdout, too. */
  readonly printed: (text: string) => void;
  readonly ask: Ask;
}

/** `<role>.log` and `<role>.out` in the directory, as Flink's processes have them. */
export function openProcessLogs(
  directory: string,
  role: "jobmanager" | "taskmanager",
  secrets: readonly (string | null)[],
  say: (line: string) => void,
): ProcessLogs {
  const options = { directory: join(directory, "log"), now_ms: () => realWorld.clock.now_ms(), secrets: secrets.filter((s) => s !== null) };
  const log = new ProcessLog({ ...options, name: `${role}.log` });
  const out = new ProcessLog({ ...options, name: `${role}.out` });
  return {
    log: (line) => say(log.write(line)),
    printed: (text) => {
      for (const line of text.trimEnd().split("\n")) out.write(line);
    },
    ask: answerQuestions(realWorld, { log, stdout: out }),
  };
}
