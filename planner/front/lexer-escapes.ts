import { SqlError } from "../../runtime/contract/errors.ts";

const plain: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };
const byteEscape = /\\(?:x([0-9a-fA-F]{1,2})|([0-7]{1,3}))/y;
const unicodeEscape = /\\(?:u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/y;

/** Puts an E'…' string together. `\x` and octal escapes are bytes, and a run of them is read as UTF-8. */
export class EscapeDecoder {
  readonly #text: string;
  readonly #base: number;
  readonly #start: number;
  #value = "";
  #bytes: number[] = [];

  constructor(text: string, base: number, start: number) {
    this.#text = text;
    this.#base = base;
    this.#start = start;
  }

  literal(part: string): void {
    if (part === "") return;
    this.#flush();
    this.#value += part;
  }

  /** Reads the escape at `at`; the offset after it. */
  escape(at: number): number {
    const byte = this.#match(byteEscape, at);
    if (byte !== null) {
      this.#bytes.push((byte[1] === undefined ? Number.parseInt(byte[2] ?? "", 8) : Number.parseInt(byte[1], 16)) & 0xff);
      return at + byte[0].length;
    }
    this.#flush();
    const unicode = this.#match(unicodeEscape, at);
    if (unicode !== null) {
      this.#value += codePoint(Number.parseInt(unicode[1] ?? unicode[2] ?? "", 16), this.#base + at);
      return at + unicode[0].length;
    }
    const next = this.#text.charAt(at + 1);
    if (/[uU]/.test(next)) throw invalid("invalid Unicode escape", this.#base + at, "Unicode escapes must be \\uXXXX or \\UXXXXXXXX.");
    this.#value += plain[next] ?? next;
    return at + 2;
  }

  finish(): string {
    this.#flush();
    return wellFormed(this.#value, this.#base + this.#start);
  }

  #flush(): void {
    if (this.#bytes.length === 0) return;
    if (this.#bytes.includes(0)) throw this.#badBytes();
    try {
      this.#value += new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(this.#bytes));
    } catch {
      throw this.#badBytes();
    }
    this.#bytes = [];
  }

  #badBytes(): SqlError {
    const bytes = this.#bytes.map((b) => `0x${b.toString(16).padStart(2, "0")}`).join(" ");
    return new SqlError({
      sqlState: "22021",
      message: `invalid byte sequence for encoding "UTF8": ${bytes}`,
      at: this.#base + this.#start,
    });
  }

  #match(pattern: RegExp, at: number): RegExpExecArray | null {
    pattern.lastIndex = at;
    return pattern.exec(this.#text);
  }
}

/** U&'…' and U&"…": `\XXXX`, `\+XXXXXX` and the escape character doubled. */
export function decodeUnicodeEscapes(value: string, escape: string, at: number): string {
  if (/[0-9a-fA-F+'"\s]/.test(escape)) throw invalid("invalid Unicode escape character", at);
  let decoded = "";
  for (let i = 0; i < value.length; ) {
    const found = value[i] === escape ? /^(?:([0-9a-fA-F]{4})|\+([0-9a-fA-F]{6}))/.exec(value.slice(i + 1, i + 8)) : null;
    if (found !== null) decoded += codePoint(Number.parseInt(found[1] ?? found[2] ?? "", 16), at);
    else if (value[i] === escape && value[i + 1] !== escape)
      throw invalid("invalid Unicode escape", at, "Unicode escapes must be \\XXXX or \\+XXXXXX.");
    else decoded += value.charAt(i);
    i += found !== null ? found[0].length + 1 : value[i] === escape ? 2 : 1;
  }
  return wellFormed(decoded, at);
}

function codePoint(code: number, at: number): string {
  if (code === 0 || code > 0x10_ff_ff) throw invalid("invalid Unicode escape value", at);
  return String.fromCodePoint(code);
}

function wellFormed(value: string, at: number): string {
  if (/\p{Surrogate}/u.test(value)) throw invalid("invalid Unicode surrogate pair", at);
  return value;
}

const invalid = (message: string, at: number, hint?: string): SqlError => new SqlError({ sqlState: "42601", message, hint, at });
