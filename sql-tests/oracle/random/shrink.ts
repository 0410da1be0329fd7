import { type Case, consistent, type JobForm, type Step } from "./case.ts";
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
  yield* simplerForms(test);
  for (const query of smallerQueries(test.query)) yield { ...test, query };
  for (const steps of fewerChanges(test.steps)) yield withSteps(test, steps);
}

/** Without options, other sinks, views that nobody reads; with smaller views. */
function* simplerForms({ job = {}, ...test }: Case): Generator<Case> {
  const { views = [], inserts = [] } = job;
  if (job.options !== undefined) yield { ...test, job: without(job, "options") };
  if (job.emit !== undefined) yield { ...test, job: without(job, "emit") };
  if (inserts.length > 0) yield { ...test, job: without(job, "inserts") };
  for (const at of views.keys()) yield { ...test, job: { ...job, views: views.filter((_, i) => i !== at) } };
  for (const [at, view] of views.entries()) {
    if (view.kind !== "view") yield { ...test, job: { ...job, views: views.with(at, { ...view, kind: "view" }) } };
    for (const query of smallerQueries(view.query)) yield { ...test, job: { ...job, views: views.with(at, { ...view, query }) } };
  }
}

const without = (job: JobForm, part: keyof JobForm): JobForm => Object.fromEntries(Object.entries(job).filter(([name]) => name !== part));

const withSteps = (test: Case, steps: readonly Step[]): Case => ({ ...test, steps: consistent(steps) });

function* fewerSteps(steps: readonly Step[]): Generator<readonly Step[]> {
  if (steps.length <= 1) return;
  yield steps.slice(0, -1);
  for (let at = 0; at + 1 < steps.length; at++) {
    // What must not be seen is a step of its own.
    if (steps[at + 1]?.unseen === true) continue;
    yield steps.flatMap((step, i) => (i === at ? [] : i === at + 1 ? [joined(steps[at] as Step, step)] : [step]));
  }
}

const joined = (a: Step, b: Step): Step => ({
  ...b,
  changes: [...a.changes, ...b.changes],
  killAfter: b.killAfter ?? a.killAfter,
  advance_ms: (a.advance_ms ?? 0) + (b.advance_ms ?? 0),
});

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
