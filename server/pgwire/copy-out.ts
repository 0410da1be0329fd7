import type { Outcome } from "../session/execution.ts";
import { writeCommandComplete } from "./backend-messages.ts";
import type { ProtocolSession } from "./protocol-session.ts";

type CopyOutcome = Extract<Outcome, { readonly kind: "copyOut" }>;

/** The data of COPY TO STDOUT on its way to the client, in either protocol. */
export async function copyOut(session: ProtocolSession, copy: CopyOutcome): Promise<void> {
  const { wire, guard } = session;
  wire.writer.begin("H").u8(0).i16(copy.columns);
  for (let c = 0; c < copy.columns; c++) wire.writer.i16(0);
  wire.writer.end();
  for await (const lines of copy.lines()) {
    guard.check();
    // A message per row, as clients may rely on.
    for (const line of lines) wire.writer.begin("d").raw(Buffer.from(line)).end();
    await wire.flush();
  }
  wire.writer.begin("c").end();
  writeCommandComplete(wire.writer, copy.tag());
}
