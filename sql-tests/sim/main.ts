import { parseArgs } from "node:util";
import { Marks } from "./marks.ts";
import { plants } from "./plants.ts";
import { type Scenario, scenarioOf } from "./scenario.ts";
import { shrunk } from "./shrink.ts";
import { type Trace, Workshop } from "./workshop.ts";

/** npm run sim -- [--seeds N] [--from S] | --seed N [--trace] [--duckdb]: see README.md. */
const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    from: { type: "string" },
    seed: { type: "string" },
    trace: { type: "boolean" },
    duckdb: { type: "boolean" },
    hashes: { type: "boolean" },
    plants: { type: "string" },
  },
});
const from = Number(values.seed ?? values.from ?? 1);
const seeds = values.seed === undefined ? Number(values.seeds ?? 100) : 1;
const on = values.duckdb === true ? "duckdb" : "model";
const print = (line: string): void => console.log(line);
const trace: Trace = values.trace === true ? print : null;

let running: number | null = null;
process.on("exit", () => {
  if (running !== null) print(`seed ${running}: waits for something that never comes`);
});

const workshop = await Workshop.open();
if (values.plants !== undefined) {
  const wanted = new RegExp(values.plants);
  for (const [name, plant] of Object.entries(plants).filter(([name]) => wanted.test(name)))
    print(`${name}: seed ${await workshop.find(plant, 1_000)}`);
  await workshop.close();
  process.exit(0);
}
const marks = new Marks();
const start_us = process.cpuUsage();
const failed: Scenario[] = [];
let events = 0;
for (let seed = from; seed < from + seeds; seed++) {
  running = seed;
  const scenario = scenarioOf(seed);
  if (trace !== null) print(JSON.stringify(scenario, null, 1));
  const report = await workshop.run(scenario, trace, on);
  marks.merge(report.marks);
  events += report.events;
  if (values.hashes === true) print(`${seed} ${report.hash}`);
  if ((seed - from) % 500 === 499) print(`${seed + 1 - from} seeds, ${failed.length} failed`);
  if (report.failure === null) continue;
  failed.push(scenario);
  print(`seed ${seed}: ${report.failure}`);
}
running = null;

for (const scenario of failed.slice(0, 5)) {
  const { steps } = await shrunk(scenario, async (less) => (await workshop.run(less, null, on)).failure !== null);
  print(`seed ${scenario.seed} fails with no more than ${JSON.stringify(steps)}: npm run sim -- --seed ${scenario.seed} --trace`);
}
for (const [mark, count] of marks.entries()) print(`${String(count).padStart(8)} ${mark}`);
const cpu = process.cpuUsage(start_us);
const cpu_s = (cpu.user + cpu.system) / 1e6;
print(`${seeds} seeds, ${failed.length} failed, ${events} events, ${cpu_s.toFixed(1)} s of CPU, ${(seeds / cpu_s).toFixed(1)} seeds/s`);
await workshop.close();
process.exitCode = failed.length > 0 ? 1 : 0;
