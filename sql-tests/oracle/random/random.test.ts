import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Case } from "./case.ts";
import { fuzz } from "./fuzz.ts";
import { openLaboratory } from "./laboratory.ts";
import { describeFailure, type Failure } from "./report.ts";
import { runCase } from "./run-case.ts";

/**
 * Random queries over random tables that change, against DuckDB's batch after every step (design D9). The long form is
 * `npm run fuzz -- --cases N --seed S`; it prints a line to run a failing case again.
 */
const replay = process.env["FUZZ_REPLAY"];
const cases = Number(process.env["FUZZ_CASES"] ?? 120);
const seed = Number(process.env["FUZZ_SEED"] ?? 1);
const failures_max = Number(process.env["FUZZ_FAILURES"] ?? 3);

let laboratory: Awaited<ReturnType<typeof openLaboratory>>;
beforeAll(async () => {
  laboratory = await openLaboratory();
});
afterAll(() => laboratory.close());

describe("a maintained result", () => {
  it.runIf(replay === undefined)("of a random query equals its batch after every step", { timeout: 3_600_000 }, async () => {
    const isLong = process.env["FUZZ_CASES"] !== undefined;
    const onFailure = (failure: Failure): void => void (isLong && process.stdout.write(`${describeFailure(failure)}\n`));
    const onCase = (at: number): void => void (isLong && (at - seed) % 100 === 0 && process.stdout.write(`${at - seed} cases\n`));
    const { report, failures } = await fuzz({ seed, cases, failures_max, onFailure, onCase }, laboratory);
    if (isLong) process.stdout.write(`${report.text()}\n`);
    expect(failures.map(describeFailure).join("\n\n")).toBe("");
    expect(report.counts.equal).toBeGreaterThan(cases * 0.9);
    expect(report.counts.invalid).toBeLessThanOrEqual(cases / 20);
  });

  it.runIf(replay !== undefined)("of the case given", async () => {
    const test = JSON.parse(replay ?? "") as Case;
    const outcome = await runCase(test, laboratory);
    expect(outcome.kind === "equal" ? "" : describeFailure({ seed: 0, outcome, shrunk: test })).toBe("");
  });
});

/** Cases that failed once, in the words of their replay. */
const found = new URL("found/", import.meta.url);
const names = readdirSync(found).filter((name) => name.endsWith(".json"));

describe.skipIf(names.length === 0)("a case that once failed", () => {
  it.each(names)("%s", async (name) => {
    const test = JSON.parse(readFileSync(new URL(name, found), "utf8")) as Case;
    const outcome = await runCase(test, laboratory);
    expect(outcome.kind === "equal" || outcome.kind === "refused" ? "" : describeFailure({ seed: 0, outcome, shrunk: test })).toBe("");
  });
});
