// npm run fuzz -- [--cases N] [--seed S] [--failures N] [--lanes N] | --replay 'JSON' | --plant | --server [--cases N] [--seed S]
// The random oracle test at length; every planted bug; random cases through a server that is killed.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    cases: { type: "string" },
    seed: { type: "string" },
    failures: { type: "string" },
    lanes: { type: "string" },
    replay: { type: "string" },
    plant: { type: "boolean" },
    server: { type: "boolean" },
  },
});
const env = { ...process.env };
const forms = { plant: "plant.test.ts", server: "server.test.ts", random: "random.test.ts" };
const form = values.plant ? "plant" : values.server ? "server" : "random";
if (form === "plant") env.FUZZ_PLANT = "1";
else {
  env.FUZZ_CASES = values.cases ?? (form === "server" ? "50" : "2000");
  env.FUZZ_SEED = values.seed ?? String(Date.now() % 1_000_000_000);
  if (values.failures !== undefined) env.FUZZ_FAILURES = values.failures;
  if (values.lanes !== undefined) env.FUZZ_LANES = values.lanes;
  if (values.replay !== undefined) env.FUZZ_REPLAY = values.replay;
  else console.log(`seed ${env.FUZZ_SEED}`);
}
const vitest = ["vitest", "run", "--config", "sql-tests/vitest.config.ts", `sql-tests/oracle/random/${forms[form]}`];
const { status } = spawnSync("npx", [...vitest, "--disable-console-intercept"], { env, stdio: "inherit" });
process.exitCode = status ?? 1;
