import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { openPlanning } from "../runner/planning.ts";

/** Each script, DDL and one job, has its plan beside it: logical plan, stream plan with state and lifetimes, job graph. */
const planning = openPlanning(readFileSync(join(import.meta.dirname, "catalog.inc"), "utf8"));
afterAll(() => planning.close());

const scripts = readdirSync(import.meta.dirname).filter((file) => file.endsWith(".sql"));

describe("plans", () => {
  it.each(scripts)("%s", async (file) => {
    const { explain, resultTables, notices, dependencies } = await planning.run(readFileSync(join(import.meta.dirname, file), "utf8"));
    const tables = resultTables.map(
      ({ name, schema, changelog, uniqueKey }) =>
        `${name}: ${changelog ? "changelog" : "append"}${uniqueKey === null ? "" : ` key (${uniqueKey.map((k) => schema.columns[k]?.name).join(", ")})`}`,
    );
    const golden = [
      ["== Logical plan ==", explain.logical],
      ["== Stream plan ==", explain.stream],
      ["== Job graph ==", explain.job],
      ["== Tables ==", tables.join("\n")],
      ["== Reads and writes ==", dependencies.join(", ")],
      ...(notices.length > 0 ? [["== Notices ==", notices.join("\n")]] : []),
    ];
    await expect(`${golden.map((part) => part.join("\n")).join("\n\n")}\n`).toMatchFileSnapshot(file.replace(".sql", ".golden"));
  });
});
