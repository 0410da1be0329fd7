import { SqlError } from "../../runtime/contract/errors.ts";
import type { Expression } from "../../runtime/contract/expressions.ts";
import type { WindowSpec } from "../../runtime/contract/job-graph.ts";
import { invalidWindow } from "../../runtime/windows/registry.ts";
import { requireInterval } from "../bound/values.ts";

const day_us = 86_400_000_000n;

/** The sizes of a marker call (`mr_tumble(time, size, offset)` …), in µs. Throws SqlError 22023 for sizes that make no windows. */
export function windowSpecOf(marker: string, sizes: readonly Expression[]): WindowSpec {
  const spec = readWindowSpec(marker, sizes);
  const wrong = invalidWindow(spec);
  if (wrong !== null) throw new SqlError({ sqlState: "22023", message: wrong });
  return spec;
}

function readWindowSpec(marker: string, sizes: readonly Expression[]): WindowSpec {
  const call = marker.replace("mr_", "").toUpperCase();
  const [first = 0n, second = 0n, third = 0n] = sizes.map((size) => micros(size, call));
  switch (marker) {
    case "mr_tumble":
      positive(first, call, "size");
      return { kind: "tumble", size_us: first, offset_us: second };
    case "mr_hop":
      positive(first, call, "slide");
      positive(second, call, "size");
      whole(second, first, call, "size", "slide");
      return { kind: "hop", size_us: second, slide_us: first, offset_us: third };
    default:
      positive(first, call, "step");
      positive(second, call, "size");
      whole(second, first, call, "size", "step");
      return { kind: "cumulate", maxSize_us: second, step_us: first, offset_us: third };
  }
}

export function gapOf(size: Expression | undefined): bigint {
  const gap_us = size === undefined ? 0n : micros(size, "SESSION");
  positive(gap_us, "SESSION", "gap");
  return gap_us;
}

function micros(size: Expression, call: string): bigint {
  const interval = requireInterval(size.kind === "literal" ? size.value : null, `the sizes of ${call}`);
  if (interval.months !== 0) {
    throw new SqlError({
      sqlState: "22023",
      message: `the sizes of ${call} must not contain months or years`,
      detail: "Months differ in length.",
      hint: "Use days or smaller units.",
    });
  }
  return BigInt(interval.days) * day_us + interval.micros;
}

function positive(size_us: bigint, call: string, what: string): void {
  if (size_us <= 0n) throw new SqlError({ sqlState: "22023", message: `the ${what} of ${call} must be positive` });
}

function whole(size_us: bigint, part_us: bigint, call: string, size: string, part: string): void {
  if (size_us % part_us === 0n) return;
  throw new SqlError({
    sqlState: "22023",
    message: `the ${size} of ${call} must be a multiple of its ${part}`,
    hint: `${call}(relation, time column, ${part}, ${size}).`,
  });
}

/** `1h`, `10s`, `1d 2h`, `1.5ms`: for EXPLAIN. */
export function durationText(micros_us: bigint): string {
  const units = [
    ["d", day_us],
    ["h", 3_600_000_000n],
    ["min", 60_000_000n],
    ["s", 1_000_000n],
    ["ms", 1_000n],
    ["us", 1n],
  ] as const;
  const parts: string[] = [];
  let rest = micros_us < 0n ? -micros_us : micros_us;
  for (const [unit, size] of units) {
    if (rest >= size) parts.push(`${rest / size}${unit}`);
    rest %= size;
  }
  return (micros_us < 0n ? "-" : "") + (parts.join(" ") || "0s");
}

/** `tumble(1h)`, `hop(size 10s, slide 2s)`, `cumulate(max 1d, step 1h)`, with the offset if there is one. */
export function windowText(window: WindowSpec): string {
  const offset = window.offset_us === 0n ? "" : `, offset ${durationText(window.offset_us)}`;
  switch (window.kind) {
    case "tumble":
      return `tumble(${durationText(window.size_us)}${offset})`;
    case "hop":
      return `hop(size ${durationText(window.size_us)}, slide ${durationText(window.slide_us)}${offset})`;
    case "cumulate":
      return `cumulate(max ${durationText(window.maxSize_us)}, step ${durationText(window.step_us)}${offset})`;
  }
}
