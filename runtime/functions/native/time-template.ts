import { remembered } from "./define.ts";

/** Postgres' template patterns for dates and times, longest first where one begins another. */
const upper =
  "A.D. A.M. AD AM B.C. BC CC DAY DDD DD DY Day Dy D FF1 FF2 FF3 FF4 FF5 FF6 FX HH24 HH12 HH IDDD ID IW IYYY IYY IY I J MI MM MONTH MON MS Month Mon OF P.M. PM Q RM SSSSS SSSS SS TZH TZM TZ US WW W Y,YYY YYYY YYY YY Y".split(
    " ",
  );
/** Written in lower case they mean the same, and names come in lower case. */
const lower = upper.filter((name) => name === name.toUpperCase()).map((name) => name.toLowerCase());
const patterns: readonly string[] = [...upper, ...lower];

/** Patterns that read and write digits. */
const digits = new Set(
  "CC DDD DD D FF1 FF2 FF3 FF4 FF5 FF6 HH24 HH12 HH IDDD ID IW IYYY IYY IY I J MI MM MS Q SSSSS SSSS SS TZM US WW W Y,YYY YYYY YYY YY Y".split(
    " ",
  ),
);

export interface TimeField {
  readonly kind: "field";
  /** The pattern in upper case. */
  readonly name: string;
  /** As it was typed: its case is the case of names. */
  readonly typed: string;
  /** `FM`: without padding. */
  readonly fill: boolean;
  /** An ordinal's suffix in this case. */
  readonly ordinal: "th" | "TH" | null;
  readonly isDigits: boolean;
}

export type TimeNode =
  | TimeField
  | { readonly kind: "space" | "separator"; readonly text: string }
  /** A character of its own, or of a quoted text. */
  | { readonly kind: "character"; readonly text: string };

const isSeparator = (c: string): boolean => c > " " && c < "\u007f" && !/[A-Za-z0-9]/.test(c);

/** A template as its parts, in order. */
export const timeTemplate: (template: string) => readonly TimeNode[] = remembered(parse);

function parse(template: string): readonly TimeNode[] {
  const nodes: TimeNode[] = [];
  for (let at = 0; at < template.length; ) {
    const quoted = /^"((?:[^"\\]|\\[^])*)(?:"|$)/.exec(template.slice(at));
    if (quoted !== null) {
      const text = (quoted[1] as string).replaceAll(/\\([^])/g, "$1");
      nodes.push(...Array.from(text, (c): TimeNode => ({ kind: "character", text: c })));
      at += quoted[0].length;
      continue;
    }
    const field = fieldAt(template, at);
    if (field.node !== null) nodes.push(field.node);
    if (field.end > at) {
      at = field.end;
      continue;
    }
    if (template.startsWith('\\"', at)) at++;
    const c = String.fromCodePoint(template.codePointAt(at) as number);
    nodes.push({ kind: /\s/.test(c) ? "space" : isSeparator(c) ? "separator" : "character", text: c });
    at += c.length;
  }
  return nodes;
}

/** A pattern with its prefix and suffix; a prefix without a pattern is passed over. */
function fieldAt(template: string, start: number): { readonly node: TimeField | null; readonly end: number } {
  const prefix = /^(?:FM|fm|TM|tm)/.exec(template.slice(start, start + 2))?.[0] ?? "";
  const fill = prefix.toUpperCase() === "FM";
  let at = start + prefix.length;
  const typed = patterns.find((name) => template.startsWith(name, at));
  if (typed === undefined) return { node: null, end: at };
  at += typed.length;
  const suffix = template.slice(at, at + 2);
  const ordinal = suffix === "th" || suffix === "TH" ? suffix : null;
  if (ordinal !== null || suffix === "SP") at += 2;
  const name = typed.toUpperCase();
  return { node: { kind: "field", name, typed, fill, ordinal, isDigits: digits.has(name) }, end: at };
}
