import { SqlError } from "../../runtime/contract/errors.ts";
import type { JavascriptFunction } from "../../runtime/contract/javascript.ts";
import { type Sandbox, SandboxEnded } from "../../runtime/javascript/sandbox.ts";
import { fromJavascript, type Primitive } from "../../runtime/javascript/values.ts";
import { callFailed, type CallResults, wrongResult } from "./call-results.ts";

const batch_rows = 2_048;

type Call = readonly [string, readonly Primitive[]];

/** Computes the calls that a pass has noted. A call that throws is known to fail; one that does not end, ends the statement. */
export async function computeNoted(results: CallResults, sandbox: Sandbox, functions: readonly JavascriptFunction[]): Promise<void> {
  for (const { definition, calls } of results.takeNoted()) {
    const f = functions.indexOf(definition);
    for (let from = 0; from < calls.length; from += batch_rows) {
      let left = calls.slice(from, from + batch_rows);
      while (left.length > 0) left = await computeBatch(left, { f, definition, sandbox, results });
    }
  }
}

interface Batch {
  readonly f: number;
  readonly definition: JavascriptFunction;
  readonly sandbox: Sandbox;
  readonly results: CallResults;
}

/** Learns the results up to and with the first call that throws; returns the calls behind it. */
async function computeBatch(calls: readonly Call[], batch: Batch): Promise<Call[]> {
  const { definition, results } = batch;
  const reply = await runBatch(calls, batch);
  if (reply.failure === undefined) {
    learnAll(calls, reply.results[0] ?? [], batch);
    return [];
  }
  const { row, message } = reply.failure;
  if (row < 0) throw new SqlError({ sqlState: "38000", message: `function ${definition.name}: ${message}` });
  const failed = calls[row] as Call;
  if (row > 0) await computeBatch(calls.slice(0, row), batch);
  results.learn(definition.name, failed[0], callFailed(definition, failed[1], message));
  return calls.slice(row + 1);
}

async function runBatch(calls: readonly Call[], { f, definition, sandbox }: Batch): ReturnType<Sandbox["run"]> {
  const columns = definition.parameters.map((_, c) => calls.map(([, args]) => args[c] ?? null));
  try {
    return await sandbox.run([{ f, rows: calls.length, columns }]);
  } catch (error) {
    if (!(error instanceof SandboxEnded)) throw error;
    const sqlState = error.why === "time" ? "57014" : error.why === "memory" ? "54000" : "38000";
    throw new SqlError({ sqlState, message: error.message, cause: error });
  }
}

function learnAll(calls: readonly Call[], values: readonly Primitive[], { definition, results }: Batch): void {
  const convert = fromJavascript(definition.returns);
  calls.forEach(([key, args], i) => {
    const value = convert(values[i] ?? null);
    results.learn(definition.name, key, value === undefined ? wrongResult(definition, args, values[i] ?? null) : value);
  });
}
