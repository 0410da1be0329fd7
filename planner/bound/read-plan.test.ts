import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SqlError } from "../../runtime/contract/errors.ts";
import type { PlanningDb } from "../../runtime/contract/planning-db.ts";
import { openPlanningDb } from "../../runtime/duckdb/planning-db.ts";
import { queries, schema } from "../../sql-tests/oracle/queries.ts";
import { object, objects, parsePlanJson } from "./json.ts";
import type { BoundPlan } from "./nodes.ts";
import { readPlan } from "./read-plan.ts";

let db: PlanningDb;

beforeAll(async () => {
  db = await openPlanningDb();
  for (const ddl of schema) await db.run(ddl);
});

afterAll(() => db.close());

async function bind(sql: string): Promise<BoundPlan> {
  const json = parsePlanJson(await db.plan(sql));
  if (json["error"] === true) throw new Error(`${sql}: ${String(json["error_message"])}`);
  return readPlan(object(objects(json, "plans")[0]));
}

describe("the reader of bound plans", () => {
  it("reads every query's plan with each reference of its column's type, or says what it does not know", async () => {
    const refused: string[] = [];
    for (const [id, sql] of queries) {
      try {
        await bind(sql);
      } catch (error) {
        if (!(error instanceof SqlError)) throw new Error(`${id}: ${sql}`, { cause: error });
        refused.push(`${id}: ${error.message}`);
      }
    }
    expect(refused).toMatchInlineSnapshot(`[]`);
  });

  it("agrees with DuckDB on the number and types of the columns", async () => {
    for (const [id, sql] of queries.filter(([id]) => /^(nx|tpch)/.test(id))) {
      expect(`${id}: ${(await bind(sql)).columns.length}`).toBe(`${id}: ${(await db.describe(sql)).length}`);
    }
  });
});
