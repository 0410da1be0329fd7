import { execFile } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Of Flink, whose tools are tried. */
export const flinkVersion = "2.0.0";

const pomOf = (artifact: string): string => `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>millrace</groupId><artifactId>${artifact}</artifactId><version>1</version>
<dependencies><dependency><groupId>org.apache.flink</groupId><artifactId>${artifact}</artifactId><version>${flinkVersion}</version></dependency></dependencies>
</project>`;

/** The directory that Maven's goal filled for an artifact of Flink's, once per machine. Rejects with why it cannot be had. */
export async function fromMaven(artifact: string, goal: readonly string[]): Promise<string> {
  const directory = join(tmpdir(), `millrace-${artifact}-${flinkVersion}`);
  if (existsSync(directory)) return directory;
  const unfinished = `${directory}-${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  writeFileSync(join(unfinished, "pom.xml"), pomOf(artifact));
  try {
    await ran("mvn", ["-q", "-B", ...goal], unfinished);
    if (!existsSync(directory)) renameSync(unfinished, directory);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
  return directory;
}

const run_ms_max = 240_000;

/** What the program printed. Rejects when it fails. */
export function ran(program: string, args: readonly string[], cwd: string, environment: NodeJS.ProcessEnv = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, args, { cwd, env: { ...process.env, ...environment }, timeout: run_ms_max }, (error, out, err) => {
      if (error === null) resolve(out);
      else reject(new Error(`${program}: ${error.code === "ENOENT" ? "not installed" : `${out}\n${err}`.slice(-2_000)}`));
    });
  });
}

/** null when the tool is there; else why it is not, said aloud: a test that is skipped unseen proves nothing. */
export const whyMissing = (what: string, install: Promise<unknown>): Promise<string | null> =>
  install.then(
    () => null,
    (error: unknown) => {
      const why = error instanceof Error ? error.message : String(error);
      process.stderr.write(`\nSKIPPED: ${what} could not be had, so it was not tried (${why})\n`);
      return why;
    },
  );
