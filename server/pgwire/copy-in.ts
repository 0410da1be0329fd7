import { SqlError } from "../../runtime/contract/errors.ts";
import type { Outcome } from "../session/execution.ts";
import { writeCommandComplete } from "./backend-messages.ts";
import { MessageBody } from "./message-body.ts";
import type { ProtocolSession } from "./protocol-session.ts";

type CopyOutcome = Extract<Outcome, { readonly kind: "copyIn" }>;

/** The client sends the data of COPY FROM STDIN. What it still sends after an error is passed over by `serve`. */
export async function copyIn(session: ProtocolSession, copy: CopyOutcome): Promise<void> {
  const { wire, guard } = session;
  wire.writer.begin("G").u8(0).i16(copy.columns);
  for (let c = 0; c < copy.columns; c++) wire.writer.i16(0);
  wire.writer.end();
  await wire.flush();
  for (;;) {
    const { type, body } = await wire.message();
    guard.check();
    switch (type) {
      case "d":
        await copy.receive(body);
        break;
      case "c":
        return writeCommandComplete(wire.writer, await copy.finish());
      case "f":
        throw new SqlError({ sqlState: "57014", message: `COPY from stdin failed: ${new MessageBody(body).cstring()}` });
      case "H":
      case "S":
        break;
      default:
        throw new SqlError({
          sqlState: "08P01",
          message: `unexpected message type 0x${type.charCodeAt(0).toString(16)} during COPY from stdin`,
        });
    }
  }
}
