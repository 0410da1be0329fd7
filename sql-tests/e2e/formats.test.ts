import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { compareWithBatch, type Difference, equal } from "../runner/compare.ts";
import { fixture } from "./fixture.ts";

const data = "node_modules/vega-datasets/data";
const queries = {
  delays: `SELECT origin, window_start, window_end, count(*) AS flights, avg(delay) AS delay, max(distance) AS farthest
    FROM TUMBLE(flights, ts, INTERVAL '1 day') GROUP BY origin, window_start, window_end`,
  late: "SELECT date, ts, delay, origin || '-' || destination AS way FROM flights WHERE delay > 60",
  weeks: `SELECT window_start, window_end, min(low) AS low, max(high) AS high, sum(volume) AS volume, count(*) AS days
    FROM HOP(prices, ts, INTERVAL '7 days', INTERVAL '28 days') GROUP BY window_start, window_end`,
} as const;

describe("sources of real files with computed time columns", () => {
  const f = fixture();
  let differences: readonly Difference[] = [];
  const ends: Record<string, string> = {};

  beforeAll(async () => {
    await f.rows(`CREATE SOURCE flights (date TEXT, delay BIGINT, distance BIGINT, origin TEXT, destination TEXT,
        ts AS strptime(date, '%Y/%m/%d %H:%M'), WATERMARK FOR ts AS ts - INTERVAL '5' MINUTE)
      WITH (connector = 'filesystem', path = '${data}/flights-20k.json', format = 'json')`);
    await f.rows(`CREATE SOURCE prices (date DATE, open DOUBLE, high DOUBLE, low DOUBLE, close DOUBLE, adjclose DOUBLE, volume BIGINT,
        ts AS CAST(date AS TIMESTAMP), WATERMARK FOR ts AS ts)
      WITH (connector = 'filesystem', path = '${data}/sp500-2000.csv', format = 'csv')`);
    for (const [job, query] of Object.entries(queries)) ends[job] = await f.run(job, query, "WITH (parallelism = 2)");
    await f.stop();
    differences = await compareWithBatch(
      join(f.directory, "data"),
      [
        `CREATE VIEW flights AS SELECT *, strptime(date, '%Y/%m/%d %H:%M') AS ts
           FROM read_json('${data}/flights-20k.json', columns = {date: 'VARCHAR', delay: 'BIGINT', distance: 'BIGINT', origin: 'VARCHAR', destination: 'VARCHAR'})`,
        `CREATE VIEW prices AS SELECT *, CAST(date AS TIMESTAMP) AS ts FROM read_csv('${data}/sp500-2000.csv')`,
      ],
      Object.entries(queries).map(([table, query]) => ({ table, query })),
    );
  });

  it.each(Object.keys(queries))("job %s equals the batch", (job) => {
    expect(ends[job]).toBe("FINISHED");
    expect(differences.find((d) => d.table === job)).toMatchObject(equal(job));
    expect(differences.find((d) => d.table === job)?.rows).toBeGreaterThan(200);
  });
});
