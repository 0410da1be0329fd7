import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OperatorSpec } from "../../../runtime/contract/job-graph.ts";
import { type Case, caseOf } from "./case.ts";
import { renderQuery } from "./grammar/query.ts";
import { openLaboratory } from "./laboratory.ts";
import { type Fault, faults, planted } from "./plant.ts";
import { isFailure, type Laboratory, runCase } from "./run-case.ts";

/** The random test finds a bug that is planted in an operator: what it lets pass, it has looked at. */
const candidates = 260;
const first_seed = 5_000;
/** Cases that use the operator, until one of them must fail. */
const cases_max = 25;

const [keeps, forgets, loses] = faults;
const all: readonly Fault[] = faults;

const bugs: Partial<Record<OperatorSpec["op"], readonly Fault[]>> = {
  calc: [keeps, forgets],
  groupAggregate: all,
  join: all,
  setOperation: all,
  rank: all,
  over: all,
  windowAggregate: [forgets, loses],
  sessionAggregate: [forgets],
  intervalJoin: [forgets, loses],
  asofJoin: [forgets, loses],
  windowJoin: [forgets, loses],
};

let laboratory: Awaited<ReturnType<typeof openLaboratory>>;
const byOperator = new Map<string, Case[]>();

beforeAll(async () => {
  laboratory = await openLaboratory();
  for (let seed = first_seed; seed < first_seed + candidates; seed++) {
    const test = caseOf(seed);
    for (const op of await operatorsOf(test)) byOperator.set(op, [...(byOperator.get(op) ?? []), test]);
  }
});
afterAll(() => laboratory.close());

async function operatorsOf(test: Case): Promise<ReadonlySet<string>> {
  const job = `CREATE STREAMING JOB job WITH (parallelism = ${test.parallelism[0] ?? 1}) AS ${renderQuery(test.query)};`;
  const planned = await laboratory.planning.plan(job).catch(() => null);
  return new Set(planned?.graph.vertices.flatMap(({ operators }) => operators.map(({ spec }) => spec.op)) ?? []);
}

/** How many cases it takes; null when none of them shows the bug. */
async function casesUntilFound(op: OperatorSpec["op"], fault: Fault): Promise<number | null> {
  const buggy: Laboratory = { ...laboratory, definitionOf: planted(op, fault) };
  const tests = (byOperator.get(op) ?? []).slice(0, cases_max);
  // A state is missed only after a crash behind a checkpoint.
  const due = fault === loses ? tests.map(withCrash) : tests;
  for (const [at, test] of due.entries()) if (isFailure(await runCase(test, buggy))) return at + 1;
  return null;
}

const withCrash = (test: Case): Case => ({ ...test, steps: test.steps.map((step, at) => ({ ...step, killAfter: at === 0 ? null : 3 })) });

describe("a planted bug is found", () => {
  const planting = Object.entries(bugs).flatMap(([op, of]) => of.map((fault) => [op as OperatorSpec["op"], fault] as const));
  it.each(planting)("%s %s", async (op, fault) => {
    expect(await casesUntilFound(op, fault)).toBeLessThanOrEqual(cases_max);
  });
});
