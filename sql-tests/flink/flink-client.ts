import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromMaven, ran } from "./maven.ts";

/** Flink's own command line, the class behind `bin/flink`. Rejects with why it cannot be had. */
export async function flinkClient(): Promise<string> {
  await ran("java", ["-version"], ".");
  return fromMaven("flink-clients", ["dependency:copy-dependencies", "-DoutputDirectory=lib"]);
}

const opens = ["java.util", "java.lang"].map((name) => `--add-opens=java.base/${name}=ALL-UNNAMED`);

/** `flink <args>` against the server at the URL; what it printed. Rejects when it fails. */
export async function flink(url: string, ...args: readonly string[]): Promise<string> {
  const directory = await flinkClient();
  const { hostname, port } = new URL(url);
  const conf = join(directory, `conf-${port}`);
  mkdirSync(conf, { recursive: true });
  writeFileSync(join(conf, "config.yaml"), `rest.address: ${hostname}\nrest.port: ${port}\njobmanager.rpc.address: ${hostname}\n`);
  return ran("java", [...opens, "-cp", join(directory, "lib", "*"), "org.apache.flink.client.cli.CliFrontend", ...args], directory, {
    FLINK_CONF_DIR: conf,
  });
}
