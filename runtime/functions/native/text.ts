import { varchar } from "../../contract/types.ts";
import { dataError, type NativeFunction, remembered } from "./define.ts";

/** What Postgres quotes though it looks like a name: its reserved words and those that cannot name a function or type. */
const keywords = new Set(
  "all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean both case cast char character check coalesce collate collation column concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp current_user dec decimal default deferrable desc distinct do else end except exists extract false fetch float for foreign freeze from full grant greatest group grouping having ilike in initially inner inout int integer intersect interval into is isnull join lateral leading least left like limit localtime localtimestamp national natural nchar none normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision primary real references returning right row select session_user setof similar smallint some substring symmetric table tablesample then time timestamp to trailing treat trim true union unique user using values varchar variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable".split(
    " ",
  ),
);

const quoteIdent = (name: string): string =>
  /^[a-z_][a-z0-9_]*$/.test(name) && !keywords.has(name) ? name : `"${name.replaceAll('"', '""')}"`;

/** A literal with a backslash is written as E'…'. */
function quoteLiteral(text: string): string {
  const quoted = text.replaceAll("'", "''");
  return quoted.includes("\\") ? `E'${quoted.replaceAll("\\", "\\\\")}'` : `'${quoted}'`;
}

/** Words are runs of letters and digits. */
const initcap = (text: string): string =>
  text.replaceAll(/[\p{L}\p{N}\p{M}]+/gu, (word) => {
    const [first = "", ...rest] = Array.from(word);
    return first.toUpperCase() + rest.join("").toLowerCase();
  });

interface FormatPart {
  readonly literal: string;
  /** null for the literal alone. */
  readonly kind: "s" | "I" | "L" | null;
  readonly position: number | null;
  readonly left: boolean;
  /** Characters; `next` takes them from the next argument, a number from that argument. */
  readonly width: number | "next" | { readonly argument: number };
}

const parseFormat = remembered((format: string): readonly FormatPart[] => {
  const parts: FormatPart[] = [];
  let literal = "";
  for (let at = 0; at < format.length; ) {
    if (format[at] !== "%") {
      literal += format[at++];
      continue;
    }
    if (format[at + 1] === "%") {
      literal += "%";
      at += 2;
      continue;
    }
    const found = /^%(?:(\d+)\$)?(-*)(?:(\d+)|\*(?:(\d+)\$)?)?([^])/.exec(format.slice(at));
    const kind = found?.[5];
    if (found === null || kind === undefined)
      throw dataError("22023", "unterminated format() type specifier", 'For a single "%" use "%%".');
    if (kind !== "s" && kind !== "I" && kind !== "L") {
      throw dataError("22023", `unrecognized format() type specifier "${kind}"`, 'For a single "%" use "%%".');
    }
    const star = found[0].includes("*");
    const width = star ? (found[4] === undefined ? ("next" as const) : { argument: Number(found[4]) }) : Number(found[3] ?? 0);
    parts.push({ literal, kind, position: found[1] === undefined ? null : Number(found[1]), left: found[2] !== "", width });
    literal = "";
    at += found[0].length;
  }
  return [...parts, { literal, kind: null, position: null, left: false, width: 0 }];
});

function format(template: string | null, ...values: readonly (string | null)[]): string | null {
  if (template === null) return null;
  let next = 1;
  const take = (position: number): string | null => {
    const value = values[position - 1];
    if (position < 1 || value === undefined) throw dataError("22023", "too few arguments for format()");
    next = position + 1;
    return value;
  };
  let text = "";
  for (const part of parseFormat(template)) {
    text += part.literal;
    if (part.kind === null) continue;
    const given = typeof part.width === "number" ? part.width : Number(take(part.width === "next" ? next : part.width.argument) ?? 0);
    const value = take(part.position ?? next);
    const shown = shownAs(part.kind, value);
    const width = Math.abs(given);
    text += part.left || given < 0 ? shown.padEnd(width) : shown.padStart(width);
  }
  return text;
}

function shownAs(kind: "s" | "I" | "L", value: string | null): string {
  if (kind === "s") return value ?? "";
  if (kind === "L") return value === null ? "NULL" : quoteLiteral(value);
  if (value === null) throw dataError("22023", "null values cannot be formatted as an SQL identifier");
  return quoteIdent(value);
}

/** `\0061`, `\+000061`, `\u0061`, `\U00000061`. */
function unistr(text: string): string {
  return text.replaceAll(
    /\\(?:\\|([0-9A-Fa-f]{4})|\+([0-9A-Fa-f]{6})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|)/g,
    (found, ...groups: (string | undefined)[]) => {
      if (found === "\\\\") return "\\";
      const hex = groups.slice(0, 4).find((group) => group !== undefined);
      const code = hex === undefined ? Number.NaN : Number.parseInt(hex, 16);
      if (!(code <= 0x10_ffff))
        throw dataError("42601", "invalid Unicode escape", "Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.");
      return code >= 0xd800 && code < 0xe000 ? String.fromCharCode(code) : String.fromCodePoint(code);
    },
  );
}

function normalizeForm(text: string, form: string): string {
  const name = form.toUpperCase();
  if (name === "NFC" || name === "NFD" || name === "NFKC" || name === "NFKD") return text.normalize(name);
  throw dataError("22023", `invalid normalization form: ${form}`);
}

const ofText = (name: string, doc: string, evaluate: (text: string) => string, examples: NativeFunction["examples"]): NativeFunction => ({
  name,
  doc,
  examples,
  parameters: [varchar],
  returns: varchar,
  evaluate,
});

export const textFunctions: readonly NativeFunction[] = [
  ofText("initcap", "Every word with a capital letter, the rest of it in lower case.", initcap, [["initcap('hi THOMAS')", "Hi Thomas"]]),
  ofText("quote_ident", "The text as a name in SQL, quoted where it must be.", quoteIdent, [["quote_ident('Foo bar')", '"Foo bar"']]),
  ofText("mr_quote_literal", "The text as a string literal in SQL: quote_literal of any type.", quoteLiteral, [
    ["mr_quote_literal('O''Reilly')", "'O''Reilly'"],
  ]),
  ofText("unistr", "Unicode escapes within the text as their characters.", unistr, [["unistr('d\\0061t\\+000061')", "data"]]),
  {
    name: "mr_normalize",
    doc: "The text in a normal form of Unicode: normalize(text [, form]).",
    examples: [["mr_normalize('é', 'NFC')", "é"]],
    parameters: [varchar, varchar],
    returns: varchar,
    evaluate: normalizeForm,
  },
  {
    name: "mr_format",
    doc: "Values put into a text at %s, as names at %I, as literals at %L: format(text, …).",
    examples: [
      ["mr_format('Hello %s, %1$s', 'World')", "Hello World, World"],
      ["mr_format('INSERT INTO %I VALUES (%L)', 'Foo bar', 'O''Reilly')", `INSERT INTO "Foo bar" VALUES ('O''Reilly')`],
    ],
    parameters: [varchar],
    rest: varchar,
    returns: varchar,
    takesNull: true,
    evaluate: format,
  },
];
