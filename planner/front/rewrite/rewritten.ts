import type { Piece } from "./pieces.ts";

/** A query in DuckDB's words, and the way back from its offsets to the user's text. */
export interface Rewritten {
  readonly text: string;
  /** Offset in `text` (UTF-16 units) → offset in the user's text. */
  map(offset: number): number;
  /** The same from an offset in UTF-8 bytes, as DuckDB reports it. */
  mapBytes(offset: number): number;
  /**
   * Where the user wrote a name that DuckDB refused at this byte offset. Within a macro DuckDB blames the call as a whole:
   * then it is the first such name from there on, or the call when there is none.
   */
  mapName(offset: number, name: string): number;
}

interface Run {
  readonly from: number;
  readonly at: number;
  /** Length if the text stands in the source as it is, else 0: every offset means the place as a whole. */
  readonly length: number;
}

/** Puts the pieces together, with one space where white space or a comment stood; `start` is the place of an empty text. */
export function render(pieces: readonly Piece[], start: number): Rewritten {
  let text = "";
  const runs: Run[] = [];
  for (const piece of pieces) {
    if (piece.text === "") continue;
    if (text !== "" && (piece.gap || wouldMerge(text, piece.text))) text += " ";
    runs.push({ from: text.length, at: piece.at, length: piece.token?.raw === piece.text ? piece.text.length : 0 });
    text += piece.text;
  }
  const map = (offset: number): number => {
    const run = lastRunBefore(runs, offset);
    return run === undefined ? start : run.at + Math.min(offset - run.from, run.length);
  };
  const mapBytes = (offset: number): number => map(utf16Offset(text, offset));
  const mapName = (offset: number, name: string): number => {
    const found = indexOfName(text, name, utf16Offset(text, offset));
    return found < 0 ? mapBytes(offset) : map(found);
  };
  return { text, map, mapBytes, mapName };
}

/** Names are found whatever their case, but not within longer ones. */
function indexOfName(text: string, name: string, from: number): number {
  const isPart = (at: number): boolean => /[\w$\u0080-\uffff]/.test(text.charAt(at));
  const [inText, wanted] = [text.toLowerCase(), name.toLowerCase()];
  if (wanted === "" || inText.length !== text.length) return -1;
  for (let at = inText.indexOf(wanted, from); at >= 0; at = inText.indexOf(wanted, at + 1)) {
    if (!isPart(at - 1) && !isPart(at + wanted.length)) return at;
  }
  return -1;
}

/** Two pieces that were not neighbours in the source must not become one token. */
function wouldMerge(before: string, next: string): boolean {
  const last = before.charAt(before.length - 1);
  const first = next.charAt(0);
  return (
    (/[\w$'"\u0080-\uffff]/.test(last) && /[\w$'"\u0080-\uffff]/.test(first)) ||
    (/[-+*/<>=~!@#%^&|?]/.test(last) && /[-+*/<>=~!@#%^&|?]/.test(first))
  );
}

function lastRunBefore(runs: readonly Run[], offset: number): Run | undefined {
  let low = 0;
  let high = runs.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle]?.from ?? 0) <= offset) low = middle + 1;
    else high = middle;
  }
  return runs[low - 1] ?? runs[0];
}

/** The UTF-16 offset of a UTF-8 byte offset, which is clamped to the text. */
export function utf16Offset(text: string, byteOffset: number): number {
  let bytes = 0;
  for (let i = 0; i < text.length; i++) {
    if (bytes >= byteOffset) return i;
    const unit = text.charCodeAt(i);
    const isHighSurrogate = unit >= 0xd800 && unit < 0xdc00 && i + 1 < text.length;
    bytes += unit < 0x80 ? 1 : unit < 0x800 ? 2 : isHighSurrogate ? 4 : 3;
    if (isHighSurrogate) i++;
  }
  return text.length;
}
