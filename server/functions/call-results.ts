import { SqlError } from "../../runtime/contract/errors.ts";
import type { JavascriptFunction } from "../../runtime/contract/javascript.ts";
import { limits } from "../../runtime/contract/limits.ts";
import { formatType } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import type { Primitive } from "../../runtime/javascript/values.ts";

/** What is known of one statement's calls of functions. */
export class CallResults {
  readonly #functions = new Map<string, FunctionResults>();
  #count = 0;
  #bytes = 0;
  #failures = 0;
  /** Calls of this pass whose result is not known, repeated ones too. */
  unknown_rows = 0;
  /** The first failure that this pass has met. */
  failure: SqlError | null = null;

  constructor(functions: readonly JavascriptFunction[]) {
    for (const definition of functions) this.#functions.set(definition.name, { definition, results: new Map(), noted: new Map() });
  }

  beginPass(): void {
    this.unknown_rows = 0;
    this.failure = null;
  }

  /** The result of a call; null for now, and noted, where it is not known. */
  find(name: string, args: readonly Primitive[]): Value {
    const known = this.#functions.get(name);
    if (known === undefined) return null; // described only
    if (known.definition.strict && args.includes(null)) return null;
    const key = keyOf(args);
    const result = known.results.get(key);
    if (result === undefined) return this.#note(known, key, args);
    if (!(result instanceof SqlError)) return result;
    this.failure ??= result;
    return null;
  }

  #note({ noted, definition }: FunctionResults, key: string, args: readonly Primitive[]): null {
    this.unknown_rows++;
    if (noted.has(key)) return null;
    noted.set(key, args);
    this.#count++;
    this.#bytes += key.length * 2;
    if (this.#count > limits.javascriptCalls_max || this.#bytes > limits.javascriptCalls_bytes_max) throw tooMany(definition.name);
    return null;
  }

  /** The calls that were noted, function by function; they are noted no longer. */
  takeNoted(): readonly NotedCalls[] {
    const taken = [...this.#functions.values()].filter(({ noted }) => noted.size > 0);
    return taken.map((known) => {
      const calls = [...known.noted];
      known.noted.clear();
      return { definition: known.definition, calls };
    });
  }

  learn(name: string, key: string, result: Value | SqlError): void {
    this.#functions.get(name)?.results.set(key, result);
    if (typeof result === "string") this.#bytes += result.length * 2;
    // Some calls that fail may be none that the statement asks for in the end; so many are.
    if (result instanceof SqlError && ++this.#failures > failures_max) throw result;
  }
}

const failures_max = 100;

interface FunctionResults {
  readonly definition: JavascriptFunction;
  readonly results: Map<string, Value | SqlError>;
  readonly noted: Map<string, readonly Primitive[]>;
}

export interface NotedCalls {
  readonly definition: JavascriptFunction;
  /** Keys, for `learn`, and arguments. */
  readonly calls: readonly (readonly [string, readonly Primitive[]])[];
}

/** Arguments of one function as a text: their types are the same in every call. */
function keyOf(args: readonly Primitive[]): string {
  let key = "";
  for (const arg of args) {
    const text = arg === null ? "" : Object.is(arg, -0) ? "-0" : String(arg);
    key += arg === null ? "n" : `${text.length}:${text}`;
  }
  return key;
}

export const tooMany = (name: string): SqlError =>
  new SqlError({
    sqlState: "54000",
    message: `the statement calls function ${name} with too many different arguments`,
    detail: `The limit is ${limits.javascriptCalls_max} calls, or ${limits.javascriptCalls_bytes_max / 2 ** 20} MB of arguments and results.`,
    hint: "Call it in a CREATE MATERIALIZED VIEW, which has no such limit, and SELECT from that.",
  });

/** A call that failed, with its arguments. */
export function callFailed({ name, parameters }: JavascriptFunction, args: readonly Primitive[], message: string): SqlError {
  const values = parameters.map((p, i) => `${p.name} = ${shorten(String(args[i] ?? "NULL"))}`).join(", ");
  return new SqlError({ sqlState: "38000", message: `function ${name}${values === "" ? "" : ` for ${values}`}: ${message}` });
}

export function wrongResult(definition: JavascriptFunction, args: readonly Primitive[], result: Primitive): SqlError {
  const shown = typeof result === "string" ? `'${shorten(result)}'` : `${String(result)} (${typeof result})`;
  return callFailed(definition, args, `it returned ${shown}, which is no ${formatType(definition.returns)}`);
}

const shown_max = 80;
const shorten = (text: string): string => (text.length > shown_max ? `${text.slice(0, shown_max)}…` : text);
