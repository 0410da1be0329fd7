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
      "CREATE SOURCE bids (auction BIGINT, bidder BIGINT, date_time TIMESTAMP, WATERMARK FOR date_time AS date_time) WITH (connector = 'nexmark', events = 60000, event_rate = 1000, rate = 20000)",
    );
    await server.query(
      "CREATE STREAMING JOB twice WITH (checkpoint_interval = '100ms') AS SELECT a.auction, a.date_time FROM bids a JOIN bids b ON a.auction = b.auction AND a.bidder = b.bidder AND b.date_time BETWEEN a.date_time + INTERVAL '1' MILLISECOND AND a.date_time + INTERVAL '2' SECOND",
    );
    const state = async (): Promise<unknown> => (await server.query("SELECT state FROM millrace.jobs WHERE name = 'twice'"))[0]?.["state"];
    const sizes: number[] = [];
    while ((await state()) !== "FINISHED") {
      sizes.push(await storedRows());
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(Math.max(...sizes)).toBeGreaterThan(1_000);
    // Two seconds, half as much again for the last bucket of time, and as much for rows under way: of 55,200.
    expect(Math.max(...sizes)).toBeLessThan(15_000);
  });

  /** Rows of one side in the last completed checkpoint. */
  async function storedRows(): Promise<number> {
    const [table] = await server.query("SELECT table_name FROM millrace.state_tables WHERE job = 'twice' AND state_table = 'left'");
    if (table === undefined) return 0;
    const [row] = await server.query(
      `SELECT count(*)::INT AS n FROM (
         SELECT deleted FROM millrace_state."${String(table["table_name"])}"
         QUALIFY row_number() OVER (PARTITION BY stored_by, stored_at_subtask, position ORDER BY checkpoint DESC) = 1) WHERE NOT deleted`,
    );
    return Number(row?.["n"]);
  }
});
