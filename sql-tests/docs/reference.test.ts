import { describe, expect, it } from "vitest";
import { renderConnectors, renderFunctions, renderJobOptions, renderMetrics, renderWindows } from "./reference.ts";
import { renderAggregates } from "./reference-aggregates.ts";
import { renderHttp } from "./reference-http.ts";
import { renderStatements } from "./reference-statements.ts";
import { renderStates } from "./reference-states.ts";
import { renderSystemTables } from "./reference-system-tables.ts";

const pages = {
  functions: renderFunctions,
  aggregates: renderAggregates,
  connectors: renderConnectors,
  http: renderHttp,
  "job-options": renderJobOptions,
  metrics: renderMetrics,
  statements: renderStatements,
  states: renderStates,
  "system-tables": renderSystemTables,
  windows: renderWindows,
} as const satisfies Readonly<Record<string, () => string | Promise<string>>>;

/** The pages under docs/reference say what the registries say; `npm run golden` writes them anew. */
describe("docs/reference", () => {
  it.each(Object.entries(pages))("%s.md is up to date", async (name, render) => {
    await expect(await render()).toMatchFileSnapshot(`../../docs/reference/${name}.md`);
  });
});
