import { Marks } from "./marks.ts";
import { type Scenario, scenarioOf } from "./scenario.ts";
import { shrunk } from "./shrink.ts";
import type { Trace, Workshop } from "./workshop.ts";

/** Some seeds one after the other. */
export interface SeedRange {
  readonly from: number;
  readonly seeds: number;
}

export interface SeedFailure {
  readonly message: string;
  /** With no more steps than it takes. */
  readonly scenario: Scenario;
}

/** Plain data: one process tells it to another. */
export interface RangeReport {
  readonly failures: readonly SeedFailure[];
  readonly marks: readonly (readonly [mark: string, count: number])[];
  readonly events: number;
  readonly cpu_s: number;
}

export interface RangeOptions extends SeedRange {
  readonly on: "model" | "duckdb";
  readonly trace: Trace;
  readonly hashes: boolean;
  readonly print: (line: string) => void;
}

/** Shrinking takes as many runs as there are steps: the first failures say enough. */
const shrunk_max = 5;

/** Says each failure as it comes. */
export async function runSeeds(workshop: Workshop, { from, seeds, on, trace, hashes, print }: RangeOptions): Promise<RangeReport> {
  const marks = new Marks();
  const start_us = process.cpuUsage();
  const failures: SeedFailure[] = [];
  let events = 0;
  let running: number | null = null;
  const onExit = (): void => {
    if (running !== null) print(`seed ${running}: waits for something that never comes`);
  };
  process.on("exit", onExit);
  for (let seed = from; seed < from + seeds; seed++) {
    running = seed;
    const scenario = scenarioOf(seed);
    if (trace !== null) print(JSON.stringify(scenario, null, 1));
    const report = await workshop.run(scenario, trace, on);
    marks.merge(report.marks);
    events += report.events;
    if (hashes) print(`${seed} ${report.hash}`);
    if ((seed - from) % 500 === 499) print(`${seed + 1 - from} seeds, ${failures.length} failed`);
    if (report.failure === null) continue;
    print(`seed ${seed}: ${report.failure}`);
    failures.push({ message: report.failure, scenario });
  }
  running = null;
  process.off("exit", onExit);
  const cpu = process.cpuUsage(start_us);
  const least = [...(await shrunkFailures(workshop, failures, on)), ...failures.slice(shrunk_max)];
  return { failures: least, marks: marks.entries(), events, cpu_s: (cpu.user + cpu.system) / 1e6 };
}

async function shrunkFailures(workshop: Workshop, failures: readonly SeedFailure[], on: RangeOptions["on"]): Promise<SeedFailure[]> {
  const least: SeedFailure[] = [];
  for (const { message, scenario } of failures.slice(0, shrunk_max)) {
    const fails = async (less: Scenario): Promise<boolean> => (await workshop.run(less, null, on)).failure !== null;
    least.push({ message, scenario: await shrunk(scenario, fails) });
  }
  return least;
}
