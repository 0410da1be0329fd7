import type { Batch, I64Column } from "../contract/batch.ts";
import type { Expression } from "../contract/expressions.ts";
import type { WatermarkSpec } from "../contract/job-graph.ts";
import { type Operator, type OperatorContext, type OperatorDefinition, type Output, watermark_max } from "../contract/operator.ts";
import { isInterval } from "../contract/value.ts";
import { type CompiledCalc, compileCalc } from "../expr/calc.ts";
import { sliceBatch } from "../contract/slice-batch.ts";
import { BadTimes } from "./bad-times.ts";
import { farthestHighWord, isExact, mayBeInfinite, WatermarkProgress } from "./watermark-progress.ts";

/** How a row's watermark comes about: its time less a constant, or any expression. */
type Rule = { readonly kind: "delay"; readonly delay_us: bigint } | { readonly kind: "expression"; readonly compiled: CompiledCalc };

class WatermarkAssigner implements Operator {
  readonly #spec: WatermarkSpec;
  readonly #context: OperatorContext;
  readonly #output: Output;
  readonly #rule: Rule;
  readonly #badTimes: BadTimes;
  readonly #progress = new WatermarkProgress();
  readonly #idleness: Idleness;

  constructor(spec: WatermarkSpec, context: OperatorContext, output: Output) {
    this.#spec = spec;
    this.#context = context;
    this.#output = output;
    this.#rule = ruleOf(spec, context);
    this.#badTimes = new BadTimes(spec, context);
    this.#idleness = new Idleness(spec.idleTimeout_ms, output);
  }

  batch(batch: Batch): void {
    this.#idleness.rowsCame();
    const farthest = farthestHighWord((batch.columns[this.#spec.timeColumn] as I64Column).values, batch.rows);
    const good = this.#badTimes.remove(batch, mayBeInfinite(farthest));
    if (good.rows === 0) return;
    const advance = this.#advanceOver(good, isExact(farthest));
    for (let from = 0; from < good.rows; ) {
      // Nothing is known when a piece starts with a late row: its own watermark was emitted in front of it.
      const to = advance(from);
      if (to > from) this.#output.batch(from === 0 && to === good.rows ? good : sliceBatch(good, from, to));
      this.#emit();
      from = to;
    }
  }

  /** Upstream watermarks know nothing of event time, but the last one says that no row will come. */
  watermark(watermark: bigint): void {
    if (watermark === watermark_max) this.#output.watermark(watermark);
  }

  idle(idle: boolean): void {
    this.#idleness.upstream(idle);
  }

  tick(now_ms: number): void {
    this.#idleness.tick(now_ms);
  }

  #emit(): void {
    if (this.#progress.current <= this.#progress.emitted) return;
    this.#progress.emitted = this.#progress.current;
    this.#output.watermark(this.#progress.current);
  }

  #advanceOver(batch: Batch, exact: boolean): (from: number) => number {
    const progress = this.#progress;
    const times = (batch.columns[this.#spec.timeColumn] as I64Column).values;
    if (this.#rule.kind === "delay") {
      const { delay_us } = this.#rule;
      return (from) => progress.advanceByDelay(times, from, batch.rows, delay_us, exact);
    }
    const now_us = BigInt(Math.floor(this.#context.world.clock.now_ms())) * 1_000n;
    const { values, validity } = this.#rule.compiled.run(batch, now_us).columns[0] as I64Column;
    return (from) => progress.advanceByValues(times, from, batch.rows, values, validity);
  }
}

/** Says when the stream falls idle and when it is active again; each change once. */
class Idleness {
  readonly #timeout_ms: number | null;
  readonly #output: Output;
  #cameSinceTick = true;
  #lastRows_ms = 0;
  #idle = false;

  constructor(timeout_ms: number | null, output: Output) {
    this.#timeout_ms = timeout_ms;
    this.#output = output;
  }

  rowsCame(): void {
    this.#cameSinceTick = true;
    this.#change(false);
  }

  upstream(idle: boolean): void {
    if (!idle) this.#cameSinceTick = true;
    this.#change(idle);
  }

  /** The clock is read once a tick instead of once a batch: idleness is found up to one tick late. */
  tick(now_ms: number): void {
    if (this.#cameSinceTick) {
      this.#cameSinceTick = false;
      this.#lastRows_ms = now_ms;
    } else if (this.#timeout_ms !== null && now_ms - this.#lastRows_ms >= this.#timeout_ms) this.#change(true);
  }

  #change(idle: boolean): void {
    if (this.#idle === idle) return;
    this.#idle = idle;
    this.#output.idle(idle);
  }
}

function ruleOf(spec: WatermarkSpec, context: OperatorContext): Rule {
  const delay_us = delayOf(spec.expression, spec.timeColumn);
  if (delay_us !== null) return { kind: "delay", delay_us };
  return { kind: "expression", compiled: compileCalc(null, [spec.expression], context.inputs[0] ?? { columns: [] }) };
}

const day_us = 86_400_000_000n;

/** `ts` and `ts - INTERVAL constant`, which need no evaluation per row. Months have no fixed length. */
function delayOf(e: Expression, timeColumn: number): bigint | null {
  if (e.kind === "column") return e.index === timeColumn ? 0n : null;
  if (e.kind !== "call" || (e.name !== "-" && e.name !== "+")) return null;
  const [time, delay] = e.arguments;
  if (time?.kind !== "column" || time.index !== timeColumn || delay?.kind !== "literal" || delay.value === null) return null;
  if (!isInterval(delay.value) || delay.value.months !== 0) return null;
  const length_us = BigInt(delay.value.days) * day_us + delay.value.micros;
  return e.name === "-" ? length_us : -length_us;
}

export const watermark: OperatorDefinition<WatermarkSpec> = {
  op: "watermark",
  doc: "Makes event time: emits the greatest value so far of the WATERMARK expression, and puts rows without a time aside.",
  stateTables: () => [],
  create: (spec, context, output) => new WatermarkAssigner(spec, context, output),
};
