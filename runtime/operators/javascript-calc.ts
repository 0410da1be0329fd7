import type { Batch, Column } from "../contract/batch.ts";
import { assert, TaskFailure } from "../contract/errors.ts";
import type { JavascriptCalcSpec } from "../contract/javascript.ts";
import { limits } from "../contract/limits.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../contract/operator.ts";
import { columnOf, valueAt } from "../contract/rows.ts";
import { formatType } from "../contract/types.ts";
import type { Value } from "../contract/value.ts";
import { Sandbox, type SandboxCall } from "../javascript/sandbox.ts";
import { fromJavascript, type Primitive, toJavascript } from "../javascript/values.ts";

const sandboxLimits = { batch_ms_max: limits.javascriptBatch_ms_max, memory_mb_max: limits.javascriptMemory_mb_max };

/** Appends the results of functions of users, computed in a thread of theirs. */
class JavascriptCalc implements Operator {
  readonly #spec: JavascriptCalcSpec;
  readonly #output: Output;
  readonly #sandbox: Sandbox;

  constructor(spec: JavascriptCalcSpec, context: OperatorContext, output: Output) {
    this.#spec = spec;
    this.#output = output;
    this.#sandbox = new Sandbox(
      spec.calls.map((call) => call.function),
      context.world.timers,
      sandboxLimits,
    );
  }

  async batch(batch: Batch): Promise<void> {
    const calls = this.#spec.calls.map(
      (call, f): SandboxCall => ({ f, rows: batch.rows, columns: call.arguments.map((c, p) => this.#values(batch, c, f, p)) }),
    );
    const reply = await this.#sandbox.run(calls);
    if (reply.failure !== undefined) throw this.#failure(reply.failure.message, reply.failure.row, calls, reply.failure.name);
    const results = reply.results.map((values, f) => this.#column(values, f, calls));
    this.#output.batch({ rows: batch.rows, columns: [...batch.columns, ...results], weights: batch.weights });
  }

  #values(batch: Batch, column: number, f: number, parameter: number): readonly Primitive[] {
    const type = this.#spec.calls[f]?.function.parameters[parameter]?.type;
    assert(type !== undefined, "a call has an argument per parameter");
    const convert = toJavascript(type);
    const values = batch.columns[column] as Column;
    return Array.from({ length: batch.rows }, (_, row) => convert(valueAt(type, values, row)));
  }

  /** What came back is checked against the declared type. */
  #column(values: readonly Primitive[], f: number, calls: readonly SandboxCall[]): Column {
    const definition = this.#spec.calls[f]?.function;
    assert(definition !== undefined, "a result belongs to a call");
    const convert = fromJavascript(definition.returns);
    const checked = values.map((value, row): Value => {
      const result = convert(value);
      if (result !== undefined) return result;
      const shown = typeof value === "string" ? `'${shorten(value)}'` : `${String(value)} (${typeof value})`;
      throw this.#failure(`it returned ${shown}, which is no ${formatType(definition.returns)}`, row, calls, definition.name);
    });
    return columnOf(definition.returns, checked);
  }

  #failure(message: string, row: number, calls: readonly SandboxCall[], name: string): TaskFailure {
    const f = this.#spec.calls.findIndex((call) => call.function.name === name);
    const parameters = this.#spec.calls[f]?.function.parameters ?? [];
    const values = parameters.map((p, i) => `${p.name} = ${shorten(String(calls[f]?.columns[i]?.[row] ?? "NULL"))}`).join(", ");
    const where = row < 0 ? "" : ` for ${values === "" ? "a row" : values}`;
    return new TaskFailure("user", "fail", `function ${name}${where}: ${message}`, { sqlState: "38000" });
  }

  watermark(watermark: bigint): void {
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }

  close(): Promise<void> {
    return this.#sandbox.close();
  }
}

const shown_max = 80;
const shorten = (text: string): string => (text.length > shown_max ? `${text.slice(0, shown_max)}…` : text);

export const javascriptCalc: OperatorDefinition<JavascriptCalcSpec> = {
  op: "javascriptCalc",
  doc: "Computes functions that users wrote in JavaScript, in a thread without access to the process.",
  stateTables: () => [],
  create: (spec, context, output) => new JavascriptCalc(spec, context, output),
};
