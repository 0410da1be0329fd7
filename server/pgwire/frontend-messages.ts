import { SqlError } from "../../runtime/contract/errors.ts";
import type { Frame } from "./frame-reader.ts";
import { MessageBody } from "./message-body.ts";

/** What a client sends after the login (Postgres documentation, "Message Formats"). */
export type FrontendMessage =
  | { readonly kind: "query"; readonly text: string }
  | { readonly kind: "parse"; readonly name: string; readonly text: string; readonly parameterOids: readonly number[] }
  | BindMessage
  | { readonly kind: "describe"; readonly object: ObjectKind; readonly name: string }
  | { readonly kind: "execute"; readonly portal: string; readonly rows_max: number }
  | { readonly kind: "close"; readonly object: ObjectKind; readonly name: string }
  | { readonly kind: "flush" }
  | { readonly kind: "sync" }
  | { readonly kind: "terminate" }
  /** CopyData, CopyDone, CopyFail outside a COPY: Postgres ignores them, since they may follow a COPY that failed. */
  | { readonly kind: "copy" };

export type ObjectKind = "statement" | "portal";
export type Format = "text" | "binary";

export interface BindMessage {
  readonly kind: "bind";
  readonly portal: string;
  readonly statement: string;
  readonly parameterFormats: readonly Format[];
  /** null = NULL. */
  readonly parameters: readonly (Buffer | null)[];
  readonly resultFormats: readonly Format[];
}

export function readMessage(frame: Frame): FrontendMessage {
  const body = new MessageBody(frame.body);
  switch (frame.type) {
    case "Q":
      return ended(body, { kind: "query", text: body.cstring() });
    case "P":
      return ended(body, { kind: "parse", name: body.cstring(), text: body.cstring(), parameterOids: listOf(body, 4, () => body.u32()) });
    case "B":
      return ended(body, readBind(body));
    case "D":
      return ended(body, { kind: "describe", object: objectKind(body, "DESCRIBE"), name: body.cstring() });
    case "E":
      return ended(body, { kind: "execute", portal: body.cstring(), rows_max: Math.max(0, body.i32()) });
    case "C":
      return ended(body, { kind: "close", object: objectKind(body, "CLOSE"), name: body.cstring() });
    case "H":
      return ended(body, { kind: "flush" });
    case "S":
      return ended(body, { kind: "sync" });
    case "X":
      return { kind: "terminate" };
    case "d":
    case "c":
    case "f":
      return { kind: "copy" };
    case "F":
      throw new SqlError({
        sqlState: "0A000",
        message: "the function call protocol is not supported",
        hint: "Call the function with SELECT.",
      });
    default:
      throw new SqlError({ sqlState: "08P01", message: `invalid frontend message type ${frame.type.charCodeAt(0)}` });
  }
}

/** Letters of a message whose failure makes the server skip to the next Sync. */
export const isExtended = (type: string): boolean => "PBDECFH".includes(type);

/** Letters that start a message; anything else means that the stream's framing is lost. */
export const isKnownType = (type: string): boolean => "QPBDECHSXdcfFp".includes(type);

function ended<M extends FrontendMessage>(body: MessageBody, message: M): M {
  body.end();
  return message;
}

function readBind(body: MessageBody): BindMessage {
  return {
    kind: "bind",
    portal: body.cstring(),
    statement: body.cstring(),
    parameterFormats: listOf(body, 2, () => format(body)),
    parameters: listOf(body, 4, () => parameter(body)),
    resultFormats: listOf(body, 2, () => format(body)),
  };
}

/** A counted list; the count is held against the bytes that are there before room is made for it. */
function listOf<T>(body: MessageBody, item_bytes_min: number, read: () => T): T[] {
  const count = body.u16();
  if (count * item_bytes_min > body.remaining_bytes)
    throw new SqlError({ sqlState: "08P01", message: "insufficient data left in message" });
  return Array.from({ length: count }, read);
}

function format(body: MessageBody): Format {
  const code = body.i16();
  if (code !== 0 && code !== 1) throw new SqlError({ sqlState: "22023", message: `unsupported format code: ${code}` });
  return code === 0 ? "text" : "binary";
}

function parameter(body: MessageBody): Buffer | null {
  const length = body.i32();
  if (length === -1) return null;
  return body.take(length);
}

function objectKind(body: MessageBody, message: string): ObjectKind {
  const letter = body.u8();
  if (letter === 0x53) return "statement";
  if (letter === 0x50) return "portal";
  throw new SqlError({ sqlState: "08P01", message: `invalid ${message} message subtype ${letter}` });
}

/** The one format that counts for parameter or column `index`: none given = text, one = for all. */
export const formatAt = (formats: readonly Format[], index: number): Format =>
  formats.length === 1 ? (formats[0] as Format) : (formats[index] ?? "text");
