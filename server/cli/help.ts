import { type Command, commands } from "./commands.ts";

/** The help of one command, or of all. */
export function help(name: string | null): string {
  const command: Command | undefined = name === null ? undefined : commands[name as keyof typeof commands];
  if (command !== undefined) {
    const flags = command.flags.map(
      (f) => [`${f.name.length === 1 ? "-" : "--"}${f.name}${f.value === null ? "" : ` ${f.value}`}`, f.doc] as const,
    );
    return [`usage: millrace ${command.usage}`, "", command.doc, "", ...table(flags)].join("\n");
  }
  return [
    "Millrace: a SQL-first streaming database",
    "",
    "usage: millrace COMMAND [flags]",
    "",
    ...table(Object.values<Command>(commands).map((c) => [c.usage, c.doc] as const)),
    "",
    "millrace COMMAND --help tells the flags.",
  ].join("\n");
}

function table(rows: readonly (readonly [string, string])[]): readonly string[] {
  const width = Math.max(0, ...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}`);
}
