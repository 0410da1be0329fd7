import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { SqlError } from "../../runtime/contract/errors.ts";
import { openPlanning } from "../runner/planning.ts";

/**
 * Statements that are refused. The comments in front of each say how: `--fail=message`, `--state=`, `--hint=`, and `--at=`, the
 * text that the position points to.
 */
const planning = openPlanning(readFileSync(join(import.meta.dirname, "../plans/catalog.inc"), "utf8"));
afterAll(() => planning.close());

interface Refusal {
  readonly name: string;
  readonly expected: Readonly<Record<string, string>>;
  readonly sql: string;
}

/** A file holds several, each begun by its `--fail` line. */
const refusals: readonly Refusal[] = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith(".sql"))
  .flatMap((file) =>
    readFileSync(join(import.meta.dirname, file), "utf8")
      .split(/^(?=--fail=)/m)
      .filter((part) => part.trim() !== "")
      .map((part) => {
        const expected = Object.fromEntries([...part.matchAll(/^--(fail|state|hint|at)=(.*)$/gm)].map(([, key, value]) => [key, value]));
        return { name: `${file}: ${expected["fail"]}`, expected, sql: part.replaceAll(/^--.*\n/gm, "") };
      }),
  );

describe("refusals", () => {
  it.each(refusals)("$name", async ({ expected, sql }) => {
    const error = await planning.run(sql).then(
      () => null,
      (caught: unknown) => caught,
    );
    if (!(error instanceof SqlError)) throw error ?? new Error("it was planned");
    const found: Record<string, string | undefined> = { fail: error.message, state: error.sqlState, hint: error.hint };
    if (error.at !== undefined && expected["at"] !== undefined) found["at"] = sql.slice(error.at, error.at + expected["at"].length);
    expect(Object.fromEntries(Object.keys(expected).map((key) => [key, found[key]]))).toEqual(expected);
  });
});
