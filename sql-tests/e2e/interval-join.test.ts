import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { removeDirectory, type ServerProcess, startServer, temporaryDirectory } from "../runner/server.ts";

describe("the state of an interval join", { timeout: 60_000 }, () => {
  const dataDirectory = temporaryDirectory();
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startServer({ dataDirectory });
  });
  afterAll(async () => {
    await server.stop();
    removeDirectory(dataDirectory);
  });

  it("stays as large as the bounds are wide, however many rows come", async () => {
    // 1,000 events in a second of event time, 92 % of them bids: 55,200 bids within 60 seconds.
    await server.query(
      "CREATE SOURCE bids (auction BIGINT, bidder BIGINT, date_time TIMESTAMP, WATERMARK FOR date_time AS date_time) WITH (connector = 'nexmark', events = 60000, event_rate = 1000)",
    );
    await server.query(
      "CREATE STREAMING JOB twice WITH (checkpoint_interval = '100ms') AS SELECT a.auction, a.date_time FROM bids a JOIN bids b ON a.auction = b.auction AND a.bidder = b.bidder AND b.date_time BETWEEN a.date_time + INTERVAL '1' MILLISECOND AND a.date_time + INTERVAL '2' SECOND",
    );
    const state = async (): Promise<unknown> => (await server.query("SELECT state FROM millrace.jobs WHERE name = 'twice'"))[0]?.["state"];
    await expect.poll(state, { timeout: 50_000, interval: 200 }).toBe("FINISHED");
    const [most] = await server.query(
      "SELECT max(state_rows)::INT AS rows, count(*)::INT AS checkpoints FROM millrace.checkpoints WHERE job = 'twice'",
    );
    expect(most?.["checkpoints"]).toBeGreaterThan(2);
    // Both sides of two seconds, half as much again for the last bucket of time, and as much for rows under way: of 110,400.
    expect(most?.["rows"]).toBeLessThan(30_000);
  });
});
