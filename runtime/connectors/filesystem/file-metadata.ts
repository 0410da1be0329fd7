import { basename } from "node:path";
import type { Column } from "../../contract/batch.ts";
import type { MetadataSpec } from "../../contract/connector.ts";
import { assertNever } from "../../contract/errors.ts";
import { bigint, varchar } from "../../contract/types.ts";
import type { FoundFile } from "./find-files.ts";
import type { SplitReader } from "./split-reader.ts";

export const fileMetadataKeys = [
  { key: "file.path", type: varchar, doc: "The row's file, as the option path spells it." },
  { key: "file.name", type: varchar, doc: "The file's name without its directory." },
  { key: "file.size", type: bigint, doc: "Size of the file in bytes when it was found." },
  { key: "file.modification_time", type: { id: "timestamptz" }, doc: "When the file had last been written to, as of when it was found." },
  { key: "row.number", type: bigint, doc: "The line on which the row begins (JSON, CSV), or the row's number (Parquet); from 1." },
] as const satisfies readonly MetadataSpec[];

type Key = (typeof fileMetadataKeys)[number]["key"];

/** A metadata column of a batch of one file. */
export function fileMetadata(key: string, file: FoundFile, reader: SplitReader, rows: number): Column {
  const known = key as Key;
  switch (known) {
    case "file.path":
      return repeatedText(file.path, rows);
    case "file.name":
      return repeatedText(basename(file.path), rows);
    case "file.size":
      return i64(new BigInt64Array(rows).fill(BigInt(file.size_bytes)));
    case "file.modification_time":
      return i64(new BigInt64Array(rows).fill(BigInt(file.modified_ms) * 1_000n));
    case "row.number":
      return i64(BigInt64Array.from({ length: rows }, (_, row) => BigInt(reader.numberOf(row))));
    default:
      return assertNever(known);
  }
}

const i64 = (values: BigInt64Array): Column => ({ phys: "i64", values, validity: null });

/** Every row is a view of the same bytes. */
function repeatedText(text: string, rows: number): Column {
  const bytes = Buffer.from(text);
  return { phys: "bytes", start: new Int32Array(rows), end: new Int32Array(rows).fill(bytes.length), bytes, validity: null };
}
