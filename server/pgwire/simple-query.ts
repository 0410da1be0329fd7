import { writeCommandComplete, writeRowDescription } from "./backend-messages.ts";
import { copyIn } from "./copy-in.ts";
import { copyOut } from "./copy-out.ts";
import type { Outcome } from "../session/execution.ts";
import type { ProtocolSession } from "./protocol-session.ts";
import { RowStream } from "./row-stream.ts";

/** The simple protocol: all statements of a text, one after the other, until one fails; without a BEGIN they are one transaction. */
export async function simpleQuery(session: ProtocolSession, text: string): Promise<void> {
  session.portals.close(""); // as in Postgres, and its rows would hold the connection
  const statements = session.parse(text);
  if (statements.length === 0) session.writeEmptyQuery();
  // Each statement has its own time-out, as in Postgres.
  for (const statement of statements) {
    await session.guard.run(async () => answer(session, await session.execute(statement, [], statements.length > 1)));
  }
  await session.guard.run(() => session.block.commitImplicit());
}

async function answer(session: ProtocolSession, outcome: Outcome): Promise<void> {
  const { wire, guard } = session;
  if (outcome.kind === "command") return writeCommandComplete(wire.writer, outcome.tag);
  if (outcome.kind === "copyIn") return copyIn(session, outcome);
  if (outcome.kind === "copyOut") return copyOut(session, outcome);
  const stream = new RowStream(wire, outcome.result, []);
  try {
    writeRowDescription(wire.writer, outcome.result.schema, []);
    const { rows } = await stream.send(0, () => guard.check());
    writeCommandComplete(wire.writer, outcome.tag(rows));
  } finally {
    stream.close();
  }
}
