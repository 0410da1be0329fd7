import { SqlError } from "../../../runtime/contract/errors.ts";
import { notSupported } from "../syntax-error.ts";
import { isMark, isName, isWord } from "../token.ts";
import { closeOf, made, type Piece, quoteName, quoteString, respelt, splitArguments } from "./pieces.ts";
import { tablePositions } from "./table-position.ts";
import { readWindowData, type WindowData } from "./window-data.ts";
import { type Argument, type Arguments, isWindowFunction, matchArguments, type WindowFunction } from "./window-signatures.ts";
import { readWindowSizes } from "./window-sizes.ts";

/*
 * Postgres' form `TUMBLE(t, ts, INTERVAL '1 hour')` and Flink's `TABLE(TUMBLE(TABLE t, DESCRIPTOR(ts), …))` become the call of
 * a table macro, `tumble('t', ts, …) AS t` (prelude-sql.ts). A query as data becomes a CTE, because a macro takes a name:
 * `TUMBLE((query), …)` is `(with mr_data_1 as (query) select * from tumble('mr_data_1', …)) AS tumble`.
 * SESSION's partition keys are `keys => k`, or `keys => row(k, l)` for several.
 */

/** Words that follow a relation and are no alias. */
const notAlias = new Set(
  "where group having order limit offset window qualify union except intersect fetch for on using join left right full inner outer cross natural asof anti semi positional emit tablesample pivot unpivot returning as set values lateral with".split(
    " ",
  ),
);
const groupWindows = /^(?:tumble|hop|session|cumulate)(?:_start|_end|_rowtime)?$/;

/** A window call over a relation, as the user wrote it. */
export interface WindowCall {
  readonly relation: string;
  readonly timeColumn: string;
  readonly name: WindowFunction;
  readonly at: number;
}

class WindowCalls {
  readonly found: WindowCall[] = [];
  readonly #pieces: readonly Piece[];
  readonly #isTable: readonly boolean[];
  #queries = 0;

  constructor(pieces: readonly Piece[]) {
    this.#pieces = pieces;
    this.#isTable = tablePositions(pieces);
  }

  rewrite(from: number, to: number): Piece[] {
    const rewritten: Piece[] = [];
    for (let i = from; i < to; i++) {
      const call = this.#callAt(i);
      if (call === null) {
        this.#refuse(i);
        rewritten.push(this.#pieces[i] as Piece);
        continue;
      }
      rewritten.push(...this.#call(call, i));
      i = call.end;
    }
    return rewritten;
  }

  /** The call that begins here: where its name is, and its last piece. */
  #callAt(i: number): { name: number; end: number } | null {
    if (!this.#isTable[i]) return null;
    const isWrapped = isWord(this.#token(i), "table") && isMark(this.#token(i + 1), "(") && isWindowFunction(this.#token(i + 2));
    const name = isWrapped ? i + 2 : i;
    if (!isWindowFunction(this.#token(name)) || !isMark(this.#token(name + 1), "(")) return null;
    const end = closeOf(this.#pieces, name + 1);
    if (isWrapped && !isMark(this.#token(end + 1), ")")) throw this.#syntaxError(end + 1);
    return { name, end: isWrapped ? end + 1 : end };
  }

  #call(call: { name: number; end: number }, first: number): readonly Piece[] {
    const piece = this.#pieces[call.name] as Piece;
    const name = piece.token?.value as WindowFunction;
    const close = closeOf(this.#pieces, call.name + 1);
    const parts = joinPartitionKeys(splitArguments(this.#pieces.slice(call.name + 2, close)), name);
    const given = matchArguments(name, parts, piece.at);
    const { data, keys } = readWindowData(name, given.get("data") ?? { pieces: [], at: piece.at });
    const zone = given.get("timezone");
    const macro = respelt({ ...piece, gap: this.#pieces[first]?.gap ?? false }, zone === undefined ? name : `${name}_zoned`);
    const tail = [
      ...lengths(name, given),
      ...zoneArgument(zone),
      ...(name === "session" ? keyArgument(keys, piece.at) : []),
      made(")", piece.at, false),
    ];
    const alias = this.#hasAlias(call.end + 1) ? [] : [made(`AS ${quoteName(data.kind === "relation" ? data.name : name)}`, piece.at)];
    this.#note(name, data, given);
    if (data.kind === "subquery") return [...this.#overQuery(macro, data.pieces, tail), ...alias];
    return [macro, made(`(${quoteString(data.path)}`, data.at, false), ...tail, ...alias];
  }

  #note(name: WindowFunction, data: WindowData, given: Arguments): void {
    const time = given.get("timecol");
    const column = time === undefined ? [] : timeColumn(name, time.pieces);
    const token = column.length === 1 ? column[0]?.token : null;
    if (data.kind !== "relation" || time === undefined || !token) return;
    this.found.push({ relation: data.name, timeColumn: token.value, name, at: time.at });
  }

  #overQuery(macro: Piece, query: readonly Piece[], tail: readonly Piece[]): readonly Piece[] {
    const name = `mr_data_${++this.#queries}`;
    const start = this.#pieces.indexOf(query[0] as Piece);
    return [
      made(`(with ${name} as`, macro.at, macro.gap),
      ...spaced(this.rewrite(start, start + query.length)),
      made("select * from", macro.at),
      { ...macro, gap: true },
      made(`('${name}'`, macro.at, false),
      ...tail,
      made(")", macro.at, false),
    ];
  }

  #hasAlias(i: number): boolean {
    const token = this.#token(i);
    if (isWord(token, "as")) return true;
    return token?.kind === "quoted" || (token?.kind === "word" && !notAlias.has(token.value));
  }

  #refuse(i: number): void {
    const token = this.#token(i);
    if (token?.kind !== "word") return;
    if (!groupWindows.test(token.value) || !isMark(this.#token(i + 1), "(") || isMark(this.#token(i - 1), ".")) return;
    const name = token.value.replace(/_(?:start|end|rowtime)$/, "").toUpperCase();
    const hint = `Write FROM ${name}(table, time_column, …) and GROUP BY window_start, window_end.`;
    throw notSupported(`${token.raw.toUpperCase()} outside FROM`, token.start, hint);
  }

  #token(i: number) {
    return this.#pieces[i]?.token ?? undefined;
  }

  #syntaxError(i: number): SqlError {
    const piece = this.#pieces[i];
    const message = piece === undefined ? "syntax error at end of input" : `syntax error at or near "${piece.text}"`;
    return new SqlError({ sqlState: "42601", message, at: piece?.at ?? this.#pieces.at(-1)?.at });
  }
}

/** `SESSION(t PARTITION BY k, l, ts, gap)`: the commas between keys are not those between arguments. */
function joinPartitionKeys(parts: readonly Piece[][], name: WindowFunction): readonly (readonly Piece[])[] {
  const [data = [], ...others] = parts;
  const hasKeys = data.some((piece, i) => isWord(piece.token ?? undefined, "partition") && isWord(data[i + 1]?.token ?? undefined, "by"));
  if (!hasKeys) return parts;
  const isTimeColumn = (part: readonly Piece[]): boolean =>
    isWord(part[0]?.token ?? undefined, "descriptor") || part[1]?.token?.value === "=>";
  const described = others.findIndex(isTimeColumn);
  const keys = described >= 0 ? described : name === "session" ? Math.max(0, others.length - 2) : 0;
  const joined = others.slice(0, keys).flatMap((key) => [comma(key), ...key]);
  return [[...data, ...joined], ...others.slice(keys)];
}

const comma = (next: readonly Piece[]): Piece => {
  const at = next[0]?.at ?? 0;
  return { text: ",", at, gap: false, token: { kind: "mark", value: ",", raw: ",", start: at, end: at } };
};

/** The time column and the lengths, each after a comma. */
function lengths(name: WindowFunction, given: Arguments): readonly Piece[] {
  const time = given.get("timecol") ?? { pieces: [], at: 0 };
  const pieces: Piece[] = [made(",", time.at, false), ...timeColumn(name, time.pieces)];
  for (const [parameter, size] of readWindowSizes(name, given)) {
    pieces.push(made(parameter === "offset" ? ', "offset" =>' : ",", size[0]?.at ?? time.at, false), ...spaced(size));
  }
  return pieces;
}

/** A macro of its own: without a zone there is nothing to convert. */
const zoneArgument = (zone: Argument | undefined): readonly Piece[] =>
  zone === undefined ? [] : [made(", timezone =>", zone.at, false), ...spaced(zone.pieces)];

/** `DESCRIPTOR(ts)` is `ts`. */
function timeColumn(name: WindowFunction, pieces: readonly Piece[]): readonly Piece[] {
  const [first, open] = pieces;
  if (first?.token?.kind === "string" || first?.token?.kind === "number") {
    throw new SqlError({ sqlState: "42601", message: `the time column of ${name.toUpperCase()} must be a column's name`, at: first.at });
  }
  if (!isWord(first?.token ?? undefined, "descriptor") || !isMark(open?.token ?? undefined, "(")) return spaced(pieces);
  const column = pieces.slice(2, closeOf(pieces, 1));
  if (column.length !== 1 || !isName(column[0]?.token ?? undefined) || column.length + 3 !== pieces.length) {
    throw new SqlError({ sqlState: "42601", message: "DESCRIPTOR takes one column's name", at: first?.at });
  }
  return spaced(column);
}

function keyArgument(keys: readonly Piece[][], at: number): readonly Piece[] {
  if (keys.length === 0) return [];
  const listed = keys.flatMap((key, i) => (i === 0 ? tight(key) : [made(",", key[0]?.at ?? at, false), ...spaced(key)]));
  if (keys.length === 1) return [made(", keys =>", at, false), ...spaced(listed)];
  return [made(", keys => row(", at, false), ...listed, made(")", at, false)];
}

const tight = (pieces: readonly Piece[]): Piece[] => pieces.map((piece, i) => (i === 0 ? { ...piece, gap: false } : piece));
const spaced = (pieces: readonly Piece[]): Piece[] => pieces.map((piece, i) => (i === 0 ? { ...piece, gap: true } : piece));

/** Window calls in FROM as calls of DuckDB's table macros. Throws SqlError with the position in the user's text. */
export function rewriteWindowCalls(pieces: readonly Piece[]): { readonly pieces: Piece[]; readonly calls: readonly WindowCall[] } {
  const calls = new WindowCalls(pieces);
  return { pieces: calls.rewrite(0, pieces.length), calls: calls.found };
}
