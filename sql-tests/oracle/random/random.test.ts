import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Case } from "./case.ts";
import { fuzz, seedsCovering, seedsFrom } from "./fuzz.ts";
import { features } from "./grammar/features.ts";
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
const isLong = process.env["FUZZ_CASES"] !== undefined;
const failures_max = Number(process.env["FUZZ_FAILURES"] ?? 3);

/** While one case waits for DuckDB, which works in threads of its own, another goes on. */
const lanes = Number(process.env["FUZZ_LANES"] ?? 2);

let laboratories: Awaited<ReturnType<typeof openLaboratory>>[];
let laboratory: (typeof laboratories)[number];
beforeAll(async () => {
  laboratory = await openLaboratory();
  laboratories = [laboratory];
  while (laboratories.length < lanes) laboratories.push(await openLaboratory());
});
afterAll(async () => {
  for (const each of laboratories) await each.close();
});

describe("a maintained result", () => {
  it.runIf(replay === undefined)("of a random query equals its batch after every step", { timeout: 3_600_000 }, async () => {
    const started_ms = performance.now();
    const onFailure = (failure: Failure): void => void (isLong && process.stdout.write(`${describeFailure(failure)}\n`));
    const onCase = (at: number): void => void (isLong && (at - seed) % 100 === 0 && process.stdout.write(`${at - seed} cases\n`));
    // The short form asks for everything once.
    const covering = isLong ? [] : seedsCovering(features, seed, 6_000);
    const seeds = new Set([...covering, ...seedsFrom(seed, Math.max(0, cases - covering.length))]);
    const { report, failures } = await fuzz({ seeds, failures_max, onFailure, onCase }, laboratories);
    const missing = report.unanswered(features);
    if (isLong) {
      const perSecond = (cases / (performance.now() - started_ms)) * 1_000;
      process.stdout.write(`${report.text()}\nnot asked for: ${missing.join("; ")}\n${perSecond.toFixed(1)} cases a second\n`);
    }
    expect(isLong ? [] : missing).toEqual([]);
    expect(failures.map(describeFailure).join("\n\n")).toBe("");
    expect(report.asked().filter((feature) => !features.includes(feature))).toEqual([]);
    expect(report.counts.equal).toBeGreaterThan(seeds.size * 0.9);
    expect(report.counts.invalid).toBeLessThanOrEqual(Math.max(1, seeds.size / 20));
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
