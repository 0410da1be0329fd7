import { isUtf8 } from "node:buffer";
import type { Batch } from "../contract/batch.ts";
import { formatType, type Schema } from "../contract/types.ts";
import { type Cell, decode_rows_max } from "./cells/cell.ts";
import { makeCell } from "./cells/make-cell.ts";
import type { CsvDialect } from "./csv-dialect.ts";
import { CsvFields, noRecord } from "./csv-fields.ts";
import { type BadRecord, isTooLong, rawText, type RowDecoder, type TextPosition, utf8End } from "./row-decoder.ts";
import { RowLines } from "./row-lines.ts";

/** CSV as of RFC 4180. `columns` says for each value of a record which column of the schema it is, -1 for none. */
export class CsvDecoder implements RowDecoder {
  line: number;
  readonly array = null;
  private readonly schema: Schema;
  private readonly cells: readonly Cell[];
  private readonly columns: readonly number[];
  private readonly missing: readonly Cell[];
  private readonly fields: CsvFields;
  private readonly bad: (record: BadRecord) => void;
  private bytes: Buffer = Buffer.alloc(0);
  private readonly lines = new RowLines();
  private rows = 0;
  private clean = true;

  constructor(schema: Schema, columns: readonly number[], dialect: CsvDialect, position: TextPosition, bad: (record: BadRecord) => void) {
    this.schema = schema;
    this.cells = schema.columns.map(({ type }) => makeCell(type));
    this.columns = columns;
    this.missing = this.cells.filter((_, c) => !columns.includes(c));
    this.fields = new CsvFields(dialect);
    this.line = position.line;
    this.bad = bad;
  }

  decode(bytes: Buffer, from: number, to: number, last: boolean): number {
    this.bytes = bytes;
    this.lines.begin(bytes, from, this.line);
    this.rows = 0;
    for (const cell of this.cells) cell.begin(bytes);
    this.clean = isUtf8(bytes.subarray(from, utf8End(bytes, from, to)));
    let at = from;
    while (this.rows < decode_rows_max && at < to) {
      const behind = this.fields.read(bytes, at, to, last);
      if (behind === noRecord) {
        if (!isTooLong(at, to)) break;
        this.report(at, to, "a record does not end", null);
        at = to;
      } else {
        this.record(at, behind);
        at = behind;
      }
    }
    this.line = this.lines.at(at);
    return at;
  }

  batch(): Batch {
    return { rows: this.rows, columns: this.cells.map((cell) => cell.column(this.rows)), weights: null };
  }

  lineOf(row: number): number {
    return this.lines.ofRow(row);
  }

  private record(start: number, behind: number): void {
    const { fields } = this;
    if (fields.isEmpty() && this.columns.length > 1) return; // an empty line
    const raw = fields.doubled ? rawText(this.bytes, start, fields.recordEnd) : null; // reading takes doubled quotes out in place
    const reason = fields.reason ?? this.wrongCount() ?? this.wrongBytes(start, behind) ?? this.values();
    if (reason === null) this.lines.set(this.rows++, start);
    else this.report(start, fields.recordEnd, reason, raw);
  }

  private wrongCount(): string | null {
    const { count } = this.fields;
    return count === this.columns.length ? null : `it has ${count} values, not ${this.columns.length}`;
  }

  private wrongBytes(start: number, behind: number): string | null {
    return this.clean || isUtf8(this.bytes.subarray(start, behind)) ? null : "its bytes are not UTF-8";
  }

  private values(): string | null {
    const { fields, columns, rows } = this;
    for (let f = 0; f < columns.length; f++) {
      const column = columns[f] as number;
      if (column < 0) continue;
      const cell = this.cells[column] as Cell;
      if (fields.isNull(f)) cell.putNull(rows);
      else if (!cell.put(rows, fields.start[f] as number, fields.textEnd(f))) return this.mismatch(column, f);
    }
    for (const cell of this.missing) cell.putNull(rows);
    return null;
  }

  private mismatch(column: number, f: number): string {
    const from = this.fields.start[f] as number;
    const shown = this.bytes.toString("utf8", from, Math.min(this.fields.textEnd(f), from + 64));
    const field = this.schema.columns[column];
    return field === undefined ? "" : `column "${field.name}": '${shown}' is no ${formatType(field.type)}`;
  }

  private report(start: number, end: number, reason: string, raw: string | null): void {
    this.bad({ line: this.lines.at(start), reason, raw: raw ?? rawText(this.bytes, start, end) });
  }
}
