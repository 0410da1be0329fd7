import type { WindowSpec } from "../contract/job-graph.ts";
import { printDuration, printOffset } from "./duration.ts";
import type { WindowKind } from "./kind.ts";
import { sliceStart } from "./slice.ts";

type Cumulate = Extract<WindowSpec, { readonly kind: "cumulate" }>;

/** The number of windows that hold a row depends on its step within the largest one. */
export const cumulate: WindowKind<Cumulate> = {
  kind: "cumulate",
  signature: "CUMULATE(table, time, step, size [, offset [, timezone]])",
  doc: "Windows with a common start that grow by a step up to the size, then start anew.",
  sliceLength_us: (spec) => spec.step_us,
  invalid(spec) {
    if (spec.step_us <= 0n || spec.maxSize_us <= 0n) return "the size and the step of a window must be positive";
    return spec.maxSize_us % spec.step_us === 0n ? null : "the size of a cumulating window must be a multiple of its step";
  },
  assign(spec, time_us) {
    const start_us = sliceStart(time_us, spec.maxSize_us, spec.offset_us);
    const firstStep = (time_us - start_us) / spec.step_us + 1n;
    const steps = spec.maxSize_us / spec.step_us;
    return Array.from({ length: Number(steps - firstStep + 1n) }, (_, s) => ({
      start_us,
      end_us: start_us + (firstStep + BigInt(s)) * spec.step_us,
    }));
  },
  windowsPerRow: (spec) => Number(spec.maxSize_us / spec.step_us),
  print: (spec) => `cumulate(${printDuration(spec.step_us)}, ${printDuration(spec.maxSize_us)}${printOffset(spec.offset_us)})`,
};
