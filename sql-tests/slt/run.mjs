// npm run slt -- [--engine postgres] [--file NAME] [--build | --mark]: the .slt files at length.
import { spawnSync } from "node:child_process";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: { engine: { type: "string" }, file: { type: "string" }, build: { type: "boolean" }, mark: { type: "boolean" } },
});
const env = { ...process.env };
if (values.engine !== undefined) env.SLT_ENGINE = values.engine;
if (values.file !== undefined) env.SLT_FILE = values.file;
if (values.build === true) env.SLT_BUILD = "1";
if (values.mark === true) env.SLT_MARK = "1";
const { status } = spawnSync("npx", ["vitest", "run", "--config", "sql-tests/vitest.config.ts", "sql-tests/slt"], {
  env,
  stdio: "inherit",
});
process.exitCode = status ?? 1;
