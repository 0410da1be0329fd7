#!/usr/bin/env node
import v8 from "node:v8";
import { messageOf } from "../runtime/contract/errors.ts";
import { parseArguments } from "./cli/arguments.ts";
import { commands } from "./cli/commands.ts";
import { help } from "./cli/help.ts";

// V8 13 keeps small BigInt kernels slow for long when Maglev compiles them (measured: 30 instead of 825 M rows/s).
if (Number(process.versions.node.split(".")[0]) >= 22) v8.setFlagsFromString("--no-maglev");

// DuckDB's queries run on libuv's pool: four long ones would block everything else at its default size.
process.env["UV_THREADPOOL_SIZE"] ??= "16";

const [name = "help", ...rest] = process.argv.slice(2);
const command = Object.hasOwn(commands, name) ? commands[name as keyof typeof commands] : null;

if (command === null || rest.includes("--help") || rest.includes("-h")) {
  const known = ["help", "--help", "-h"].includes(name) || command !== null;
  (known ? process.stdout : process.stderr).write(
    `${known ? "" : `millrace: there is no command "${name}"\n\n`}${help(command === null ? null : name)}\n`,
  );
  process.exitCode = known ? 0 : 2;
} else {
  try {
    process.exitCode = await command.run(parseArguments(rest, command.flags));
  } catch (error) {
    process.stderr.write(`millrace: ${messageOf(error)}\n`);
    process.exitCode = 1;
  }
}
