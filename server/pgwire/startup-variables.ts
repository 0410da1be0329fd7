import { SqlError } from "../../runtime/contract/errors.ts";
import { canonicalVariable, validateVariable } from "../session/variables.ts";

/** Parameters of the start-up packet that are not run-time variables. */
const notVariables: ReadonlySet<string> = new Set(["user", "database", "options", "replication"]);

/** What the start-up packet sets for the session: its own parameters and those of `options`. Throws 42704, 22023, 55000. */
export function startupVariables(parameters: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  const set = (name: string, value: string): void => {
    const key = canonicalVariable(name);
    variables.set(key, validateVariable(key, value));
  };
  for (const [name, value] of readOptions(parameters.get("options") ?? "")) set(name, value);
  for (const [name, value] of parameters) if (!notVariables.has(name)) set(name, value);
  return variables;
}

/** `-c name=value --name=value`; a backslash keeps a space inside a value. */
function readOptions(options: string): readonly (readonly [string, string])[] {
  const words = (options.match(/(?:\\[\s\S]|[^\s\\])+/g) ?? []).map((word) => word.replace(/\\([\s\S])/g, "$1"));
  const settings: [string, string][] = [];
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string;
    const assignment = word === "-c" ? words[++i] : /^(?:-c|--)(.+)$/.exec(word)?.[1];
    const equals = assignment?.indexOf("=") ?? -1;
    if (assignment === undefined || equals <= 0) {
      throw new SqlError({ sqlState: "42601", message: `invalid command-line argument for server process: ${word}` });
    }
    settings.push([assignment.slice(0, equals).replaceAll("-", "_"), assignment.slice(equals + 1)]);
  }
  return settings;
}
