import type { Notice, TransactionState } from "../session/execution.ts";
import type { Schema } from "../../runtime/contract/types.ts";
import type { Diagnostic } from "./error-response.ts";
import { type Format, formatAt } from "./frontend-messages.ts";
import type { MessageWriter } from "./message-writer.ts";
import { oidOf, sizeOfOid, typmodOf } from "./types.ts";

/** Messages without fields. */
const empty = {
  parseComplete: "1",
  bindComplete: "2",
  closeComplete: "3",
  noData: "n",
  emptyQueryResponse: "I",
  portalSuspended: "s",
} as const;

export function writeEmpty(writer: MessageWriter, message: keyof typeof empty): void {
  writer.begin(empty[message]).end();
}

export function writeParameterStatus(writer: MessageWriter, name: string, value: string): void {
  writer.begin("S").cstring(name).cstring(value).end();
}

export function writeBackendKeyData(writer: MessageWriter, processId: number, secret: number): void {
  writer.begin("K").i32(processId).i32(secret).end();
}

/** Answer to a newer minor version or unknown options: what we speak, and what was not understood. */
export function writeNegotiateProtocolVersion(writer: MessageWriter, unknownOptions: readonly string[]): void {
  writer.begin("v").i32(196_608).i32(unknownOptions.length);
  for (const option of unknownOptions) writer.cstring(option);
  writer.end();
}

const transactionStatus = { idle: "I", open: "T", failed: "E" } as const satisfies Record<TransactionState, string>;

export function writeReadyForQuery(writer: MessageWriter, state: TransactionState): void {
  writer.begin("Z").u8(transactionStatus[state].charCodeAt(0)).end();
}

export function writeCommandComplete(writer: MessageWriter, tag: string): void {
  writer.begin("C").cstring(tag).end();
}

export function writeError(writer: MessageWriter, diagnostic: Diagnostic): void {
  writeDiagnostic(writer.begin("E"), diagnostic);
}

export function writeNotice(writer: MessageWriter, notice: Notice): void {
  const { severity, message, hint } = notice;
  writeDiagnostic(writer.begin("N"), { severity, sqlState: severity === "WARNING" ? "01000" : "00000", message, hint });
}

function writeDiagnostic(writer: MessageWriter, diagnostic: Omit<Diagnostic, "sqlState"> & { readonly sqlState: string }): void {
  const field = (letter: string, text: string): void => {
    writer.u8(letter.charCodeAt(0)).cstring(text);
  };
  field("S", diagnostic.severity);
  field("V", diagnostic.severity);
  field("C", diagnostic.sqlState);
  field("M", diagnostic.message);
  if (diagnostic.detail !== undefined) field("D", diagnostic.detail);
  if (diagnostic.hint !== undefined) field("H", diagnostic.hint);
  if (diagnostic.position !== undefined) field("P", String(diagnostic.position));
  writer.u8(0).end();
}

export function writeParameterDescription(writer: MessageWriter, oids: readonly number[]): void {
  writer.begin("t").u16(oids.length);
  for (const oid of oids) writer.i32(oid);
  writer.end();
}

export function writeRowDescription(writer: MessageWriter, schema: Schema, formats: readonly Format[]): void {
  writer.begin("T").u16(schema.columns.length);
  schema.columns.forEach(({ name, type }, index) => {
    const oid = oidOf(type);
    writer.cstring(name).i32(0).i16(0).i32(oid).i16(sizeOfOid(oid)).i32(typmodOf(type));
    writer.i16(formatAt(formats, index) === "binary" ? 1 : 0);
  });
  writer.end();
}
