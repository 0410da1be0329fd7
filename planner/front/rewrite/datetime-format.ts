import { SqlError } from "../../../runtime/contract/errors.ts";

type Patterns = Readonly<Record<string, string>>;

/** Postgres' template patterns; upper case stands for any case. */
const postgres: Patterns = {
  YYYY: "%Y",
  YY: "%y",
  IYYY: "%G",
  IW: "%V",
  ID: "%u",
  HH24: "%H",
  HH12: "%I",
  HH: "%I",
  MI: "%M",
  SS: "%S",
  MS: "%g",
  US: "%f",
  MM: "%m",
  DDD: "%j",
  DD: "%d",
  AM: "%p",
  PM: "%p",
};
/** These are written as they are cased; a padded or an upper-case name has no counterpart. */
const postgresCased: Patterns = {
  Mon: "%b",
  Dy: "%a",
  FMMonth: "%B",
  FMDay: "%A",
  FMMM: "%-m",
  FMDD: "%-d",
  FMHH24: "%-H",
  FMHH12: "%-I",
  FMMI: "%-M",
  FMSS: "%-S",
};
const java: Patterns = {
  yyyy: "%Y",
  yy: "%y",
  MM: "%m",
  dd: "%d",
  HH: "%H",
  hh: "%I",
  mm: "%M",
  ss: "%S",
  SSSSSS: "%f",
  SSS: "%g",
  a: "%p",
  EEEE: "%A",
  EEE: "%a",
  MMMM: "%B",
  MMM: "%b",
  DDD: "%j",
};

const escapePercent = (text: string): string => text.replaceAll("%", "%%");

function refuse(pattern: string, format: string, at: number): SqlError {
  const name = /^(?:month|day)$/i.test(pattern) ? `Write FM${pattern[0]?.toUpperCase()}${pattern.slice(1).toLowerCase()}.` : undefined;
  return new SqlError({ sqlState: "0A000", message: `pattern "${pattern}" of format "${format}" is not supported`, hint: name, at });
}

/** A Postgres template (`YYYY-MM-DD HH24:MI`) as strftime's format. Throws 0A000 at `at` for a pattern without a counterpart. */
export function fromPostgresFormat(format: string, at: number): string {
  let translated = "";
  for (let i = 0; i < format.length; ) {
    const rest = format.slice(i);
    const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(rest);
    if (quoted !== null) {
      translated += escapePercent((quoted[1] ?? "").replaceAll(/\\(.)/g, "$1"));
      i += quoted[0].length;
      continue;
    }
    const letters = /^[A-Za-z]+\d*/.exec(rest)?.[0] ?? "";
    const padded = /^(?:month|day)/i.exec(letters)?.[0];
    if (padded !== undefined) throw refuse(padded, format, at);
    const cased = longest(postgresCased, letters);
    const pattern = cased ?? longest(postgres, letters.toUpperCase());
    if (pattern === null && letters !== "") throw refuse(letters, format, at);
    translated += pattern === null ? escapePercent(format.charAt(i)) : (cased === null ? postgres : postgresCased)[pattern];
    i += pattern?.length ?? 1;
  }
  return translated;
}

/** A pattern of java.time (`yyyy-MM-dd HH:mm`), as Flink's date_format has it. */
export function fromJavaFormat(format: string, at: number): string {
  return format.replaceAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|%/g, (found, quoted: string | undefined, letter: string | undefined) => {
    if (quoted !== undefined) return quoted === "" ? "'" : escapePercent(quoted.replaceAll("''", "'"));
    if (letter === undefined) return "%%";
    const pattern = java[found];
    if (pattern === undefined) throw refuse(found, format, at);
    return pattern;
  });
}

function longest(patterns: Patterns, text: string): string | null {
  let found: string | null = null;
  for (const pattern of Object.keys(patterns)) if (text.startsWith(pattern) && pattern.length > (found?.length ?? 0)) found = pattern;
  return found;
}
