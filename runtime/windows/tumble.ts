import { printDuration, printOffset } from "./duration.ts";
import type { WindowKind } from "./kind.ts";
import { sliceStart } from "./slice.ts";
import type { WindowSpec } from "../contract/job-graph.ts";

type Tumble = Extract<WindowSpec, { readonly kind: "tumble" }>;

export const tumble: WindowKind<Tumble> = {
  kind: "tumble",
  signature: "TUMBLE(table, time, size [, offset [, timezone]])",
  doc: "Windows of one size that follow each other: every row is in exactly one.",
  sliceLength_us: (spec) => spec.size_us,
  invalid: (spec) => (spec.size_us > 0n ? null : "the size of a window must be positive"),
  assign(spec, time_us) {
    const start_us = sliceStart(time_us, spec.size_us, spec.offset_us);
    return [{ start_us, end_us: start_us + spec.size_us }];
  },
  windowsPerRow: () => 1,
  print: (spec) => `tumble(${printDuration(spec.size_us)}${printOffset(spec.offset_us)})`,
};
