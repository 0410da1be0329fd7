import { fork } from "node:child_process";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fileFound } from "./found.ts";
import { Marks } from "./marks.ts";
import { plants } from "./plants.ts";
import { missingMarks } from "./required-marks.ts";
import { type RangeReport, runSeeds, type SeedRange } from "./run-seeds.ts";
import { Workshop } from "./workshop.ts";

/** npm run sim -- [--seeds N] [--from S] [--jobs J] [--found DIRECTORY] | --seed N [--trace] [--duckdb]: see README.md. */
const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    from: { type: "string" },
    seed: { type: "string" },
    jobs: { type: "string" },
    found: { type: "string" },
    trace: { type: "boolean" },
    duckdb: { type: "boolean" },
    hashes: { type: "boolean" },
    plants: { type: "string" },
  },
});
const print = (line: string): void => console.log(line);

if (values.plants !== undefined) await findPlants(new RegExp(values.plants));
else if (process.send !== undefined) process.send(await here(rangeOf()));
else await runAll(rangeOf());

function rangeOf(): SeedRange {
  const from = Number(values.seed ?? values.from ?? 1);
  return { from, seeds: values.seed === undefined ? Number(values.seeds ?? 100) : 1 };
}

async function findPlants(wanted: RegExp): Promise<void> {
  const workshop = await Workshop.open();
  for (const [name, plant] of Object.entries(plants).filter(([name]) => wanted.test(name)))
    print(`${name}: seed ${await workshop.find(plant, 1_000)}`);
  await workshop.close();
}

async function here(range: SeedRange): Promise<RangeReport> {
  const workshop = await Workshop.open();
  const on = values.duckdb === true ? "duckdb" : "model";
  const report = await runSeeds(workshop, {
    ...range,
    on,
    trace: values.trace === true ? print : null,
    hashes: values.hashes === true,
    print,
  });
  await workshop.close();
  return report;
}

/** A part of the seeds in a process of its own. */
function elsewhere({ from, seeds }: SeedRange): Promise<RangeReport> {
  return new Promise((resolve, reject) => {
    const options = [...(values.duckdb === true ? ["--duckdb"] : []), ...(values.hashes === true ? ["--hashes"] : [])];
    const child = fork(process.argv[1] as string, ["--from", `${from}`, "--seeds", `${seeds}`, ...options]);
    let report: RangeReport | null = null;
    child.on("message", (message) => {
      report = message as RangeReport;
      child.disconnect();
    });
    child.on("error", reject);
    child.on("exit", (code) => (report === null ? reject(new Error(`seeds from ${from} on ended with ${code}`)) : resolve(report)));
  });
}

async function runAll(range: SeedRange): Promise<void> {
  const reports = await Promise.all(Number(values.jobs ?? 1) === 1 ? [here(range)] : parts(range).map(elsewhere));
  const marks = new Marks();
  for (const report of reports) for (const [mark, count] of report.marks) marks.add(mark, count);
  const failures = reports.flatMap((report) => report.failures);
  for (const { message, scenario } of failures) {
    print(
      `seed ${scenario.seed} fails with no more than ${JSON.stringify(scenario.steps)}: npm run sim -- --seed ${scenario.seed} --trace`,
    );
    print(`filed as ${fileFound(values.found ?? join("sql-tests", "sim", "found"), message, scenario)}`);
  }
  for (const [mark, count] of marks.entries()) print(`${String(count).padStart(8)} ${mark}`);
  const missing = missingMarks(marks, range.seeds);
  for (const mark of missing) print(`never happened: ${mark}`);
  const sum = (of: (report: RangeReport) => number): number => reports.reduce((total, report) => total + of(report), 0);
  const cpu_s = sum((report) => report.cpu_s);
  const rate = `${cpu_s.toFixed(1)} s of CPU, ${(range.seeds / cpu_s).toFixed(1)} seeds/s`;
  print(`${range.seeds} seeds, ${failures.length} failed, ${sum((report) => report.events)} events, ${rate}`);
  process.exitCode = failures.length > 0 || missing.length > 0 ? 1 : 0;
}

function parts({ from, seeds }: SeedRange): readonly SeedRange[] {
  const jobs = Math.min(seeds, Number(values.jobs));
  const edge = (job: number): number => from + Math.floor((seeds * job) / jobs);
  return Array.from({ length: jobs }, (_, job) => ({ from: edge(job), seeds: edge(job + 1) - edge(job) }));
}
