import { SqlError } from "../../runtime/contract/errors.ts";
import { dateInfinity, timestampInfinity } from "../../runtime/contract/text-time.ts";
import { formatType, type SqlType } from "../../runtime/contract/types.ts";
import type { Value } from "../../runtime/contract/value.ts";
import type { Parameter } from "../session/execution.ts";
import { epoch_days, epoch_us } from "./epoch.ts";
import { MessageBody, utf8Of } from "./message-body.ts";
import { readNumeric } from "./numeric.ts";
import { decimalParameter, uuidText } from "./parse-value.ts";
import { innermost, isJsonb, oidOf } from "./types.ts";

/** A parameter in Postgres' binary form. A type that is unknown is read as text. Throws 22P03, 22021, 22003. */
export function readBinaryParameter(type: SqlType | null, oid: number, bytes: Buffer): Parameter {
  if (type === null) return { type, value: utf8Of(bytes) };
  if (isJsonb(oid)) return { type, value: readJsonb(bytes) };
  if (type.id === "decimal") return decimalParameter(readNumeric(bytes));
  return { type, value: readBinary(type, bytes) };
}

function readBinary(type: SqlType, bytes: Buffer): Value {
  switch (type.id) {
    case "boolean":
      return sized(type, bytes, 1).readUInt8() !== 0;
    case "tinyint":
    case "utinyint":
    case "smallint":
      return sized(type, bytes, 2).readInt16BE();
    case "usmallint":
    case "integer":
      return sized(type, bytes, 4).readInt32BE();
    case "uinteger": // oid has 4 bytes; a UINTEGER column is int8 on the wire
      return bytes.length === 4 ? BigInt(bytes.readUInt32BE()) : sized(type, bytes, 8).readBigInt64BE();
    case "bigint":
      return sized(type, bytes, 8).readBigInt64BE();
    case "hugeint":
    case "ubigint":
      return wholeNumber(bytes);
    case "real":
      return sized(type, bytes, 4).readFloatBE();
    case "double":
      return sized(type, bytes, 8).readDoubleBE();
    case "date":
      return fromPgDate(sized(type, bytes, 4).readInt32BE());
    case "time":
      return sized(type, bytes, 8).readBigInt64BE();
    case "timestamp":
    case "timestamptz":
      return fromPgTimestamp(sized(type, bytes, 8).readBigInt64BE());
    case "interval": {
      const field = sized(type, bytes, 16);
      return { micros: field.readBigInt64BE(), days: field.readInt32BE(8), months: field.readInt32BE(12) };
    }
    case "uuid":
      return uuidText(sized(type, bytes, 16).toString("hex"));
    case "blob":
      return Uint8Array.from(bytes);
    case "varchar":
    case "json":
      return utf8Of(bytes);
    case "list":
      return readArray(type.element, bytes);
    case "decimal": {
      const { scaled, scale } = readNumeric(bytes);
      return scale <= type.scale ? scaled * 10n ** BigInt(type.scale - scale) : scaled / 10n ** BigInt(scale - type.scale);
    }
    case "struct":
    case "map":
      throw new SqlError({ sqlState: "0A000", message: `parameters of type ${formatType(type)} are not supported` });
  }
}

const malformed = (type: SqlType): SqlError =>
  new SqlError({ sqlState: "22P03", message: `incorrect binary data format for type ${formatType(type).toLowerCase()}` });

function sized(type: SqlType, bytes: Buffer, length_bytes: number): Buffer {
  if (bytes.length !== length_bytes) throw malformed(type);
  return bytes;
}

function readJsonb(bytes: Buffer): string {
  if (bytes[0] !== 1) throw new SqlError({ sqlState: "22P03", message: `unsupported jsonb version number ${bytes[0] ?? "(none)"}` });
  return utf8Of(bytes.subarray(1));
}

function wholeNumber(bytes: Buffer): bigint {
  const { scaled, scale } = readNumeric(bytes);
  return scaled / 10n ** BigInt(scale);
}

function fromPgDate(days: number): number {
  if (days === dateInfinity) return dateInfinity;
  if (days === -dateInfinity - 1) return -dateInfinity;
  if (days > dateInfinity - 1 - epoch_days) throw new SqlError({ sqlState: "22008", message: "date out of range" });
  return days + epoch_days;
}

function fromPgTimestamp(micros: bigint): bigint {
  if (micros === timestampInfinity) return timestampInfinity;
  if (micros === -timestampInfinity - 1n) return -timestampInfinity;
  if (micros >= timestampInfinity - epoch_us) throw new SqlError({ sqlState: "22008", message: "timestamp out of range" });
  return micros + epoch_us;
}

/** array_recv: one dimension; the element type on the wire must be the declared one, or text for text-like types. */
function readArray(element: SqlType, bytes: Buffer): readonly Value[] {
  const body = new MessageBody(bytes);
  const dimensions = body.i32();
  body.i32(); // whether there is a NULL: the elements say it themselves
  const elementOid = body.u32();
  if (dimensions === 0) return [];
  if (dimensions !== 1) throw new SqlError({ sqlState: "0A000", message: "parameters of more than one array dimension are not supported" });
  if (elementOid !== oidOf(innermost(element)) && element.id !== "varchar" && element.id !== "uinteger") throw malformed(element);
  const count = body.i32();
  body.i32(); // lower bound
  if (count < 0 || count * 4 > body.remaining_bytes) throw malformed(element);
  const items = Array.from({ length: count }, () => readElement(element, body));
  body.end();
  return items;
}

function readElement(element: SqlType, body: MessageBody): Value {
  const length = body.i32();
  return length === -1 ? null : readBinary(element, body.take(length));
}
