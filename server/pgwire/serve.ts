import { assertNever, messageOf, SqlError } from "../../runtime/contract/errors.ts";
import { writeError, writeReadyForQuery } from "./backend-messages.ts";
import { diagnosticOf, isInternal } from "./error-response.ts";
import { bind, close, describe, execute, parse } from "./extended-query.ts";
import type { Frame } from "./frame-reader.ts";
import { type FrontendMessage, isExtended, isKnownType, readMessage } from "./frontend-messages.ts";
import type { ProtocolSession } from "./protocol-session.ts";
import { simpleQuery } from "./simple-query.ts";
import { ConnectionClosed } from "./wire.ts";

/** Serves a session that has logged in, message by message, until the client leaves. Throws what ends the connection. */
export async function serve(session: ProtocolSession, log: (line: string) => void): Promise<void> {
  const { wire } = session;
  session.reportVariables();
  writeReadyForQuery(wire.writer, session.session.transaction);
  let skipping = false;
  for (;;) {
    const frame = await wire.message();
    if (!isKnownType(frame.type))
      throw new SqlError({ sqlState: "08P01", message: `invalid frontend message type ${frame.type.charCodeAt(0)}` });
    if (frame.type === "X") return;
    if (frame.type === "S") skipping = false;
    else if (skipping) continue;
    try {
      await dispatch(session, frame);
    } catch (error) {
      await recover(session, error, log);
      if (frame.type === "Q" || frame.type === "S") await session.ready();
      else skipping = isExtended(frame.type);
    }
  }
}

async function dispatch(session: ProtocolSession, frame: Frame): Promise<void> {
  const message = readMessage(frame);
  switch (message.kind) {
    case "query":
      await simpleQuery(session, message.text);
      return session.ready();
    case "sync":
      await session.block.commitImplicit();
      return session.ready();
    case "flush":
      return session.wire.flush();
    case "terminate":
    case "copy":
      return;
    default:
      return extended(session, message);
  }
}

async function extended(
  session: ProtocolSession,
  message: Extract<FrontendMessage, { kind: "parse" | "bind" | "describe" | "execute" | "close" }>,
): Promise<void> {
  switch (message.kind) {
    case "parse":
      return parse(session, message);
    case "bind":
      return bind(session, message);
    case "describe":
      return describe(session, message);
    case "execute":
      return execute(session, message);
    case "close":
      return close(session, message);
    default:
      return assertNever(message);
  }
}

/** After a failed message: the transaction fails with it, and the client is told. */
async function recover(session: ProtocolSession, error: unknown, log: (line: string) => void): Promise<void> {
  if (error instanceof ConnectionClosed) throw error;
  if (isInternal(error))
    log(`postgres door: internal error: ${error instanceof Error ? (error.stack ?? error.message) : messageOf(error)}`);
  try {
    await session.block.fail();
  } catch (failure) {
    // The statement's own error matters to the client; the store has given the transaction up by itself.
    log(`postgres door: rollback failed: ${messageOf(failure)}`);
  }
  writeError(session.wire.writer, diagnosticOf(error, session.text));
}
