import type { FunctionObject } from "../../planner/catalog.ts";
import type { Batch, Column } from "../../runtime/contract/batch.ts";
import { type JavascriptFunction, markerOf } from "../../runtime/contract/javascript.ts";
import { quoteName } from "../../runtime/contract/quote.ts";
import { columnOf, valueAt } from "../../runtime/contract/rows.ts";
import type { Store, StoreConnection } from "../../runtime/contract/store.ts";
import { bigint, formatType } from "../../runtime/contract/types.ts";
import type { World } from "../../runtime/contract/world.ts";
import { toJavascript } from "../../runtime/javascript/values.ts";
import { CallResults } from "./call-results.ts";
import { Turns } from "./turns.ts";

const variable = "mr_statement";

/** Functions written in JavaScript, as the store calls them; which statement a call belongs to, its connection's variable says. */
export class UserFunctions {
  readonly timers: World["timers"];
  readonly turns = new Turns();
  readonly #store: Store;
  readonly #declared = new Set<string>();
  readonly #statements = new Map<bigint, CallResults>();
  #last = 0n;

  constructor(store: Store, { timers }: World) {
    this.#store = store;
    this.timers = timers;
  }

  /** Declares the function to the store; returns the DDL of the macro that a SELECT calls it by. */
  declare(f: FunctionObject): string {
    if (f.javascript === null) return f.macro;
    const { name, parameters } = f.javascript;
    const marker = markerOf(f.javascript, formatType);
    if (!this.#declared.has(marker)) this.#declareMarker(marker, f.javascript);
    const args = parameters.map((p) => `CAST(${quoteName(p.name)} AS ${formatType(p.type)})`);
    const call = [`CAST(getvariable('${variable}') AS BIGINT)`, ...args].join(", ");
    return `CREATE OR REPLACE MACRO public.${quoteName(name)}(${parameters.map((p) => quoteName(p.name)).join(", ")}) AS ${marker}(${call})`;
  }

  /** Lets `work` see the statement's calls on the connection. */
  async during<T>(
    functions: readonly JavascriptFunction[],
    connection: StoreConnection,
    work: (results: CallResults) => Promise<T>,
  ): Promise<T> {
    const id = ++this.#last;
    const results = new CallResults(functions);
    this.#statements.set(id, results);
    try {
      await connection.run(`SET VARIABLE ${variable} = ${id}`);
      return await work(results);
    } finally {
      this.#statements.delete(id);
    }
  }

  #declareMarker(marker: string, { name, parameters, returns }: JavascriptFunction): void {
    const converters = parameters.map((p) => toJavascript(p.type));
    const valuesOf = (args: Batch, row: number) =>
      parameters.map((p, c) => converters[c]?.(valueAt(p.type, args.columns[c + 1] as Column, row)) ?? null);
    this.#store.declareFunction({
      name: marker,
      parameters: [bigint, ...parameters.map((p) => p.type)],
      returns,
      evaluate: (args) => {
        const id = args.rows === 0 ? null : valueAt(bigint, args.columns[0] as Column, 0);
        const results = this.#statements.get(id as bigint);
        const values = Array.from({ length: args.rows }, (_, row) => results?.find(name, valuesOf(args, row)) ?? null);
        return columnOf(returns, values);
      },
    });
    this.#declared.add(marker);
  }
}
