import { SqlError } from "../../runtime/contract/errors.ts";
import type { JavascriptFunction } from "../../runtime/contract/javascript.ts";
import { limits } from "../../runtime/contract/limits.ts";
import { Sandbox } from "../../runtime/javascript/sandbox.ts";
import type { Session } from "../session/execution.ts";
import type { CallResults } from "./call-results.ts";
import { computeNoted } from "./compute.ts";
import type { UserFunctions } from "./user-functions.ts";

const sandboxLimits = { batch_ms_max: limits.javascriptBatch_ms_max, memory_mb_max: limits.javascriptMemory_mb_max };

/** What follows an error of an attempt: within a transaction DuckDB does nothing more, so it is the statement's. */
export type AfterError = "retry" | "fail";

/**
 * Runs `attempt`, a statement of the session's connection that may be run any number of times, until every result of the functions
 * that it calls is known; the last attempt's answer is the statement's. Throws what a function throws as SqlError 38000, 57014
 * where one takes too long, 54000 where one needs too much memory or is called too often.
 */
export async function runPasses<T>(
  functions: readonly JavascriptFunction[],
  session: Session,
  users: UserFunctions,
  attempt: () => Promise<T>,
  afterError: AfterError,
): Promise<T> {
  if (functions.length === 0) return attempt();
  const canceled = listen(session);
  const turn = users.turns.take();
  await Promise.race([turn, canceled.heard]).catch((error: unknown) => {
    canceled.end();
    void turn.then(() => users.turns.giveBack());
    throw error;
  });
  const sandbox = new Sandbox(functions, users.timers, sandboxLimits);
  try {
    return await users.during(functions, session.connection, (results) =>
      passes(results, { attempt, afterError, compute: () => Promise.race([computeNoted(results, sandbox, functions), canceled.heard]) }),
    );
  } finally {
    canceled.end();
    users.turns.giveBack();
    await sandbox.close();
  }
}

interface Work<T> {
  readonly attempt: () => Promise<T>;
  readonly compute: () => Promise<void>;
  readonly afterError: AfterError;
}

async function passes<T>(results: CallResults, { attempt, compute, afterError }: Work<T>): Promise<T> {
  for (let pass = 1; pass <= limits.javascriptPasses_max; pass++) {
    results.beginPass();
    const outcome = await attempt().then(
      (answer) => ({ answer }),
      (error: unknown) => ({ error }),
    );
    if (results.unknown_rows > 0) {
      // What failed may have met a value that was not known yet; but not what the user or a limit has ended.
      if ("error" in outcome && (afterError === "fail" || isFinal(outcome.error))) throw outcome.error;
      await compute();
    } else if (results.failure !== null) throw results.failure;
    else if ("error" in outcome) throw outcome.error;
    else return outcome.answer;
  }
  throw new SqlError({
    sqlState: "54001",
    message: `calls of functions depend on each other's results more than ${limits.javascriptPasses_max} times`,
    hint: "Let the function do what the recursion does, or call it in a CREATE MATERIALIZED VIEW.",
  });
}

const isFinal = (error: unknown): boolean =>
  !(error instanceof SqlError) || ["57014", "54000", "53000", "53100", "40001"].includes(error.sqlState);

/** A cancel request while a function runs: DuckDB has nothing to interrupt then. */
function listen(session: Session): { readonly heard: Promise<never>; readonly end: () => void } {
  let hear: () => void = () => undefined;
  const heard = new Promise<never>((_, reject) => {
    hear = () => reject(new SqlError({ sqlState: "57014", message: "canceling statement due to user request" }));
  });
  heard.catch(() => undefined); // where nothing waits, DuckDB was interrupted
  session.onCancel.add(hear);
  return { heard, end: () => session.onCancel.delete(hear) };
}
