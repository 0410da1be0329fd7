import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import { openPlanning } from "../../sql-tests/runner/planning.ts";

const planning = openPlanning(readFileSync(new URL("../../sql-tests/plans/catalog.inc", import.meta.url), "utf8"));
afterAll(() => planning.close());

/** Uids of the operators that keep state, in the graph's order. */
async function statefulUids(job: string): Promise<readonly string[]> {
  const { graph } = await planning.run(job);
  const nodes = graph.vertices.flatMap((v) => v.operators);
  return nodes.map((n) => n.uid).filter((uid) => /^(source|watermark|windowAggregate|groupAggregate|windowJoin|sink)-/.test(uid));
}

const job = (name: string, options: string, query: string): string => `CREATE STREAMING JOB ${name} WITH (${options}) AS ${query};`;

const hourly =
  "SELECT origin, window_end, count(*) AS n, sum(delay) AS d FROM TUMBLE(flights, date, INTERVAL '1' HOUR) GROUP BY origin, window_start, window_end";
const twice = `SELECT * FROM (${hourly}) UNION ALL SELECT * FROM (${hourly.replace("count(*)", "count(delay)")})`;

describe("the uids of stateful operators", () => {
  it("stay with another parallelism, phases, chains and name of the job", async () => {
    const first = await statefulUids(job("a", "parallelism = 1", hourly));
    expect(first).toHaveLength(4);
    for (const options of ["parallelism = 4", "parallelism = 2, local_aggregate = 'off'", "parallelism = 3, chaining = 'off'"]) {
      expect([...(await statefulUids(job("b", options, hourly)))].sort()).toEqual([...first].sort());
    }
  });

  it("stay when two aggregates share a source, with local phases and without", async () => {
    const on = await statefulUids(job("a", "parallelism = 2", twice));
    const off = await statefulUids(job("a", "parallelism = 2, local_aggregate = 'off'", twice));
    expect([...on].sort()).toEqual([...off].sort());
    expect(new Set(on).size).toBe(on.length);
  });

  it("are new for another window, another key and another aggregate", async () => {
    const [, , aggregate] = await statefulUids(job("a", "parallelism = 1", hourly));
    for (const other of [
      hourly.replace("'1' HOUR", "'2' HOUR"),
      hourly.replaceAll("origin", "destination"),
      hourly.replace("sum", "max"),
    ]) {
      expect(await statefulUids(job("a", "parallelism = 1", other))).not.toContain(aggregate);
    }
  });
});
