import type { CsvDialect } from "./csv-dialect.ts";
import { CsvFields, noRecord } from "./csv-fields.ts";
import { countLineFeeds } from "./row-decoder.ts";

export interface CsvHeader {
  readonly names: readonly string[];
  /** With its line end. */
  readonly length_bytes: number;
  readonly lines: number;
}

/**
 * Reads the first record of a file. `bytesUntil` asks for more bytes of its beginning until the function given is content, and
 * says whether they are all there are. null when there is no whole record and more may be written (`growing`), or none at all.
 */
export function csvHeader(
  dialect: CsvDialect,
  bytesUntil: (enough: (bytes: Buffer, last: boolean) => boolean) => void,
  growing: boolean,
): CsvHeader | null {
  const fields = new CsvFields(dialect);
  let header: CsvHeader | null = null;
  bytesUntil((bytes, last) => {
    const end = bytes.length === 0 ? noRecord : fields.read(Buffer.from(bytes), 0, bytes.length, last && !growing);
    if (end === noRecord) return last;
    const copy = Buffer.from(bytes);
    fields.read(copy, 0, copy.length, last);
    const names = Array.from({ length: fields.count }, (_, f) => copy.toString("utf8", fields.start[f] as number, fields.textEnd(f)));
    header = { names, length_bytes: end, lines: countLineFeeds(bytes, 0, end) };
    return true;
  });
  return header;
}
