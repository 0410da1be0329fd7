import { describe, expect, it } from "vitest";
import { compareWithBatch, equal } from "../runner/compare.ts";
import { flightsFile, flightsSource, type WindowKind, windowQueries } from "../runner/flights.ts";
import { randomOf } from "../runner/random.ts";
import { sleep } from "./sleep.ts";
import { removeDirectory, type ServerProcess, startServer, temporaryDirectory } from "../runner/server.ts";

/** Runs and first seed: `CHAOS_RUNS=20 CHAOS_SEED=1 npm run chaos` is the long form. */
const runs = Number(process.env["CHAOS_RUNS"] ?? 2);
const firstSeed = Number(process.env["CHAOS_SEED"] ?? 1);
const kills_max = 4;
const alive_ms_max = 2_500;

const kinds = Object.keys(windowQueries) as WindowKind[];

const stateOf = async (server: ServerProcess): Promise<string> =>
  String((await server.query("SELECT state FROM millrace.jobs WHERE name = 'j'"))[0]?.["state"]);

/** Kills the server at random moments while the job runs, restarts it each time, and lets it finish. */
async function killRun(
  seed: number,
): Promise<{ readonly kills: readonly number[]; readonly kind: WindowKind; readonly dataDirectory: string }> {
  const random = randomOf(seed);
  const kind = kinds[Math.floor(random() * kinds.length)] as WindowKind;
  const dataDirectory = temporaryDirectory();
  let server = await startServer({ dataDirectory });
  await server.query(flightsSource);
  await server.query(
    `CREATE STREAMING JOB j WITH (parallelism = ${1 + Math.floor(random() * 3)}, checkpoint_interval = '200ms',
       unaligned_checkpoints = ${seed % 2 === 0 ? "on" : "off"}) AS ${windowQueries[kind]}`,
  );
  const kills: number[] = [];
  for (let k = 0; k < kills_max && (await stateOf(server)) !== "FINISHED"; k++) {
    const after_ms = Math.round(random() * alive_ms_max);
    await sleep(after_ms);
    await server.kill();
    kills.push(after_ms);
    server = await startServer({ dataDirectory });
  }
  for (let state = await stateOf(server); state !== "FINISHED"; state = await stateOf(server)) {
    expect(["CREATED", "INITIALIZING", "RUNNING", "RESTARTING"]).toContain(state);
    await sleep(100);
  }
  await server.stop();
  return { kills, kind, dataDirectory };
}

describe("kill -9 of the server at random moments", () => {
  it.each(Array.from({ length: runs }, (_, i) => firstSeed + i))(
    "leaves the result exact (seed %i)",
    { timeout: 180_000 },
    async (seed) => {
      const { kind, kills, dataDirectory } = await killRun(seed);
      const [difference] = await compareWithBatch(
        dataDirectory,
        [`CREATE VIEW flights AS SELECT * FROM '${flightsFile}'`],
        [{ table: "j", query: windowQueries[kind] }],
      );
      process.stdout.write(`chaos seed ${seed}: ${kind}, killed after ${kills.join(", ")} ms, ${difference?.rows} rows\n`);
      expect(difference).toMatchObject(equal("j"));
      removeDirectory(dataDirectory);
    },
  );
});
