import { type Case, caseOf } from "./case.ts";
import { type Failure, Report } from "./report.ts";
import { isFailure, type Laboratory, type Outcome, runCase } from "./run-case.ts";
import { shrink } from "./shrink.ts";

export interface FuzzOptions {
  readonly seeds: Iterable<number>;
  /** Stops after so many failing cases. */
  readonly failures_max: number;
  /** Told of each failing case once it is as small as it gets. */
  readonly onFailure?: (failure: Failure) => void;
  /** Told before each case. */
  readonly onCase?: (seed: number) => void;
}

/** `from`, `from + 1` …: so many. */
export const seedsFrom = (from: number, count: number): readonly number[] => Array.from({ length: count }, (_, n) => from + n);

/** Seeds from `from` on, of cases that together ask for all of the features; at most `tries` are looked at. */
export function seedsCovering(features: readonly string[], from: number, tries: number): readonly number[] {
  const missing = new Set(features);
  return seedsFrom(from, tries).filter((seed) => {
    if (missing.size === 0) return false;
    const { size } = missing;
    for (const feature of caseOf(seed).features) missing.delete(feature);
    return missing.size < size;
  });
}

/** Runs the cases of the seeds, as many at a time as there are laboratories; failing ones are made smaller. */
export async function fuzz(
  options: FuzzOptions,
  laboratories: readonly Laboratory[],
): Promise<{ readonly report: Report; readonly failures: readonly Failure[] }> {
  const report = new Report();
  const failures: Failure[] = [];
  const seeds = options.seeds[Symbol.iterator]();
  const work = async (laboratory: Laboratory): Promise<void> => {
    for (let next = seeds.next(); !next.done && failures.length < options.failures_max; next = seeds.next()) {
      options.onCase?.(next.value);
      const test = caseOf(next.value);
      const outcome = await runCase(test, laboratory);
      report.add(test, outcome);
      if (!isFailure(outcome)) continue;
      const failure = await smallest(next.value, test, outcome, laboratory);
      failures.push(failure);
      options.onFailure?.(failure);
    }
  };
  await Promise.all(laboratories.map(work));
  return { report, failures };
}

async function smallest(seed: number, test: Case, outcome: Outcome, laboratory: Laboratory): Promise<Failure> {
  let last = outcome;
  const shrunk = await shrink(test, async (smaller) => {
    const found = await runCase(smaller, laboratory);
    if (!isSame(found, outcome)) return false;
    last = found;
    return true;
  });
  return { seed, outcome: last, shrunk };
}

/** A smaller case must not fail for another reason. */
function isSame(a: Outcome, b: Outcome): boolean {
  if (a.kind === "failed" && b.kind === "failed") return firstWords(a.message) === firstWords(b.message);
  return a.kind === b.kind && isFailure(a);
}

/** Numbers and names in a message change with the case. */
const firstWords = (message: string): string => (message.split("\n")[0] ?? "").replaceAll(/[0-9]+|"[^"]*"/g, "").slice(0, 60);
