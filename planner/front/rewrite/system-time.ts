import { SqlError } from "../../../runtime/contract/errors.ts";
import { notSupported } from "../syntax-error.ts";
import { isMark, isName, isWord } from "../token.ts";
import { closeOf, made, type Piece, quoteName } from "./pieces.ts";

/*
 * `JOIN rates FOR SYSTEM_TIME AS OF o.ts AS r ON o.cur = r.cur` becomes `JOIN (select * from rates offset 0) AS r
 * ON mr_as_of(o.ts) >= mr_version(r.cur) AND (o.cur = r.cur)`: a comparison of markers, one over each side, that DuckDB keeps with the join. With PROCTIME() the left side's
 * marker is `mr_lookup(o.cur)`. The markers' columns only tie them to their sides. The right side goes behind OFFSET 0, which DuckDB pushes no condition
 * below: a condition looks at the version that was found, it does not choose among versions.
 */

const endOfCondition = new Set(
  "join inner left right full cross natural asof semi anti positional on using where group having order limit offset window qualify union except intersect fetch emit for".split(
    " ",
  ),
);
/** Also functions. */
const callable = new Set(["left", "right"]);

class SystemTime {
  readonly #pieces: readonly Piece[];

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
  }

  rewrite(): readonly Piece[] {
    const first = this.#pieces.findIndex((_, i) => this.#isClause(i));
    if (first < 0) return this.#pieces;
    const out: Piece[] = [];
    for (let i = 0; i < this.#pieces.length; i++) {
      if (this.#isClause(i)) i = this.#clause(i, out) - 1;
      else out.push(this.#pieces[i] as Piece);
    }
    // A condition may hold a subquery with a clause of its own.
    return new SystemTime(out).rewrite();
  }

  #isClause(i: number): boolean {
    return isWord(this.#token(i), "for") && isWord(this.#token(i + 1), "system_time");
  }

  /** Rewrites the clause at `at` and the condition behind it; returns where to go on. */
  #clause(at: number, out: Piece[]): number {
    if (!isWord(this.#token(at + 2), "as") || !isWord(this.#token(at + 3), "of")) throw this.#error(at + 2, "FOR SYSTEM_TIME needs AS OF");
    const time = this.#time(at + 4);
    const alias = this.#alias(time.end, at);
    const relation = out.splice(relationStart(out));
    const from = this.#pieces[at]?.at ?? 0;
    out.push(made("(select * from", relation[0]?.at ?? from), ...relation, made(`offset 0) AS ${quoteName(alias.name)}`, from));
    if (isWord(this.#token(alias.end), "using")) {
      const hint = `Write ON left.column = ${alias.name}.column.`;
      throw notSupported("FOR SYSTEM_TIME AS OF with USING", this.#pieces[alias.end]?.at ?? 0, hint);
    }
    if (!isWord(this.#token(alias.end), "on")) throw this.#error(alias.end, "FOR SYSTEM_TIME AS OF needs a JOIN with ON");
    const end = this.#conditionEnd(alias.end + 1);
    const condition = this.#pieces.slice(alias.end + 1, end);
    const on = this.#pieces[alias.end] as Piece;
    out.push(on, ...this.#marker(time.pieces, condition, alias.name, this.#pieces[at]?.at ?? 0));
    out.push(made("AND (", on.at), ...condition, made(")", on.at, false));
    return end;
  }

  #marker(time: readonly Piece[] | null, condition: readonly Piece[], alias: string, at: number): readonly Piece[] {
    const named = columnOf(condition, (table) => table === alias);
    const version = [made(">= mr_version(", at), ...(named ?? [made(quoteName(alias), at, false)]), made(")", at, false)];
    if (time !== null) return [made("mr_as_of(", at), ...time, made(")", at, false), ...version];
    const column = columnOf(condition, (table) => table !== alias);
    if (column !== null) return [made("mr_lookup(", at), ...column, made(")", at, false), ...version];
    const hint = `Write ON left.column = ${alias}.column.`;
    throw new SqlError({
      sqlState: "42601",
      message: "the condition of a join FOR SYSTEM_TIME AS OF PROCTIME() must name the left side's columns with their table",
      hint,
      at: condition[0]?.at ?? at,
    });
  }

  /** A column (`ts`, `o.ts`), or null for PROCTIME(). */
  #time(from: number): { readonly pieces: readonly Piece[] | null; readonly end: number } {
    if (isWord(this.#token(from), "proctime") && isMark(this.#token(from + 1), "(") && isMark(this.#token(from + 2), ")")) {
      return { pieces: null, end: from + 3 };
    }
    let end = from;
    while (isName(this.#token(end)) && isMark(this.#token(end + 1), ".")) end += 2;
    if (!isName(this.#token(end)) || isMark(this.#token(end + 1), "(")) {
      throw this.#error(from, "FOR SYSTEM_TIME AS OF takes an event time column of the left side, or PROCTIME()");
    }
    return { pieces: this.#pieces.slice(from, end + 1), end: end + 1 };
  }

  /** What the right side is called: its alias, else its own name in front of the clause. */
  #alias(from: number, clause: number): { readonly name: string; readonly end: number } {
    const at = isWord(this.#token(from), "as") ? from + 1 : from;
    const token = this.#token(at);
    if (isName(token) && !(token?.kind === "word" && endOfCondition.has(token.value))) return { name: token?.value ?? "", end: at + 1 };
    const before = this.#token(clause - 1);
    if (!isName(before) || at > from) throw this.#error(at, "FOR SYSTEM_TIME AS OF follows a table's name");
    return { name: before?.value ?? "", end: from };
  }

  #conditionEnd(from: number): number {
    let i = from;
    for (; i < this.#pieces.length; i++) {
      const token = this.#token(i);
      if (token?.kind === "mark" && "([{".includes(token.value)) i = closeOf(this.#pieces, i);
      else if (token?.kind === "mark" && ")]},;".includes(token.value)) return i;
      else if (token?.kind === "word" && endOfCondition.has(token.value) && !this.#isCall(i)) return i;
    }
    return i;
  }

  #isCall(i: number): boolean {
    return callable.has(this.#token(i)?.value ?? "") && isMark(this.#token(i + 1), "(");
  }

  #token(i: number) {
    return this.#pieces[i]?.token ?? undefined;
  }

  #error(i: number, message: string): SqlError {
    return new SqlError({ sqlState: "42601", message, at: this.#pieces[i]?.at ?? this.#pieces.at(-1)?.at });
  }
}

/** Where the relation begins that the pieces end with: a name of one part or more, a call, a query in parentheses. */
function relationStart(pieces: readonly Piece[]): number {
  const token = (i: number) => pieces[i]?.token ?? undefined;
  let start = pieces.length - 1;
  if (isMark(token(start), ")")) {
    while (start > 0 && closeOf(pieces, start) !== pieces.length - 1) start--;
    if (isName(token(start - 1)) && !isWord(token(start - 1), "join")) start--;
  }
  while (isMark(token(start - 1), ".") && isName(token(start - 2))) start -= 2;
  return Math.max(0, start);
}

/** The first `table.column` of the condition whose table is one of those. */
function columnOf(condition: readonly Piece[], isOne: (table: string) => boolean): readonly Piece[] | null {
  const token = (i: number) => condition[i]?.token ?? undefined;
  for (let i = 0; i + 2 < condition.length; i++) {
    const starts = isName(token(i)) && isMark(token(i + 1), ".") && isName(token(i + 2)) && !isMark(token(i - 1), ".");
    if (starts && isOne(token(i)?.value ?? "") && !isMark(token(i + 3), "(")) return condition.slice(i, i + 3);
  }
  return null;
}

/** Joins with versions of a table, as comparisons of markers. Throws SqlError with the position in the user's text. */
export const rewriteSystemTime = (pieces: readonly Piece[]): readonly Piece[] => new SystemTime(pieces).rewrite();
