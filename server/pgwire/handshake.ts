import { type SecureContext, TLSSocket } from "node:tls";
import type { Socket } from "node:net";
import { SqlError } from "../../runtime/contract/errors.ts";
import { writeNegotiateProtocolVersion } from "./backend-messages.ts";
import { readStartupPacket, type StartupPacket } from "./startup-packet.ts";
import type { Wire } from "./wire.ts";

export type StartupOrCancel = Extract<StartupPacket, { kind: "startup" | "cancel" }>;

/** Answers requests for encryption until the client says what it came for. Each kind may be asked for once. */
export async function openingPacket(wire: Wire, tls: SecureContext | null): Promise<StartupOrCancel> {
  const asked = new Set<string>();
  for (;;) {
    const packet = readStartupPacket(await wire.packet());
    if (packet.kind === "startup" || packet.kind === "cancel") return packet;
    if (asked.has(packet.kind)) throw new SqlError({ sqlState: "08P01", message: "encryption was requested twice" });
    asked.add(packet.kind);
    if (packet.kind === "sslRequest" && tls !== null) await encrypt(wire, tls);
    else await wire.answer("N");
  }
}

async function encrypt(wire: Wire, secureContext: SecureContext): Promise<void> {
  // Bytes sent in the clear behind the request would be read as if they had come encrypted (CVE-2021-23214).
  if (wire.unread_bytes > 0) throw new SqlError({ sqlState: "08P01", message: "received unencrypted data after SSL request" });
  await wire.answer("S");
  wire.replaceStream((stream) => new TLSSocket(stream as Socket, { isServer: true, secureContext }));
}

export function negotiateVersion(wire: Wire, startup: Extract<StartupPacket, { kind: "startup" }>): void {
  if (startup.minorVersion > 0 || startup.unknownOptions.length > 0) writeNegotiateProtocolVersion(wire.writer, startup.unknownOptions);
}
