import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Comparison, compareWithBatch, type Difference, equal } from "../runner/compare.ts";
import { flightsFile, flightsSource, type WindowKind, windowQueries } from "../runner/flights.ts";
import { jobEnded, removeDirectory, type ServerProcess, startServer, temporaryDirectory } from "../runner/server.ts";

const kinds = Object.keys(windowQueries) as WindowKind[];
const parallelisms = [1, 2, 4] as const;
const cases = kinds.flatMap((kind) => parallelisms.map((parallelism) => ({ kind, parallelism, job: `${kind}_${parallelism}` })));

/** Every window kind over the three million flights, at parallelism 1, 2 and 4, must equal DuckDB's batch answer row for row. */
describe("window jobs over the flights", () => {
  const dataDirectory = temporaryDirectory();
  let server: ServerProcess;
  let differences: readonly Difference[] = [];
  const ends = new Map<string, string>();

  beforeAll(async () => {
    server = await startServer({ dataDirectory });
    await server.query(flightsSource);
    for (const { kind, parallelism, job } of cases) {
      await server.query(`CREATE STREAMING JOB ${job} WITH (parallelism = ${parallelism}) AS ${windowQueries[kind]}`);
      ends.set(job, await jobEnded(server, job, 120_000));
    }
    await server.stop();
    const comparisons: Comparison[] = cases.map(({ job, kind }) => ({ table: job, query: windowQueries[kind] }));
    differences = await compareWithBatch(dataDirectory, [`CREATE VIEW flights AS SELECT * FROM '${flightsFile}'`], comparisons);
  }, 600_000);

  afterAll(() => removeDirectory(dataDirectory));

  it.each(cases)("$kind at parallelism $parallelism equals the batch", ({ job }) => {
    expect(ends.get(job)).toBe("FINISHED");
    expect(differences.find((d) => d.table === job)).toMatchObject(equal(job));
    expect(differences.find((d) => d.table === job)?.rows).toBeGreaterThan(50_000);
  });
});
