import { readFileSync } from "node:fs";
import { afterAll, describe, expect, it } from "vitest";
import type { OperatorNode } from "../../runtime/contract/job-graph.ts";
import { definitionOf } from "../../runtime/operators/registry.ts";
import { openPlanning } from "../../sql-tests/runner/planning.ts";

const planning = openPlanning(readFileSync(new URL("../../sql-tests/plans/catalog.inc", import.meta.url), "utf8"));
afterAll(() => planning.close());

async function nodesOf(statement: string): Promise<readonly OperatorNode[]> {
  const { graph } = await planning.run(statement);
  return graph.vertices.flatMap((v) => v.operators);
}

/** Uids of the operators that keep state or have a place in the catalog, in the graph's order. */
async function statefulUids(statement: string): Promise<readonly string[]> {
  const nodes = await nodesOf(statement);
  return nodes.map((n) => n.uid).filter((uid) => !/^(calc|localAggregate|windowAssign|watermark|unnest)-/.test(uid));
}

async function stateColumns(statement: string, operator: string): Promise<readonly string[]> {
  const node = (await nodesOf(statement)).find((n) => n.uid.startsWith(operator));
  if (node === undefined) throw new Error(`no operator ${operator}`);
  return (
    definitionOf(node.spec)
      .stateTables(node.spec, node.inputs, node.output)[0]
      ?.columns.map((c) => c.name) ?? []
  );
}

const job = (name: string, options: string, query: string): string => `CREATE STREAMING JOB ${name} WITH (${options}) AS ${query};`;
const narrow = (query: string): string => job("a", "parallelism = 1", query);

const hourly =
  "SELECT origin, window_end, count(*) AS n, sum(delay) AS d FROM TUMBLE(flights, date, INTERVAL '1' HOUR) GROUP BY origin, window_start, window_end";
const twice = `SELECT * FROM (${hourly}) UNION ALL SELECT * FROM (${hourly.replace("count(*)", "count(delay)")})`;
const grouped = "SELECT origin, count(*) AS n, sum(delay) AS d FROM flights GROUP BY origin";
const selfJoin = "SELECT a.origin, b.delay FROM flights a JOIN flights b ON a.origin = b.destination";

describe("uids", () => {
  it("are each an operator's own, in parts of calcs through DuckDB too", async () => {
    const query =
      "SELECT a.origin FROM flights a JOIN (SELECT last(destination ORDER BY destination DESC) AS d FROM flights WHERE delay > 0) b ON a.destination = b.d";
    const uids = (await nodesOf(narrow(query))).map((node) => node.uid);
    expect([...new Set(uids)]).toEqual(uids);
  });
});

describe("the uids of stateful operators", () => {
  it("can be read", async () => {
    expect(await statefulUids(narrow(hourly))).toEqual([
      "source-flights",
      expect.stringMatching(/^windowAggregate-origin-[0-9a-f]{6}$/),
      "sink",
    ]);
    expect(await statefulUids(narrow(selfJoin))).toEqual(["source-flights", expect.stringMatching(/^join-origin-[0-9a-f]{6}$/), "sink"]);
  });

  it("stay with another parallelism, phases, chains and name of the job", async () => {
    const first = await statefulUids(narrow(hourly));
    expect(first).toHaveLength(3);
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

  it("stay with other aggregates, columns, conditions, names and projections", async () => {
    const first = await statefulUids(narrow(grouped));
    for (const other of [
      grouped.replace("sum(delay) AS d", "max(delay * 2) AS m, count(DISTINCT destination) AS c"),
      grouped.replace("count(*) AS n, ", ""),
      grouped.replace("FROM flights", "FROM flights WHERE delay > 10"),
      "SELECT upper(o) AS o, n FROM (SELECT origin AS o, count(*) AS n FROM (SELECT delay, origin FROM flights) GROUP BY origin) WHERE n > 1",
    ]) {
      expect(await statefulUids(narrow(other))).toEqual(first);
    }
    const joined = await statefulUids(narrow(selfJoin));
    expect(await statefulUids(narrow(selfJoin.replace("b.delay", "a.date, b.destination, b.delay + 1 AS d")))).toEqual(joined);
  });

  it("are new for another window, key, condition of a join, or input", async () => {
    const different = async (query: string, changed: string): Promise<void> => {
      const [, operator] = await statefulUids(narrow(query));
      expect(operator).toBeDefined();
      expect(await statefulUids(narrow(changed))).not.toContain(operator);
    };
    await different(hourly, hourly.replace("'1' HOUR", "'2' HOUR"));
    await different(hourly, hourly.replaceAll("origin", "destination"));
    await different(
      grouped,
      `SELECT origin, count(*) AS n FROM (${grouped}) GROUP BY origin`.replace("GROUP BY origin)", "GROUP BY origin, delay)"),
    );
    await different(selfJoin, selfJoin.replace("b.destination", "b.origin"));
    await different(selfJoin, `${selfJoin} AND a.delay < b.delay`);
  });
});

describe("the columns of state", () => {
  it("are named by what they hold, not by where a query has it", async () => {
    expect(await stateColumns(narrow(grouped), "groupAggregate")).toEqual(["origin", "count_star", "sum_delay", "sum_delay_count", "rows"]);
    const swapped = "SELECT count(*) AS x, o, sum(d) AS y FROM (SELECT origin AS o, delay AS d FROM flights) GROUP BY o";
    expect(await stateColumns(narrow(swapped), "groupAggregate")).toEqual(await stateColumns(narrow(grouped), "groupAggregate"));
  });

  it("tell two expressions apart that a query gives one name", async () => {
    const over = (e: string): string => narrow(`SELECT origin, sum(x) AS s FROM (SELECT origin, ${e} AS x FROM flights) GROUP BY origin`);
    const [, twofold] = await stateColumns(over("delay * 2"), "groupAggregate");
    const [, threefold] = await stateColumns(over("delay * 3"), "groupAggregate");
    expect(twofold).toMatch(/^sum_delay_2_[0-9a-f]{6}$/);
    expect(threefold).not.toBe(twofold);
  });
});
