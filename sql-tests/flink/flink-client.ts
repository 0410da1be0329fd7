import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const version = "2.0.0";
const directory = join(tmpdir(), `millrace-flink-client-${version}`);

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>millrace</groupId><artifactId>flink-client</artifactId><version>1</version>
<dependencies><dependency><groupId>org.apache.flink</groupId><artifactId>flink-clients</artifactId><version>${version}</version></dependency></dependencies>
</project>`;

/** Flink's own command line, the class behind `bin/flink`; its jars are fetched once per machine. Rejects with why they cannot be had. */
export async function installFlinkClient(): Promise<void> {
  if (existsSync(join(directory, "lib"))) return;
  const unfinished = `${directory}-${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, "pom.xml"), pom);
  await ran("java", ["-version"], unfinished);
  await ran("mvn", ["-q", "-B", "dependency:copy-dependencies", "-DoutputDirectory=lib"], unfinished);
  if (existsSync(directory)) rmSync(unfinished, { recursive: true });
  else renameSync(unfinished, directory);
}

const opens = ["java.util", "java.lang"].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`);

/** `flink <args>` against the server at the URL; what it printed. Rejects when it fails. */
export async function flink(url: string, ...args: readonly string[]): Promise<string> {
  const { hostname, port } = new URL(url);
  const conf = join(directory, `conf-${port}`);
  mkdirSync(conf, { recursive: true });
  writeFileSync(join(conf, "config.yaml"), `rest.address: ${hostname}\nrest.port: ${port}\njobmanager.rpc.address: ${hostname}\n`);
  return ran("java", [...opens, "-cp", join(directory, "lib", "*"), "org.apache.flink.client.cli.CliFrontend", ...args], directory, {
    FLINK_CONF_DIR: conf,
  });
}

const run_ms_max = 240_000;

function ran(program: string, args: readonly string[], cwd: string, environment: NodeJS.ProcessEnv = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, env: { ...process.env, ...environment }, timeout: run_ms_max }, (error, out, err) => {
      if (error === null) resolve(out);
      else reject(new Error(`${program}: ${error.code === "ENOENT" ? "not installed" : `${out}\n${err}`.slice(-2_000)}`));
    });
  });
}
