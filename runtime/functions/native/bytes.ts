import { createHash } from "node:crypto";
import { simple, varchar } from "../../contract/types.ts";
import { dataError, type NativeFunction } from "./define.ts";

const blob = simple("blob");
const encoder = new TextEncoder();

/** Lines of 76 characters, as Postgres writes base64. */
const base64 = (bytes: Uint8Array): string =>
  (
    Buffer.from(bytes)
      .toString("base64")
      .match(/.{1,76}/g) ?? []
  ).join("\n");

const escaped = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) =>
    byte === 0 || byte >= 0x80 ? `\\${byte.toString(8).padStart(3, "0")}` : byte === 0x5c ? "\\\\" : String.fromCharCode(byte),
  ).join("");

function encode(bytes: Uint8Array, format: string): string {
  switch (format.toLowerCase()) {
    case "hex":
      return Buffer.from(bytes).toString("hex");
    case "base64":
      return base64(bytes);
    case "escape":
      return escaped(bytes);
    default:
      throw dataError("22023", `unrecognized encoding: "${format}"`, "Use hex, base64 or escape.");
  }
}

function decode(text: string, format: string): Uint8Array {
  switch (format.toLowerCase()) {
    case "hex": {
      const digits = text.replaceAll(/\s/g, "");
      const wrong = /[^0-9A-Fa-f]/.exec(digits)?.[0];
      if (wrong !== undefined) throw dataError("22023", `invalid hexadecimal digit: "${wrong}"`);
      if (digits.length % 2 === 1) throw dataError("22023", "invalid hexadecimal data: odd number of digits");
      return new Uint8Array(Buffer.from(digits, "hex"));
    }
    case "base64": {
      const digits = text.replaceAll(/\s/g, "");
      const wrong = /[^A-Za-z0-9+/=]/.exec(digits)?.[0];
      if (wrong !== undefined) throw dataError("22023", `invalid symbol "${wrong}" found while decoding base64 sequence`);
      if (digits.length % 4 !== 0)
        throw dataError("22023", "invalid base64 end sequence", "Input data is missing padding, is truncated, or is otherwise corrupted.");
      return new Uint8Array(Buffer.from(digits, "base64"));
    }
    case "escape":
      return unescaped(text);
    default:
      throw dataError("22023", `unrecognized encoding: "${format}"`, "Use hex, base64 or escape.");
  }
}

function unescaped(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const [part, octal] of text.matchAll(/\\([0-3][0-7]{2})|\\\\|[^\\]+|\\/g)) {
    if (octal !== undefined) bytes.push(Number.parseInt(octal, 8));
    else if (part === "\\") throw dataError("22P02", "invalid input syntax for type bytea");
    else bytes.push(...encoder.encode(part === "\\\\" ? "\\" : part));
  }
  return Uint8Array.from(bytes);
}

const digest = (name: string): NativeFunction => ({
  name,
  doc: `The SHA-${name.slice(3)} hash of bytes.`,
  examples: [[`hex(${name}('abc'::BLOB))`, createHash(name).update("abc").digest("hex").toUpperCase()]],
  parameters: [blob],
  returns: blob,
  evaluate: (bytes: Uint8Array) => new Uint8Array(createHash(name).update(bytes).digest()),
});

export const byteFunctions: readonly NativeFunction[] = [
  {
    name: "encode",
    doc: "Bytes as text: 'hex', 'base64' or 'escape'.",
    examples: [["encode('hello'::BLOB, 'base64')", "aGVsbG8="]],
    parameters: [blob, varchar],
    returns: varchar,
    evaluate: encode,
  },
  {
    name: "decode",
    doc: "Bytes from text: 'hex', 'base64' or 'escape'.",
    examples: [["encode(decode('68656c6c6f', 'hex'), 'escape')", "hello"]],
    parameters: [varchar, varchar],
    returns: blob,
    evaluate: decode,
  },
  digest("sha224"),
  digest("sha384"),
  digest("sha512"),
];
