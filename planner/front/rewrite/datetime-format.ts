import { SqlError } from "../../../runtime/contract/errors.ts";

type Patterns = Readonly<Record<string, string>>;

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

const refuse = (pattern: string, format: string, at: number): SqlError =>
  new SqlError({ sqlState: "0A000", message: `pattern "${pattern}" of format "${format}" is not supported`, at });

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
