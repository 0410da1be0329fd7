import { SqlError } from "../../runtime/contract/errors.ts";
import { MessageBody, utf8Of } from "./message-body.ts";
import { mechanism, ScramExchange, type ScramVerifier } from "./scram.ts";
import type { Wire } from "./wire.ts";

/** Codes of the Authentication messages. */
const code = { ok: 0, sasl: 10, saslContinue: 11, saslFinal: 12 } as const;

/** Lets the client in, after its password when one is configured. Throws 28P01, 08P01. */
export async function authenticate(wire: Wire, user: string, verifier: ScramVerifier | null): Promise<void> {
  if (verifier !== null) await scram(wire, user, verifier);
  wire.writer.begin("R").i32(code.ok).end();
}

async function scram(wire: Wire, user: string, verifier: ScramVerifier): Promise<void> {
  wire.writer.begin("R").i32(code.sasl).cstring(mechanism).u8(0).end();
  await wire.flush();
  const exchange = new ScramExchange(verifier);
  await send(wire, code.saslContinue, exchange.first(initialResponse(await passwordMessage(wire))));
  const signature = exchange.final(utf8Of(await passwordMessage(wire)));
  if (signature === null) throw new SqlError({ sqlState: "28P01", message: `password authentication failed for user "${user}"` });
  wire.writer.begin("R").i32(code.saslFinal).raw(Buffer.from(signature)).end();
}

async function send(wire: Wire, kind: number, text: string): Promise<void> {
  wire.writer.begin("R").i32(kind).raw(Buffer.from(text)).end();
  await wire.flush();
}

async function passwordMessage(wire: Wire): Promise<Buffer> {
  const frame = await wire.loginMessage();
  if (frame.type !== "p")
    throw new SqlError({ sqlState: "08P01", message: `expected a password message, got type ${frame.type.charCodeAt(0)}` });
  return frame.body;
}

function initialResponse(bytes: Buffer): string {
  const body = new MessageBody(bytes);
  const chosen = body.cstring();
  if (chosen !== mechanism)
    throw new SqlError({ sqlState: "08P01", message: "client selected an authentication mechanism that was not offered" });
  const response = body.take(body.i32());
  body.end();
  return utf8Of(response);
}
