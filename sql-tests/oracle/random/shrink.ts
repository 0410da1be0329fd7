import { type Case, consistent, type Step } from "./case.ts";
import { smallerQueries } from "./shrink-query.ts";

/** Tries at most so many smaller cases. */
const tries_max = 600;

/** The smallest case found that still fails in the same way. */
export async function shrink(failing: Case, stillFails: (smaller: Case) => Promise<boolean>): Promise<Case> {
  let best = failing;
  let tries = 0;
  for (let progress = true; progress && tries < tries_max; ) {
    progress = false;
    for (const candidate of smallerCases(best)) {
      if (tries++ >= tries_max) break;
      if (!(await stillFails(candidate))) continue;
      best = candidate;
      progress = true;
      break;
    }
  }
  return best;
}

function* smallerCases(test: Case): Generator<Case> {
  if (test.parallelism.some((p) => p !== 1)) yield { ...test, parallelism: [1] };
  if (test.steps.some(({ killAfter }) => killAfter !== null))
    yield withSteps(
      test,
      test.steps.map((step) => ({ ...step, killAfter: null })),
    );
  for (const steps of fewerSteps(test.steps)) yield withSteps(test, steps);
  for (const query of smallerQueries(test.query)) yield { ...test, query };
  for (const steps of fewerChanges(test.steps)) yield withSteps(test, steps);
}

const withSteps = (test: Case, steps: readonly Step[]): Case => ({ ...test, steps: consistent(steps) });

function* fewerSteps(steps: readonly Step[]): Generator<readonly Step[]> {
  if (steps.length <= 1) return;
  yield steps.slice(0, -1);
  for (let at = 0; at + 1 < steps.length; at++) {
    yield steps.flatMap((step, i) => (i === at ? [] : i === at + 1 ? [joined(steps[at] as Step, step)] : [step]));
  }
}

const joined = (a: Step, b: Step): Step => ({ changes: [...a.changes, ...b.changes], killAfter: b.killAfter ?? a.killAfter });

/** Whole tables first, then halves, quarters … of each step, then single changes. */
function* fewerChanges(steps: readonly Step[]): Generator<readonly Step[]> {
  for (const table of new Set(steps.flatMap(({ changes }) => changes.map((change) => change.table)))) {
    yield steps.map((step) => ({ ...step, changes: step.changes.filter((change) => change.table !== table) }));
  }
  for (const [at, { changes }] of steps.entries()) {
    for (let size = changes.length; size >= 1; size = Math.floor(size / 2)) {
      for (let from = 0; from < changes.length; from += size) {
        const kept = [...changes.slice(0, from), ...changes.slice(from + size)];
        yield steps.map((step, i) => (i === at ? { ...step, changes: kept } : step));
      }
    }
  }
}
