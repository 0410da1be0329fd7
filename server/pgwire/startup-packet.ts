import { SqlError } from "../../runtime/contract/errors.ts";
import type { Frame } from "./frame-reader.ts";
import { MessageBody } from "./message-body.ts";

/** The packets in front of a session; they have a code instead of a letter. */
export type StartupPacket =
  | { readonly kind: "sslRequest" }
  | { readonly kind: "gssEncryptionRequest" }
  | { readonly kind: "cancel"; readonly processId: number; readonly secret: number }
  | {
      readonly kind: "startup";
      readonly minorVersion: number;
      readonly parameters: ReadonlyMap<string, string>;
      /** `_pq_.…`: protocol extensions, none of which is known here. */
      readonly unknownOptions: readonly string[];
    };

const sslRequestCode = 80_877_103;
const gssEncryptionRequestCode = 80_877_104;
const cancelRequestCode = 80_877_102;

export function readStartupPacket(frame: Frame): StartupPacket {
  const body = new MessageBody(frame.body);
  const code = body.u32();
  switch (code) {
    case sslRequestCode:
      return ended(body, { kind: "sslRequest" });
    case gssEncryptionRequestCode:
      return ended(body, { kind: "gssEncryptionRequest" });
    case cancelRequestCode:
      return ended(body, { kind: "cancel", processId: body.i32(), secret: body.i32() });
    default:
      return startup(body, code >>> 16, code & 0xffff);
  }
}

function ended(body: MessageBody, packet: StartupPacket): StartupPacket {
  body.end();
  return packet;
}

function startup(body: MessageBody, major: number, minorVersion: number): StartupPacket {
  if (major !== 3) {
    throw new SqlError({
      sqlState: "0A000",
      message: `unsupported frontend protocol ${major}.${minorVersion}: server supports 3.0 to 3.0`,
    });
  }
  const parameters = new Map<string, string>();
  const unknownOptions: string[] = [];
  for (let name = body.cstring(); name !== ""; name = body.cstring()) {
    const value = body.cstring();
    if (name.startsWith("_pq_.")) unknownOptions.push(name);
    else parameters.set(name, value);
  }
  return { kind: "startup", minorVersion, parameters, unknownOptions };
}
