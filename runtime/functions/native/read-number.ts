import { dataError } from "./define.ts";
import { numberTemplate } from "./number-template.ts";

/** A number read along a template, scaled; what the template does not ask for is left unread. */
export function readNumber(text: string, template: string, scale: number): bigint {
  const t = numberTemplate(template);
  if (t.roman) throw dataError("0A000", '"RN" not supported for input');
  if (t.scientific) throw dataError("0A000", '"EEEE" not supported for input');
  const reader = new NumberReader(text);
  for (const { pattern } of t.nodes) {
    if (reader.atEnd) break;
    switch (pattern) {
      case "9":
      case "0":
      case ".":
      case "D":
        reader.digit(t.hasPoint, t.lsign === "before" || t.bracket || t.lsign === "none");
        break;
      case ",":
      case "G":
        reader.skip(",");
        break;
      case "L":
        reader.skipCurrency();
        break;
      case "MI":
      case "PL":
      case "SG":
      case "S":
      case "PR":
        reader.sign();
        break;
      case null:
        reader.skipAny();
        break;
      default:
        break;
    }
  }
  if (t.lsign === "behind" || t.bracket) reader.sign();
  const { negative, whole, fraction } = reader;
  const digits = `${whole}${fraction.slice(0, scale).padEnd(scale, "0")}`;
  if (whole === "" && fraction === "") throw dataError("22P02", `invalid input syntax for type numeric: "${text}"`);
  const value = BigInt(digits) / 10n ** BigInt(t.moved);
  return negative ? -value : value;
}

class NumberReader {
  readonly #text: string;
  #at = 0;
  #behindPoint = false;
  whole = "";
  fraction = "";
  negative = false;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  #peek(): string {
    return this.#text.charAt(this.#at);
  }

  /** One digit, with a sign, a space or a point in front of it. */
  digit(hasPoint: boolean, takesSign: boolean): void {
    while (this.#peek() === " " && this.whole === "") this.#at++;
    if (takesSign && this.whole === "" && this.fraction === "" && /[-+<]/.test(this.#peek())) {
      this.negative = this.#peek() !== "+";
      this.#at++;
    }
    const c = this.#peek();
    if (/\d/.test(c)) {
      if (this.#behindPoint) this.fraction += c;
      else this.whole += c;
      this.#at++;
    } else if (c === "." && hasPoint && !this.#behindPoint) {
      this.#behindPoint = true;
      this.#at++;
    }
  }

  sign(): void {
    const c = this.#peek();
    if (c === "-" || c === "<") this.negative = true;
    if (/[-+<>]/.test(c)) this.#at++;
  }

  skip(mark: string): void {
    if (this.#peek() === mark) this.#at++;
  }

  skipCurrency(): void {
    if (!/[\d.,+-]/.test(this.#peek())) this.#at++;
  }

  skipAny(): void {
    if (!/\d/.test(this.#peek())) this.#at++;
  }
}
