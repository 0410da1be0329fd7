import type { SinkConnector } from "../../contract/connector.ts";

/** Nothing is kept: what the sink was given shows in its vertex's metrics. */
export const blackhole: SinkConnector = {
  name: "blackhole",
  doc: "Takes rows and drops them: for benchmarks.",
  options: [],
  exactlyOnce: true,
  createWriter: (_spec, { metrics }) => ({
    open: async () => undefined,
    write: (batch) => metrics.add("numRecordsOut", batch.rows),
    prepare: () => [],
    commit: async () => undefined,
    close: async () => undefined,
  }),
};
