import type { CalcSpec } from "../contract/job-graph.ts";
import type { Operator, OperatorContext, OperatorDefinition, Output } from "../contract/operator.ts";
import { type CompiledCalc, compileCalc } from "../expr/calc.ts";

/** Stateless: one compiled row loop, then on. */
class Calc implements Operator {
  readonly #compiled: CompiledCalc;
  readonly #context: OperatorContext;
  readonly #output: Output;

  constructor(compiled: CompiledCalc, context: OperatorContext, output: Output) {
    this.#compiled = compiled;
    this.#context = context;
    this.#output = output;
  }

  batch(batch: Parameters<Operator["batch"]>[0]): void {
    const result = this.#compiled.run(batch, BigInt(Math.floor(this.#context.world.clock.now_ms())) * 1_000n);
    if (result.rows > 0) this.#output.batch(result);
  }

  watermark(watermark: bigint): void {
    this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#output.idle(idle);
  }
}

export const calc: OperatorDefinition<CalcSpec> = {
  op: "calc",
  doc: "Keeps the rows for which the filter is true and computes the projections.",
  stateTables: () => [],
  create: (spec, context, output) => {
    const input = context.inputs[0] ?? { columns: [] };
    return new Calc(compileCalc(spec.filter, spec.projections, input), context, output);
  },
};
