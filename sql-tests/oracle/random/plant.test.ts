import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OperatorSpec } from "../../../runtime/contract/job-graph.ts";
import { operators } from "../../../runtime/operators/registry.ts";
import { type Case, caseOf, consistent, type Step } from "./case.ts";
import { openLaboratory } from "./laboratory.ts";
import { type Plant, planted } from "./plant.ts";
import { plantings } from "./plants.ts";
import { isFailure, runCase } from "./run-case.ts";

/**
 * The random test finds a bug that is planted in an operator: what it lets pass, it has looked at. Every operator gets one fault with
 * every test run; `npm run fuzz -- --plant` plants all of them.
 */
const all = process.env["FUZZ_PLANT"] !== undefined;
const first_seed = 5_000;
const seeds = 6_000;
/** Cases whose query asks for the operator, until one of them must fail. */
const cases_max = 40;

let laboratory: Awaited<ReturnType<typeof openLaboratory>>;
const byFeature = new Map<string, Case[]>();

beforeAll(async () => {
  laboratory = await openLaboratory();
  for (let seed = first_seed; seed < first_seed + seeds; seed++) {
    const test = caseOf(seed);
    for (const feature of test.features) byFeature.set(feature, [...(byFeature.get(feature) ?? []).slice(0, cases_max), test]);
  }
});
afterAll(() => laboratory.close());

/** In turn from each feature. */
function casesOf(features: readonly string[]): readonly Case[] {
  const lists = features.map((feature) => byFeature.get(feature) ?? []);
  return Array.from({ length: cases_max }, (_, n) => lists.flatMap((list) => list[n] ?? []))
    .flat()
    .slice(0, cases_max);
}

/** How many cases it takes; null when none of them shows the bug. */
async function casesUntilFound(op: OperatorSpec["op"], plant: Plant<OperatorSpec>, features: readonly string[]): Promise<number | null> {
  const buggy = { ...laboratory, definitionOf: planted(op, plant) };
  const tests = casesOf(features);
  const due = plant.atRestore ? tests.map(withCrash) : tests;
  for (const [at, test] of due.entries()) if (isFailure(await runCase(test, buggy))) return at + 1;
  return null;
}

/** A state is missed only after a crash behind a checkpoint. */
const withCrash = (test: Case): Case => ({
  ...test,
  steps: inTwo(test.steps).map((step, at) => ({ ...step, killAfter: at === 0 ? null : 3 })),
});

function inTwo(steps: readonly Step[]): readonly Step[] {
  const [only] = steps;
  if (only === undefined || steps.length > 1) return steps;
  const half = Math.ceil(only.changes.length / 2);
  return consistent([
    { ...only, changes: only.changes.slice(0, half) },
    { ...only, changes: only.changes.slice(half) },
  ]);
}

const planting = Object.entries(plantings).flatMap(([op, { features, plants }]) =>
  Array.isArray(features)
    ? (plants as readonly Plant<OperatorSpec>[])
        .slice(0, all ? undefined : 1)
        .map((plant) => ({ op: op as OperatorSpec["op"], bug: plant.bug, plant, features: features as readonly string[] }))
    : [],
);

describe("a planted bug is found", () => {
  it("in every operator of the registry", () => {
    expect(Object.keys(plantings).sort()).toEqual(Object.keys(operators).sort());
    expect(Object.values(plantings).every(({ plants }) => plants.length > 0)).toBe(true);
  });

  it.each(planting)("$op $bug", async ({ op, plant, features }) => {
    const found = await casesUntilFound(op, plant, features);
    if (all) process.stdout.write(`${op} ${plant.bug}: ${found === null ? "not found" : `after ${found} cases`}\n`);
    expect(found).not.toBeNull();
  });
});
