import { SqlError } from "../../../runtime/contract/errors.ts";
import { isMark, isName, isWord } from "../token.ts";
import { closeOf, type Piece, quoteName, splitArguments } from "./pieces.ts";
import type { Argument, WindowFunction } from "./window-signatures.ts";

/** What a window call runs over. */
export type WindowData =
  /** `path` as DuckDB's query_table reads it, `name` its last part. */
  | { readonly kind: "relation"; readonly path: string; readonly name: string; readonly at: number }
  /** With its parentheses. */
  | { readonly kind: "subquery"; readonly pieces: readonly Piece[] };

/** `[TABLE] name`, `[TABLE] (query)` or `'name'`, with PARTITION BY cut off. */
export function readWindowData(name: WindowFunction, { pieces, at }: Argument): { data: WindowData; keys: readonly Piece[][] } {
  const from = isWord(tokenAt(pieces, 0), "table") && pieces.length > 1 ? 1 : 0;
  const partition = findPartition(pieces, from);
  const data = readData(pieces.slice(from, partition ?? pieces.length));
  if (data === null) {
    const message = `the first argument of ${name.toUpperCase()} must be a table or a query in parentheses`;
    throw new SqlError({ sqlState: "42601", message, at: pieces[from]?.at ?? at });
  }
  return { data, keys: partition === null ? [] : readKeys(pieces.slice(partition + 2), pieces[partition]?.at ?? at) };
}

const tokenAt = (pieces: readonly Piece[], i: number) => pieces[i]?.token ?? undefined;

function findPartition(pieces: readonly Piece[], from: number): number | null {
  const start = isMark(tokenAt(pieces, from), "(") ? closeOf(pieces, from) + 1 : from + 1;
  for (let i = start; i + 1 < pieces.length; i++)
    if (isWord(tokenAt(pieces, i), "partition") && isWord(tokenAt(pieces, i + 1), "by")) return i;
  return null;
}

function readData(pieces: readonly Piece[]): WindowData | null {
  const first = tokenAt(pieces, 0);
  const at = pieces[0]?.at ?? 0;
  if (isMark(first, "(")) return closeOf(pieces, 0) === pieces.length - 1 && pieces.length > 2 ? { kind: "subquery", pieces } : null;
  if (first?.kind === "string" && pieces.length === 1) {
    return { kind: "relation", path: first.value, name: first.value.split(".").at(-1) ?? first.value, at };
  }
  const parts: string[] = [];
  for (const [i, piece] of pieces.entries()) {
    const token = piece.token ?? undefined;
    if (i % 2 === 0 ? !isName(token) : !isMark(token, ".")) return null;
    if (i % 2 === 0) parts.push(token?.value ?? "");
  }
  return pieces.length % 2 === 0 ? null : { kind: "relation", path: parts.map(quoteName).join("."), name: parts.at(-1) ?? "", at };
}

/** `k`, `k, l` and `(k, l)`. */
function readKeys(pieces: readonly Piece[], at: number): readonly Piece[][] {
  const isGroup = isMark(tokenAt(pieces, 0), "(") && closeOf(pieces, 0) === pieces.length - 1;
  const keys = splitArguments(isGroup ? pieces.slice(1, -1) : pieces);
  if (keys.some((key) => key.length === 0)) throw new SqlError({ sqlState: "42601", message: "PARTITION BY needs a column", at });
  return keys;
}
