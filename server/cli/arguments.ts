import type { Flag } from "../config.ts";

export interface Arguments {
  /** Each flag's values, in the order given; a flag without a value has "true". */
  readonly flags: Readonly<Record<string, readonly string[]>>;
  readonly words: readonly string[];
}

/** Reads `--name value`, `--name=value`, `-c value` and bare words against a command's flags. Throws on an unknown flag. */
export function parseArguments(args: readonly string[], known: readonly Flag[]): Arguments {
  const flags: Record<string, string[]> = {};
  const words: string[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    if (!arg.startsWith("-") || arg === "-") {
      words.push(arg);
      continue;
    }
    const [name, inline] = splitOnce(arg.replace(/^--?/, ""));
    const flag = known.find((f) => f.name === name);
    if (flag === undefined) throw new Error(`unknown flag ${arg}; see --help`);
    const value = flag.value === null ? "true" : (inline ?? args[++i]);
    if (value === undefined) throw new Error(`${arg} needs a value: ${flag.value}`);
    flags[name] = [...(flags[name] ?? []), value];
  }
  return { flags, words };
}

function splitOnce(text: string): readonly [string, string | undefined] {
  const at = text.indexOf("=");
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
