import { SqlError } from "../../runtime/contract/errors.ts";
import type { ValuesContent } from "../../runtime/contract/job-graph.ts";
import { limits } from "../../runtime/contract/limits.ts";
import { isInterval, type Value } from "../../runtime/contract/value.ts";
import type { BoundTableFunction } from "../bound/nodes.ts";

const day_us = 86_400_000_000n;
const none: ValuesContent = { kind: "rows", rows: [] };

/** The values of `range` (without its end) or `generate_series` (with it) of constants: integers, or times a fixed interval apart. */
export function seriesOf(plan: BoundTableFunction, at: number | undefined): ValuesContent {
  const values = plan.arguments.map((a) => a.value);
  if (values.length === 0 || values.includes(null)) return none;
  const [first, second, third] = values;
  const start = values.length === 1 ? 0n : whole(first);
  const stop = values.length === 1 ? whole(first) : whole(second);
  const step = third === undefined ? 1n : stepOf(third ?? null, plan.name, at);
  if (start === null || stop === null || step === null) return none;
  if (step === 0n) throw new SqlError({ sqlState: "22023", message: `the step of ${plan.name}() must not be 0`, at });
  const count = countOf(start, stop, step, plan.name === "generate_series");
  if (count > BigInt(limits.series_rows_max)) {
    throw new SqlError({
      sqlState: "54000",
      message: `${plan.name}() of a job has at most ${limits.series_rows_max} rows`,
      hint: "Use the datagen connector for an input without end.",
      at,
    });
  }
  return { kind: "series", start, step, count: Number(count) };
}

const whole = (value: Value | undefined): bigint | null =>
  typeof value === "bigint" ? value : typeof value === "number" ? BigInt(value) : null;

function stepOf(value: Value, name: string, at: number | undefined): bigint | null {
  if (value === null || !isInterval(value)) return whole(value);
  if (value.months === 0) return BigInt(value.days) * day_us + value.micros;
  throw new SqlError({
    sqlState: "0A000",
    message: `${name}() with a step of months or years is not supported in a streaming job yet`,
    hint: "Use days or smaller units.",
    at,
  });
}

function countOf(start: bigint, stop: bigint, step: bigint, inclusive: boolean): bigint {
  const distance = step > 0n ? stop - start : start - stop;
  const size = step > 0n ? step : -step;
  if (distance < 0n || (distance === 0n && !inclusive)) return 0n;
  return inclusive ? distance / size + 1n : (distance + size - 1n) / size;
}
