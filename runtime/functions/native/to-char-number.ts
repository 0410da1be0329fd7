import { bigint, double, hugeint, simple } from "../../contract/types.ts";
import type { NativeFunction } from "./define.ts";
import { toCharOf } from "./to-char-function.ts";
import { digitsOfDouble, type Digits, roman, rounded, scientificOf } from "./digits.ts";
import { type NumberPattern, type NumberTemplate, numberTemplate } from "./number-template.ts";
import { ordinalSuffix } from "./to-char-time.ts";

/** Writes digits into a template, one node after the other (NUM_processor of Postgres' formatting.c). */
class NumberWriter {
  readonly #t: NumberTemplate;
  readonly #digits: string;
  readonly #sign: "+" | "-";
  readonly #spaces: number;
  /** The last digit that FM keeps behind the point; -1 keeps all. */
  readonly #last: number;
  readonly #count: number;
  readonly #bracket: boolean;
  #signDone: boolean;
  #text = "";
  #at = 0;
  #current = 0;
  #inNumber = false;

  constructor(t: NumberTemplate, digits: string, sign: "+" | "-", spaces: number, places: { readonly pre: number; readonly post: number }) {
    this.#t = t;
    this.#digits = digits;
    this.#sign = sign;
    this.#spaces = spaces;
    this.#bracket = t.bracket && !(sign === "+" && t.fill);
    this.#signDone = t.plus || t.minus ? t.minus : sign === "+" && t.fill && t.lsign === "none";
    this.#last = t.fill && t.hasPoint ? lastRelevant(t, digits, spaces) : -1;
    this.#count = places.post + places.pre - 1 + (!this.#signDone && spaces === 0 ? 1 : 0);
  }

  write(): string {
    for (const { pattern, typed } of this.#t.nodes) {
      if (pattern === null) this.#text += typed;
      else this.#pattern(pattern, typed);
    }
    return this.#text;
  }

  #pattern(pattern: NumberPattern, typed: string): void {
    const blank = this.#t.fill ? "" : " ";
    switch (pattern) {
      case "9":
      case "0":
      case ".":
      case "D":
        return this.#digit(pattern);
      case ",":
      case "G":
        this.#text += this.#inNumber ? "," : blank;
        return;
      case "L":
        this.#text += " ";
        return;
      case "MI":
        this.#text += this.#sign === "-" ? "-" : blank;
        return;
      case "PL":
        this.#text += this.#sign === "+" ? "+" : blank;
        return;
      case "SG":
        this.#text += this.#sign;
        return;
      case "TH":
        return this.#ordinal(typed);
      default:
        return;
    }
  }

  #ordinal(typed: string): void {
    if (this.#digits.startsWith("#") || this.#sign === "-" || this.#t.hasPoint) return;
    const suffix = ordinalSuffix(this.#digits);
    this.#text += typed === "TH" ? suffix.toUpperCase() : suffix;
  }

  /** "0.1" in `9.9` is " .1". */
  get #hidesZero(): boolean {
    return !this.#t.hasZero && this.#at === 0 && this.#digits.startsWith("0") && this.#postPlaces !== 0;
  }

  get #postPlaces(): number {
    const point = this.#digits.indexOf(".");
    return point < 0 ? 0 : this.#digits.length - point - 1;
  }

  get #endsAtPoint(): boolean {
    return this.#last >= 0 && this.#digits[this.#last] === ".";
  }

  #digit(pattern: NumberPattern): void {
    const t = this.#t;
    this.#inNumber = false;
    const zeroFrom = t.zeroStart - 1;
    const reached = this.#current >= this.#spaces || (t.hasZero && zeroFrom === this.#current);
    if (!this.#signDone && reached && (!this.#hidesZero || this.#endsAtPoint)) this.#writeSign();
    if (this.#current < this.#spaces && (!t.hasZero || zeroFrom > this.#current)) {
      if (!t.fill) this.#text += " ";
    } else if (this.#current < this.#spaces) {
      this.#text += "0";
      this.#inNumber = true;
    } else this.#writeDigit(pattern);
    const end =
      this.#last >= 0 && this.#last === this.#at ? this.#current : this.#count + (this.#spaces > 0 ? 1 : 0) + (t.hasPoint ? 1 : 0);
    if (this.#current + 1 === end) this.#writeClosing();
    this.#current++;
  }

  #writeSign(): void {
    const t = this.#t;
    if (t.lsign !== "none") {
      if (t.lsign !== "before") return;
      this.#text += this.#sign;
    } else if (this.#bracket) this.#text += this.#sign === "+" ? " " : "<";
    else if (this.#sign === "-") this.#text += "-";
    else if (!t.fill) this.#text += " ";
    this.#signDone = true;
  }

  #writeDigit(pattern: NumberPattern): void {
    const digit = this.#digits[this.#at] ?? "";
    if (digit === ".") this.#text += ".";
    else if (this.#last >= 0 && this.#at > this.#last && pattern !== "0") this.#text += "";
    else if (this.#hidesZero) this.#text += this.#t.fill ? (this.#endsAtPoint ? "0" : "") : " ";
    else {
      this.#text += digit;
      this.#inNumber = true;
    }
    if (digit !== "") this.#at++;
  }

  #writeClosing(): void {
    if (this.#signDone && this.#bracket) this.#text += this.#sign === "+" ? " " : ">";
    else if (this.#t.lsign === "behind") this.#text += this.#sign;
  }
}

/** The last digit behind the point that is not 0, or is under a `0` of the template; -1 without a point. */
function lastRelevant(t: NumberTemplate, digits: string, spaces: number): number {
  const point = digits.indexOf(".");
  if (point < 0) return -1;
  const significant = /[^0]?0*$/.exec(digits.slice(point + 1));
  let last = point + (significant?.index ?? 0) + (significant !== null && /^[^0]/.test(significant[0]) ? 1 : 0);
  if (t.zeroEnd > spaces) last = Math.max(last, Math.min(digits.length - 1, t.zeroEnd - spaces));
  return last;
}

const hashes = (pre: number, post: number): string => `${"#".repeat(pre)}.${"#".repeat(post)}`;

/** `round` gives the digits of the number, moved by `moved` places, with `post` behind the point (or fewer). */
function format(t: NumberTemplate, round: (moved: number, post: number) => Digits): string {
  const { negative, text } = round(t.moved, t.post);
  const pre = t.pre + t.moved;
  const length = text.includes(".") ? text.indexOf(".") : text.length;
  const post = text.includes(".") ? text.length - length - 1 : 0;
  const digits = length > pre ? hashes(pre, post) : text;
  return new NumberWriter(t, digits, negative ? "-" : "+", Math.max(0, pre - length), { pre, post }).write();
}

/** Roman numerals alone, whatever else the template says. */
function formatRoman(t: NumberTemplate, value: number): string {
  const numeral = roman(Math.round(value));
  return t.nodes
    .map(({ pattern, typed }) => {
      if (pattern === null) return typed;
      if (pattern !== "RN") return "";
      const text = typed === "rn" ? numeral.toLowerCase() : numeral;
      return t.fill ? text : text.padStart(15);
    })
    .join("");
}

/** Of an integer or decimal: scaled, exactly. */
function toCharExact(scaled: bigint, scale: number, template: string): string | null {
  if (template === "") return null;
  const t = numberTemplate(template);
  if (t.roman) return formatRoman(t, Number(scaled) / 10 ** scale);
  if (t.scientific) return scientificOf(scaled, scale, t.post);
  return format(t, (moved, post) => rounded(scaled * 10n ** BigInt(moved), scale, post));
}

/** Of a float: Postgres trusts `digits_max` digits of it. */
const toCharFloat =
  (digits_max: number) =>
  (value: number, template: string): string | null => {
    if (template === "") return null;
    const t = numberTemplate(template);
    if (t.roman) return formatRoman(t, value);
    if (t.scientific) {
      const text = value.toExponential(t.post).replace(/e([+-])(\d)$/, "e$10$2");
      return value < 0 ? text : ` ${text}`;
    }
    return format(t, (moved, post) => {
      const scaled = value * 10 ** moved;
      const whole = Math.abs(scaled).toFixed(0).length;
      return digitsOfDouble(scaled, whole >= digits_max ? 0 : Math.min(post, digits_max - whole));
    });
  };

export const decimalScale = 10;

export const toCharOfNumbers: readonly NativeFunction[] = [
  toCharOf(bigint, "A number as text by a template of Postgres'.", (value: bigint, template: string) => toCharExact(value, 0, template), [
    "to_char(1234567, '9,999,999')",
    " 1,234,567",
  ]),
  toCharOf(hugeint, "A whole number as text by a template.", (value: bigint, template: string) => toCharExact(value, 0, template), [
    "to_char(485::HUGEINT, 'FM000999')",
    "000485",
  ]),
  toCharOf(
    { id: "decimal", width: 38, scale: decimalScale },
    "A decimal as text by a template, halves rounded away from zero.",
    (value: bigint, template: string) => toCharExact(value, decimalScale, template),
    ["to_char(-1234.5, 'FM999,999.00')", "-1,234.50"],
    ["to_char(485.5, 'S999D99')", "+485.50"],
  ),
  toCharOf(double, "A DOUBLE as text by a template; 15 digits of it count.", toCharFloat(15), ["to_char(1.5::DOUBLE, 'FM9.00')", "1.50"]),
  toCharOf(simple("real"), "A REAL as text by a template; 6 digits of it count.", toCharFloat(6), ["to_char(1.5::REAL, 'FM9.00')", "1.50"]),
];
