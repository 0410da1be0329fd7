import type { Token } from "../token.ts";

/** A query while it is rewritten: a run of text that came from one place of the source. */
export interface Piece {
  readonly text: string;
  /** Offset in the user's text that errors in this piece point at. */
  readonly at: number;
  /** White space stood before it. */
  readonly gap: boolean;
  /** What it was read from, if it stands for one token; its text may be another spelling. */
  readonly token: Token | null;
}

export function piecesOf(tokens: readonly Token[]): Piece[] {
  return tokens.map((token, i) => ({ text: token.raw, at: token.start, gap: i > 0 && tokens[i - 1]?.end !== token.start, token }));
}

/** Text of ours, to be blamed on `at`. */
export const made = (text: string, at: number, gap = true): Piece => ({ text, at, gap, token: null });

export const respelt = (piece: Piece, text: string): Piece => ({ ...piece, text });

export const quoteString = (value: string): string => `'${value.replaceAll("'", "''")}'`;
export const quoteName = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`);

/** The index of the bracket that closes the one at `open`; the front has checked that they match. */
export function closeOf(pieces: readonly Piece[], open: number): number {
  let depth = 0;
  for (let i = open; i < pieces.length; i++) {
    const token = pieces[i]?.token;
    if (token?.kind !== "mark") continue;
    if ("([{".includes(token.value)) depth++;
    else if (")]}".includes(token.value) && --depth === 0) return i;
  }
  return pieces.length;
}

/** Cuts at the commas outside brackets. */
export function splitArguments(pieces: readonly Piece[]): Piece[][] {
  const parts: Piece[][] = [[]];
  for (let i = 0; i < pieces.length; i++) {
    const piece = pieces[i] as Piece;
    const mark = piece.token?.kind === "mark" ? piece.token.value : "";
    if (mark === ",") {
      parts.push([]);
      continue;
    }
    const end = mark !== "" && "([{".includes(mark) ? closeOf(pieces, i) : i;
    parts.at(-1)?.push(...pieces.slice(i, end + 1));
    i = end;
  }
  return parts;
}
