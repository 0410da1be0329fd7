import type { OptionSpec } from "../contract/connector.ts";
import { SqlError } from "../contract/errors.ts";
import type { ConnectorOptions } from "../contract/job-graph.ts";
import { formatOptionOwners } from "../formats/registry.ts";
import { suggest } from "../contract/suggest.ts";
import { durationOf_us } from "../contract/duration.ts";
import { sizeOf } from "./units.ts";

interface Described {
  readonly name: string;
  readonly options: readonly OptionSpec[];
}

/** `fields.*.kind` stands for `fields.<any column>.kind`. */
const matches = (pattern: string, name: string): boolean => {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === name;
  const [before, after] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return name.length > before.length + after.length && name.startsWith(before) && name.endsWith(after);
};

/**
 * Throws SqlError 22023 for an option that the connector does not know, a required one that is missing, or a value of the wrong form.
 * `positions` are where the user wrote each option; `common` are options that somebody else reads.
 */
export function checkOptions(
  connector: Described,
  options: ConnectorOptions,
  positions: ReadonlyMap<string, number> = new Map(),
  common: readonly string[] = [],
): void {
  for (const [name, value] of Object.entries(options)) {
    if (common.includes(name)) continue;
    const spec = connector.options.find((option) => matches(option.name, name));
    if (spec === undefined) throw unknownOption(connector, name, common, positions.get(name));
    const wrong = wrongValue(spec, value) ?? wrongFormat(spec, options["format"]);
    if (wrong !== null) throw invalid(`option "${name}" of connector "${connector.name}" ${wrong}`, spec.doc, positions.get(name));
  }
  for (const spec of connector.options) {
    if (spec.required === true && options[spec.name] === undefined) {
      throw invalid(`connector "${connector.name}" needs the option "${spec.name}"`, spec.doc, undefined);
    }
  }
}

const invalid = (message: string, hint: string, at: number | undefined): SqlError => new SqlError({ sqlState: "22023", message, hint, at });

function unknownOption(connector: Described, name: string, common: readonly string[], at: number | undefined): SqlError {
  const known = [...connector.options.map((option) => option.name), ...common];
  const near = suggest(name, known);
  const hint = near === undefined ? `Known options: ${known.join(", ")}.` : `Perhaps you meant "${near}".`;
  return invalid(`connector "${connector.name}" has no option "${name}"`, hint, at);
}

/** What is wrong with a value, as the end of a sentence; null when it is well formed. */
function wrongValue(spec: OptionSpec, value: string): string | null {
  if (spec.values !== undefined) {
    return spec.values.includes(value) ? null : `must be one of ${spec.values.join(", ")}, not "${value}"`;
  }
  switch (spec.kind) {
    case "text":
      return null;
    case "path":
      return value === "" || value.includes("\0") ? "must be a path" : null;
    case "integer":
      return /^-?\d+$/.test(value) && Number.isSafeInteger(Number(value)) ? null : `must be an integer, not "${value}"`;
    case "number":
      return value.trim() !== "" && Number.isFinite(Number(value)) ? null : `must be a number, not "${value}"`;
    case "boolean":
      return booleanOf(value) === null ? `must be true or false, not "${value}"` : null;
    case "duration":
      return durationOf_us(value) === null ? `must be a duration such as '10s' or '500 ms', not "${value}"` : null;
    case "size":
      return sizeOf(value) === null ? `must be a size such as '64MB', not "${value}"` : null;
  }
}

function wrongFormat(spec: OptionSpec, format: string | undefined): string | null {
  const owners = formatOptionOwners(spec.name);
  return owners.length === 0 || format === undefined || owners.includes(format)
    ? null
    : `is for format ${owners.join(", ")}, not ${format}`;
}

const booleanOf = (text: string): boolean | null =>
  ({ true: true, on: true, yes: true, false: false, off: false, no: false })[text.toLowerCase()] ?? null;

/** Options whose form `checkOptions` has found good, with the specs' defaults. */
export class OptionReader {
  private readonly specs: readonly OptionSpec[];
  private readonly options: ConnectorOptions;

  constructor(specs: readonly OptionSpec[], options: ConnectorOptions) {
    this.specs = specs;
    this.options = options;
  }

  /** null when it was not given and has no default. */
  text(name: string): string | null {
    return this.options[name] ?? this.specs.find((spec) => matches(spec.name, name))?.default ?? null;
  }

  number(name: string): number | null {
    const text = this.text(name);
    return text === null ? null : Number(text);
  }

  boolean(name: string): boolean {
    return booleanOf(this.text(name) ?? "false") ?? false;
  }

  /** Microseconds; 0 when absent. */
  duration_us(name: string): number {
    return durationOf_us(this.text(name) ?? "0") ?? 0;
  }
}
