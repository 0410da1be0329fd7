import { formatType, type Schema } from "../contract/types.ts";
import type { Cell } from "./cells/cell.ts";
import { makeCell } from "./cells/make-cell.ts";
import { json, plainStringEnd, skipColon, skipNumber, skipSpace, skipValue, skipWord, stringEnd, unescape } from "./json-scan.ts";

/** Names of keys beyond this many places are looked up each time. */
const predictedKeys_max = 1_024;
const noColumn = -1;

/** A key as it stood at its place in the record before: mostly it stands there again. */
interface PredictedKey {
  readonly quoted: Buffer;
  readonly column: number;
}

/** Reads one JSON object into a row of cells: keys are columns, a missing key is NULL, an unknown one is passed over. */
export class JsonRecord {
  readonly cells: readonly Cell[];
  /** A value of the last record that is not of its column's type. */
  reason: string | null = null;
  private readonly schema: Schema;
  private readonly columns = new Map<string, number>();
  private readonly lowerCased = new Map<string, number>();
  private readonly predicted: PredictedKey[] = [];
  private readonly texts: readonly boolean[];
  private readonly nested: readonly boolean[];
  /** The record in which a column was last seen. */
  private readonly seen: Float64Array;
  private record = 0;
  /** Texts of the row with escapes, as (column, start, end): resolved once the record is known to be good. */
  private escaped: number[] = [];
  private bytes: Buffer = Buffer.alloc(0);

  constructor(schema: Schema) {
    this.schema = schema;
    this.cells = schema.columns.map((field) => makeCell(field.type));
    this.texts = schema.columns.map(({ type }) => type.id === "varchar");
    this.nested = schema.columns.map(({ type }) => ["json", "list", "struct", "map"].includes(type.id));
    this.seen = new Float64Array(schema.columns.length);
    schema.columns.forEach(({ name }, c) => {
      this.columns.set(name, c);
      if (!this.lowerCased.has(name.toLowerCase())) this.lowerCased.set(name.toLowerCase(), c);
    });
  }

  begin(bytes: Buffer): void {
    this.bytes = bytes;
    for (const cell of this.cells) cell.begin(bytes);
  }

  /** Gives the place behind the object, or -1. The row counts once it is accepted. */
  read(row: number, start: number, end: number): number {
    this.record++;
    this.reason = null;
    if (this.escaped.length > 0) this.escaped = [];
    return this.members(row, start, end);
  }

  /** `accept` will change bytes of the record. */
  get hasEscapes(): boolean {
    return this.escaped.length > 0;
  }

  /** Completes the row that was read; false when it is bad, for the `reason`. Resolves escapes in place: it cannot be read again. */
  accept(row: number): boolean {
    for (let c = 0; c < this.cells.length; c++) if (this.seen[c] !== this.record) (this.cells[c] as Cell).putNull(row);
    for (let i = 0; i < this.escaped.length; i += 3) this.resolve(row, i);
    return this.reason === null;
  }

  private members(row: number, start: number, end: number): number {
    const { bytes } = this;
    if (bytes[start] !== json.openBrace || start >= end) return -1;
    let at = skipSpace(bytes, start + 1, end);
    if (at < end && bytes[at] === json.closeBrace) return at + 1;
    for (let place = 0; at < end; place++) {
      const predicted = this.predicted[place];
      const known = predicted !== undefined && beginsWith(bytes, at, predicted.quoted);
      const keyEnd = known ? at + predicted.quoted.length : this.keyEnd(at, end);
      if (keyEnd < 0) return -1;
      const column = known ? predicted.column : this.columnOf(place, at, keyEnd);
      at = skipColon(bytes, keyEnd, end);
      if (at < 0) return -1;
      at = column === noColumn ? skipValue(bytes, at, end, 1) : this.value(row, column, at, end);
      if (at < 0) return -1;
      at = skipSpace(bytes, at, end);
      if (at >= end) return -1;
      if (bytes[at] === json.closeBrace) return at + 1;
      if (bytes[at] !== json.comma) return -1;
      at = skipSpace(bytes, at + 1, end);
    }
    return -1;
  }

  /** Behind the closing quote of a key. */
  private keyEnd(at: number, end: number): number {
    const close = this.bytes[at] === json.quote ? stringEnd(this.bytes, at + 1, end) : -1;
    return close < 0 ? -1 : close + 1;
  }

  private columnOf(place: number, start: number, end: number): number {
    const key = JSON.parse(this.bytes.toString("utf8", start, end)) as string;
    const column = this.columns.get(key) ?? this.lowerCased.get(key.toLowerCase()) ?? noColumn;
    if (place < predictedKeys_max) this.predicted[place] = { quoted: Buffer.from(this.bytes.subarray(start, end)), column };
    return column;
  }

  /** A value that is not of the column's type is passed over, and the record is bad. */
  private value(row: number, column: number, at: number, end: number): number {
    const { bytes } = this;
    const cell = this.cells[column] as Cell;
    this.seen[column] = this.record;
    const first = bytes[at] as number;
    if (first === json.quote && this.nested[column] !== true) return this.string(row, column, at + 1, end);
    if (first === 0x6e) {
      cell.putNull(row);
      return skipWord(bytes, at, end, "null");
    }
    const isNested = first === json.openBrace || first === json.openBracket;
    const behind =
      isNested || first === json.quote || first === 0x74 || first === 0x66 ? skipValue(bytes, at, end, 1) : skipNumber(bytes, at, end);
    if (behind < 0) return -1;
    const fits = !isNested || this.nested[column] === true || this.texts[column] === true;
    if (!fits || !cell.put(row, at, behind)) this.mismatch(column, at, behind);
    return behind;
  }

  private string(row: number, column: number, start: number, end: number): number {
    const { bytes } = this;
    const plain = plainStringEnd(bytes, start, end);
    const close = plain >= 0 && bytes[plain] !== json.quote ? stringEnd(bytes, start, end) : plain;
    if (close < 0) return -1;
    if (close !== plain) this.escaped.push(column, start, close);
    if (close !== plain && this.texts[column] !== true) return close + 1; // read when its escapes are resolved
    if (!(this.cells[column] as Cell).put(row, start, close)) this.mismatch(column, start - 1, close + 1);
    return close + 1;
  }

  private resolve(row: number, i: number): void {
    const column = this.escaped[i] as number;
    const start = this.escaped[i + 1] as number;
    const end = unescape(this.bytes, start, this.escaped[i + 2] as number);
    if (!(this.cells[column] as Cell).put(row, start, end)) this.mismatch(column, start, end);
  }

  private mismatch(column: number, start: number, end: number): void {
    const field = this.schema.columns[column];
    const shown = this.bytes.toString("utf8", start, Math.min(end, start + 64));
    this.reason ??= field === undefined ? "" : `column "${field.name}": ${shown} is no ${formatType(field.type)}`;
  }
}

/** It may see bytes behind the end of the text: a key that it finds there has no colon in front of the end, and so is not whole. */
function beginsWith(bytes: Uint8Array, at: number, other: Uint8Array): boolean {
  for (let i = 0; i < other.length; i++) if (bytes[at + i] !== other[i]) return false;
  return true;
}
