import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generatorVersion, type Scenario } from "./scenario.ts";

/** A scenario that failed, as it is filed: all of them run with every test run from then on. */
export interface Found {
  /** That made the seed's scenario; today's may make another of it. */
  readonly generator: number;
  /** What was wrong. */
  readonly message: string;
  /** With no more steps than it takes. */
  readonly scenario: Scenario;
}

/** Files a failure; returns the file's path. */
export function fileFound(directory: string, message: string, scenario: Scenario): string {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `seed-${scenario.seed}.json`);
  const found: Found = { generator: generatorVersion, message, scenario };
  writeFileSync(path, `${JSON.stringify(found, null, 2)}\n`);
  return path;
}

export const foundFiles = (directory: string): readonly string[] => readdirSync(directory).filter((file) => file.endsWith(".json"));

export const readFound = (directory: string, file: string): Found => JSON.parse(readFileSync(join(directory, file), "utf8")) as Found;
