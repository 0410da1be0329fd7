/** A statement that the model does not know: the seed has to be run on DuckDB. */
export class Unsupported extends Error {}

const token = /\s*("(?:[^"]|"")*"|'(?:[^']|'')*'|[A-Za-z_][A-Za-z_0-9]*|\d+|::|<=|>=|<>|[(),.?=<>*-])/y;

/** A statement's words, read from left to right. Names in quotes keep them. */
export class Tokens {
  readonly #sql: string;
  readonly #words: readonly string[];
  #at = 0;

  constructor(sql: string) {
    this.#sql = sql;
    const words: string[] = [];
    token.lastIndex = 0;
    while (token.lastIndex < sql.trimEnd().length) {
      const match = token.exec(sql);
      if (match === null) throw this.unsupported();
      words.push(match[1] as string);
    }
    this.#words = words;
  }

  get atEnd(): boolean {
    return this.#at === this.#words.length;
  }

  next(): string {
    const word = this.#words[this.#at++];
    if (word === undefined) throw this.unsupported();
    return word;
  }

  peek(): string {
    return this.#words[this.#at] ?? "";
  }

  /** Takes the words if they come next. */
  skip(...words: readonly string[]): boolean {
    if (!words.every((word, i) => this.#words[this.#at + i]?.toUpperCase() === word)) return false;
    this.#at += words.length;
    return true;
  }

  expect(...words: readonly string[]): void {
    if (!this.skip(...words)) throw this.unsupported();
  }

  /** A column's or a table's own name. */
  name(): string {
    const word = this.next();
    return word.startsWith('"') ? word.slice(1, -1).replaceAll('""', '"') : word;
  }

  /** schema.table */
  table(): string {
    const schema = this.name();
    this.expect(".");
    return `${schema}.${this.name()}`;
  }

  /** Everything up to the bracket that closes the one before. */
  inBrackets(): string {
    const words: string[] = [];
    for (let depth = 1; depth > 0; ) {
      const word = this.next();
      depth += word === "(" ? 1 : word === ")" ? -1 : 0;
      if (depth > 0) words.push(word);
    }
    return words.join(" ");
  }

  list<T>(item: () => T): readonly T[] {
    const items = [item()];
    while (this.skip(",")) items.push(item());
    return items;
  }

  end(): void {
    if (!this.atEnd) throw this.unsupported();
  }

  unsupported(): Unsupported {
    return new Unsupported(`the model does not know: ${this.#sql.replaceAll(/\s+/g, " ")}`);
  }
}
