import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { PlanningDb } from "../../runtime/contract/planning-db.ts";
import { openPlanningDb } from "../../runtime/duckdb/planning-db.ts";
import { planningPrelude } from "./prelude-sql.ts";
import { rewriteQuery } from "./rewrite/rewrite-query.ts";

let db: PlanningDb;

beforeAll(async () => {
  db = await openPlanningDb();
  for (const statement of planningPrelude) await db.run(statement);
  await db.run("CREATE TABLE bid (auction BIGINT, price BIGINT, ts TIMESTAMP, tz TIMESTAMPTZ)");
});
afterAll(() => db.close());

const plan = (sql: string): Promise<string> => db.plan(rewriteQuery({ text: sql, at: 0 }).text);

describe("the planning prelude", () => {
  it.each([
    ["mr_tumble", "SELECT * FROM TUMBLE(bid, ts, INTERVAL '1 hour')"],
    ["mr_tumble", "SELECT * FROM TUMBLE(bid, tz, INTERVAL '1 hour', INTERVAL '-5 min')"],
    ["mr_tumble", "SELECT auction, count(*) FROM TUMBLE((SELECT * FROM bid WHERE price > 5), ts, '1 h') GROUP BY auction, window_end"],
    ["mr_hop", "SELECT b.auction FROM bid b JOIN HOP(bid, ts, '1 min', '1 h') h ON h.auction = b.auction AND h.window_end > b.ts"],
    ["mr_cumulate", "SELECT * FROM TABLE(CUMULATE(TABLE bid, DESCRIPTOR(ts), INTERVAL '1' MINUTE, INTERVAL '1' HOUR))"],
    ["mr_session", "SELECT auction, count(*) FROM SESSION(bid PARTITION BY auction, ts, '1 min') GROUP BY auction, window_start"],
    ["mr_session", "SELECT auction FROM SESSION((SELECT * FROM bid) PARTITION BY auction, price, ts, '1 min')"],
    ["mr_session", "WITH w AS (SELECT * FROM SESSION(bid, ts, '1 min')) SELECT * FROM w WHERE auction = 1"],
    ["mr_now", "SELECT * FROM bid WHERE ts > now() - INTERVAL '1 hour' AND tz < current_timestamp"],
    ["mr_now", "SELECT current_date, age(ts) FROM bid"],
  ])("leaves %s in the plan of %s", async (marker, sql) => {
    expect(await plan(sql)).toContain(`"${marker}"`);
  });

  it.each([
    ["SELECT 0xFF, acution FROM TUMBLE((SELECT * FROM bid), ts, INTERVAL '1 hour')", "acution"],
    ["SELECT 'é😀', * FROM TUMBLE(bid, tss, INTERVAL '1 hour')", "tss"],
    ["SELECT tsx FROM TABLE(TUMBLE(TABLE bidd, DESCRIPTOR(ts), INTERVAL '1' HOUR))", "bidd"],
  ])("leads to the misspelt name in %s", async (text, name) => {
    const rewritten = rewriteQuery({ text, at: 0 });
    const refusal = JSON.parse(await db.plan(rewritten.text)) as { position: string; name: string };
    const at = rewritten.mapName(Number(refusal.position), refusal.name);
    expect(text.slice(at)).toMatch(new RegExp(`^${name}`));
  });
});
