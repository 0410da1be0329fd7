import { parseArgs } from "node:util";
import { Marks } from "./marks.ts";
import { scenarioOf } from "./scenario.ts";
import { Workshop } from "./workshop.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string" },
    from: { type: "string" },
    seed: { type: "string" },
    trace: { type: "boolean" },
    duckdb: { type: "boolean" },
    hashes: { type: "boolean" },
  },
});
const from = Number(values.seed ?? values.from ?? 1);
const seeds = values.seed === undefined ? Number(values.seeds ?? 100) : 1;

const workshop = await Workshop.open();
const marks = new Marks();
const start_us = process.cpuUsage();
let failed = 0;
let events = 0;
for (let seed = from; seed < from + seeds; seed++) {
  const scenario = scenarioOf(seed);
  if (values.trace === true) console.log(JSON.stringify(scenario, null, 1));
  const report = await workshop.run(
    scenario,
    values.trace === true ? (line) => console.log(line) : null,
    values.duckdb === true ? "duckdb" : "model",
  );
  marks.merge(report.marks);
  events += report.events;
  if (values.hashes === true) console.log(seed, report.hash);
  if (report.failure === null) continue;
  failed += 1;
  console.log(`seed ${seed}: ${report.failure}`);
}
const cpu = process.cpuUsage(start_us);
const cpu_s = (cpu.user + cpu.system) / 1e6;
for (const [mark, count] of marks.entries()) console.log(`${String(count).padStart(8)} ${mark}`);
console.log(`${seeds} seeds, ${failed} failed, ${events} events, ${cpu_s.toFixed(1)} s of CPU, ${(seeds / cpu_s).toFixed(1)} seeds/s`);
await workshop.close();
process.exitCode = failed > 0 ? 1 : 0;
