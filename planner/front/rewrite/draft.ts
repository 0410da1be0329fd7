import type { Token } from "../token.ts";
import { closeOf, type Piece } from "./pieces.ts";

/** Words after which an expression begins rather than goes on. */
const beforeOperand = new Set(
  "select distinct all where and or not on when then else by having in case is like ilike similar to between from join using set values returning limit offset as escape any some with filter over partition order".split(
    " ",
  ),
);
const comparisons = new Set(["=", "<>", "!=", "<", ">", "<=", ">=", "=>", ":=", "=="]);
/** Words that end an operand of an operator. */
const afterOperand = new Set(
  "and or is isnull notnull not in between like ilike similar then when else end as from where group order having limit offset union except intersect window qualify on join left right inner full cross natural asof using asc desc nulls escape for fetch returning over filter within placing emit".split(
    " ",
  ),
);

/** The pieces of a query whose spelling is being changed; indices stay, dropped pieces become empty. */
export class Draft {
  readonly #pieces: Piece[];

  constructor(pieces: readonly Piece[]) {
    this.#pieces = [...pieces];
  }

  get pieces(): readonly Piece[] {
    return this.#pieces;
  }

  token(i: number): Token | undefined {
    return this.#pieces[i]?.token ?? undefined;
  }

  /** The word at `i` in lower case, or "". */
  word(i: number): string {
    const token = this.token(i);
    return token?.kind === "word" ? token.value : "";
  }

  mark(i: number): string {
    const token = this.token(i);
    return token?.kind === "mark" ? token.value : "";
  }

  operator(i: number): string {
    const token = this.token(i);
    return token?.kind === "operator" ? token.value : "";
  }

  isString(i: number): boolean {
    return this.token(i)?.kind === "string";
  }

  at(i: number): number {
    return this.#pieces[i]?.at ?? 0;
  }

  text(i: number): string {
    return this.#pieces[i]?.text ?? "";
  }

  set(i: number, text: string): void {
    const piece = this.#pieces[i];
    if (piece !== undefined) this.#pieces[i] = { ...piece, text };
  }

  append(i: number, text: string): void {
    this.set(i, this.text(i) + text);
  }

  drop(from: number, to = from): void {
    for (let i = from; i <= to; i++) this.set(i, "");
  }

  /** The closing mark of the bracket at `open`. */
  close(open: number): number {
    return closeOf(this.#pieces, open);
  }

  /** An operand ends at `i`, so that an operator after it has two. */
  endsOperand(i: number): boolean {
    const token = this.token(i);
    if (token === undefined) return false;
    if (token.kind === "word") return !beforeOperand.has(token.value);
    if (token.kind === "mark") return ")]}".includes(token.value);
    return token.kind !== "operator";
  }

  /** The last piece of the operand that begins at `from`: up to a comparison, a clause word, a comma or a closing bracket. */
  operandEnd(from: number): number {
    let cases = 0;
    let i = from;
    for (; i < this.#pieces.length; i++) {
      const mark = this.mark(i);
      const word = this.word(i);
      if (mark !== "" && "([{".includes(mark)) i = this.close(i);
      else if (mark !== "" && ")]},;".includes(mark)) break;
      else if (word === "case") cases++;
      else if (cases > 0) cases -= word === "end" ? 1 : 0;
      else if (comparisons.has(this.operator(i)) || afterOperand.has(word)) break;
    }
    return Math.min(i, this.#pieces.length) - 1;
  }

  /** Index ranges of the arguments within the parentheses at `open`. */
  arguments(open: number): readonly { readonly from: number; readonly to: number }[] {
    const close = this.close(open);
    const ranges: { from: number; to: number }[] = [];
    let from = open + 1;
    for (let i = open + 1; i <= close; i++) {
      if (i === close || this.mark(i) === ",") {
        if (i > from) ranges.push({ from, to: i - 1 });
        from = i + 1;
      } else if ("([{".includes(this.mark(i)) && this.mark(i) !== "") i = this.close(i);
    }
    return ranges;
  }
}

/** Looks at the piece at an index and changes it or its neighbours, or leaves all as it is. */
export type Rule = (draft: Draft, i: number) => void;
