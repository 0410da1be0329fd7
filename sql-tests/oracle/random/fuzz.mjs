// npm run fuzz -- [--cases N] [--seed S] [--failures N] | --replay 'JSON': the random oracle test at length.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { cases: { type: "string" }, seed: { type: "string" }, failures: { type: "string" }, replay: { type: "string" } },
});
const env = { ...process.env, FUZZ_CASES: values.cases ?? "2000", FUZZ_SEED: values.seed ?? String(Date.now() % 1_000_000_000) };
if (values.failures !== undefined) env.FUZZ_FAILURES = values.failures;
if (values.replay !== undefined) env.FUZZ_REPLAY = values.replay;
if (values.replay === undefined) console.log(`seed ${env.FUZZ_SEED}`);
const vitest = ["vitest", "run", "--config", "sql-tests/vitest.config.ts", "sql-tests/oracle/random/random.test.ts"];
const { status } = spawnSync("npx", [...vitest, "--disable-console-intercept"], { env, stdio: "inherit" });
process.exitCode = status ?? 1;
