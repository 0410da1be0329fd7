/**
 * Patterns that JavaScript's RegExp answers as RE2 does, in time linear in the text. RegExp backtracks, so the pattern is a
 * sequence of parts of bounded length, of which only the last may repeat without bound: no later part can make it retry.
 */
export interface SafePattern {
  readonly source: string;
  readonly groups: number;
}

const maxRepeat = 50;
/** Escapes that mean the same class in both, spelt out where JavaScript's is larger. */
const classEscapes: Readonly<Record<string, string>> = { d: "0-9", w: "0-9A-Za-z_", s: "\\t\\n\\f\\r " };
const punctuation = /^[!-/:-@[-`{-~]$/;
/** What a JavaScript pattern must escape, and may. */
const syntax = /^[$^\\.*+?()[\]{}|/-]$/;
const literal = (c: string): string => (syntax.test(c) && c !== "-" ? `\\${c}` : c);
const literalInClass = (c: string): string => (syntax.test(c) ? `\\${c}` : c);

/** Null for what is not known to be safe. */
export function safePattern(pattern: string): SafePattern | null {
  const reader = new PatternReader(Array.from(pattern));
  return reader.whole();
}

class PatternReader {
  readonly #characters: readonly string[];
  #at = 0;
  #groups = 0;
  /** Once a part repeats without bound, nothing but closing parentheses may follow. */
  #unbounded = false;

  constructor(characters: readonly string[]) {
    this.#characters = characters;
  }

  whole(): SafePattern | null {
    const source = this.#alternatives(0);
    return source !== null && this.#at === this.#characters.length ? { source, groups: this.#groups } : null;
  }

  #peek(): string | undefined {
    return this.#characters[this.#at];
  }

  #alternatives(depth: number): string | null {
    if (depth > 5) return null;
    let text = "";
    for (;;) {
      const sequence = this.#sequence(depth);
      if (sequence === null) return null;
      text += sequence;
      if (this.#peek() !== "|") return text;
      if (this.#unbounded) return null;
      this.#at++;
      text += "|";
    }
  }

  #sequence(depth: number): string | null {
    let text = "";
    for (;;) {
      const next = this.#peek();
      if (next === undefined || next === "|" || next === ")") return text;
      if (this.#unbounded) return null;
      const part = next === "(" ? this.#group(depth) : this.#repeatedAtom();
      if (part === null) return null;
      text += part;
    }
  }

  /** A group is never repeated. */
  #group(depth: number): string | null {
    this.#at++;
    let open = "(";
    if (this.#peek() === "?") {
      if (this.#characters[this.#at + 1] !== ":") return null;
      this.#at += 2;
      open = "(?:";
    } else this.#groups++;
    const body = this.#alternatives(depth + 1);
    if (body === null || this.#peek() !== ")") return null;
    this.#at++;
    const next = this.#peek();
    return next !== undefined && "*+?{".includes(next) ? null : `${open}${body})`;
  }

  #repeatedAtom(): string | null {
    const anchor = this.#peek();
    if (anchor === "^" || anchor === "$") {
      this.#at++;
      const next = this.#peek();
      return next !== undefined && "*+?{".includes(next) ? null : anchor;
    }
    const atom = this.#atom();
    return atom === null ? null : this.#repeat(atom);
  }

  #atom(): string | null {
    const c = this.#characters[this.#at++] as string;
    if (c === ".") return "[^\\n]";
    if (c === "[") return this.#class();
    if (c === "\\") return this.#escape();
    if ("*+?{}".includes(c)) return null;
    return literal(c);
  }

  #escape(): string | null {
    const c = this.#characters[this.#at++];
    if (c === undefined) return null;
    const inner = classEscapes[c.toLowerCase()];
    if (inner !== undefined) return c === c.toLowerCase() ? `[${inner}]` : `[^${inner}]`;
    return punctuation.test(c) ? literal(c) : null;
  }

  /** `[a-z0-9_]`, `[^&]`: single characters, ranges and the escapes above. */
  #class(): string | null {
    let text = "[";
    if (this.#peek() === "^") {
      text += "^";
      this.#at++;
    }
    if (this.#peek() === "]") return null;
    for (;;) {
      const c = this.#characters[this.#at++];
      if (c === undefined || c === "[") return null;
      if (c === "]") return `${text}]`;
      if (c === "\\") {
        const escaped = this.#characters[this.#at++];
        if (escaped === undefined) return null;
        const inner = Object.hasOwn(classEscapes, escaped)
          ? classEscapes[escaped]
          : punctuation.test(escaped)
            ? literalInClass(escaped)
            : null;
        if (inner === null || inner === undefined) return null;
        text += inner;
      } else text += c === "-" ? c : literalInClass(c);
    }
  }

  #repeat(atom: string): string | null {
    const c = this.#peek();
    if (c === "*" || c === "+") {
      this.#at++;
      this.#unbounded = true;
      return this.#peek() === "?" || this.#peek() === "+" ? null : `${atom}${c}`;
    }
    if (c === "?") {
      this.#at++;
      const next = this.#peek();
      return next === "?" || next === "+" ? null : `${atom}?`;
    }
    if (c !== "{") return atom;
    const rest = this.#characters.slice(this.#at).join("");
    const bounds = /^\{(\d{1,3})(?:,(\d{1,3}))?\}/.exec(rest);
    if (bounds === null || Number(bounds[2] ?? bounds[1]) > maxRepeat) return null;
    this.#at += bounds[0].length;
    const next = this.#peek();
    return next !== undefined && "*+?{".includes(next) ? null : `${atom}${bounds[0]}`;
  }
}
