import type { Flag } from "../config.ts";
import type { Arguments } from "./arguments.ts";
import { demo } from "./demo.ts";
import { jobs } from "./jobs.ts";
import { serve } from "./serve.ts";
import { sql } from "./sql.ts";
import { state } from "./state.ts";
import { taskmanager } from "./taskmanager.ts";

export interface Command {
  readonly doc: string;
  readonly usage: string;
  readonly flags: readonly Flag[];
  /** Resolves with the exit code. */
  run(args: Arguments): Promise<number>;
}

/** Every command of the CLI: one line each. */
export const commands = { serve, taskmanager, sql, jobs, state, demo } as const satisfies Readonly<Record<string, Command>>;
