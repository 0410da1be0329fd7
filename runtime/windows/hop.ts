import type { WindowSpec } from "../contract/job-graph.ts";
import { printDuration, printOffset } from "./duration.ts";
import type { WindowKind } from "./kind.ts";
import { sliceStart } from "./slice.ts";

type Hop = Extract<WindowSpec, { readonly kind: "hop" }>;

const windows_perRow_max = 10_000_000n;

export const hop: WindowKind<Hop> = {
  kind: "hop",
  signature: "HOP(table, time, slide, size [, offset [, timezone]])",
  doc: "Windows of one size that start every slide: a row is in size / slide of them.",
  sliceLength_us: (spec) => spec.slide_us,
  invalid(spec) {
    if (spec.slide_us <= 0n || spec.size_us <= 0n) return "the size and the slide of a window must be positive";
    if (spec.size_us % spec.slide_us !== 0n) return "the size of a hopping window must be a multiple of its slide";
    return spec.size_us / spec.slide_us > windows_perRow_max ? `a row would be in more than ${windows_perRow_max} windows` : null;
  },
  assign(spec, time_us) {
    const first = sliceStart(time_us, spec.slide_us, spec.offset_us) + spec.slide_us - spec.size_us;
    return Array.from({ length: Number(spec.size_us / spec.slide_us) }, (_, w) => {
      const start_us = first + BigInt(w) * spec.slide_us;
      return { start_us, end_us: start_us + spec.size_us };
    });
  },
  windowsPerRow: (spec) => Number(spec.size_us / spec.slide_us),
  print: (spec) => `hop(${printDuration(spec.slide_us)}, ${printDuration(spec.size_us)}${printOffset(spec.offset_us)})`,
};
