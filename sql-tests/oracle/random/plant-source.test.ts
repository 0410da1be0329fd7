import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { MaintainedJob } from "../../runner/in-thread/maintained-job.ts";
import type { DefinitionOf } from "../../runner/in-thread/task.ts";
import { openPlanning, type Planning } from "../../runner/planning.ts";
import { type Plant, planted } from "./plant.ts";
import { plantings } from "./plants.ts";
import { Random } from "./random.ts";
import { registryOperators } from "./run-case.ts";
import type { OperatorSpec } from "../../../runtime/contract/job-graph.ts";

/** The laboratory feeds its sources itself; here they read files, in splits that a crash interrupts. */
const directory = mkdtempSync(join(tmpdir(), "millrace-plant-"));
const [files, rows] = [6, 25];
let planning: Planning;

beforeAll(() => {
  for (let f = 0; f < files; f++) {
    const lines = Array.from({ length: rows }, (_, n) => JSON.stringify({ id: f * rows + n, k: n % 3 }));
    writeFileSync(join(directory, `${f}.jsonl`), `${lines.join("\n")}\n`);
  }
  planning = openPlanning(
    `CREATE SOURCE f (id BIGINT, k INTEGER) WITH (connector = 'filesystem', path = '${directory}/*.jsonl', format = 'json');`,
  );
});
afterAll(() => {
  planning.close();
  rmSync(directory, { recursive: true });
});

/** Reads all files, with a crash somewhere among them; the ids that are there in the end. */
async function idsRead(seed: number, definitionOf: DefinitionOf): Promise<readonly bigint[]> {
  const random = new Random(seed);
  const job = new MaintainedJob({
    definitionOf,
    random: (below) => random.below(below),
    declaredOf: () => ({ columns: [] }),
    readsSources: true,
    plan: (parallelism) => planning.plan(`CREATE STREAMING JOB job WITH (parallelism = ${parallelism}) AS SELECT id FROM f WHERE k >= 0;`),
  });
  await job.start(random.between(1, 3));
  if (!(await job.checkpoint(random.between(4, 40)))) {
    job.crash();
    await job.start(random.between(1, 3));
    await job.checkpoint();
  }
  await job.close();
  return job
    .result()
    .rows.map(([id]) => id as bigint)
    .sort((a, b) => Number(a - b));
}

const all = Array.from({ length: files * rows }, (_, id) => BigInt(id));
const seeds = Array.from({ length: 20 }, (_, n) => n + 1);

describe("a source of files", () => {
  it("reads every row once, whenever the job dies", async () => {
    for (const seed of seeds) expect(await idsRead(seed, registryOperators)).toEqual(all);
  });

  it.each(plantings.source.plants as readonly Plant<OperatorSpec>[])("shows a planted bug: $bug", async (plant) => {
    const found: number[] = [];
    for (const seed of seeds) {
      const ids = await idsRead(seed, planted("source", plant));
      if (ids.length !== all.length) found.push(seed);
    }
    expect(found).not.toEqual([]);
  });
});
