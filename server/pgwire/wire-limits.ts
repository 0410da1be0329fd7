import { limits } from "../../runtime/contract/limits.ts";

/** Limits of the Postgres door; those shared with other doors come from the contract. */
export const wireLimits = {
  startupPacket_bytes_max: limits.startupPacket_bytes_max,
  /** Before the login every message is small: a SCRAM answer has about 200 bytes. */
  loginMessage_bytes_max: limits.startupPacket_bytes_max,
  message_bytes_max: limits.message_bytes_max,
  statement_bytes_max: limits.statement_bytes_max,
  handshake_ms_max: limits.handshake_ms_max,
  connections_max: limits.connections_max,
  /** Sockets that have not logged in; beyond it the oldest gives way, so stalled ones cannot keep a login out. */
  pendingHandshakes_max: 1_000,
  preparedStatements_max: limits.preparedStatements_perSession_max,
  portals_max: 1_000,
  /** Bytes read ahead of the statement that runs; beyond it the socket is not read. */
  readAhead_bytes_max: 262_144,
  /** Rows are handed to the socket in pieces of about this size. */
  write_bytes_target: 262_144,
  /** How long a refused client may take to read why. */
  linger_ms_max: 1_000,
  /** How long the door waits for statements that do not stop when it closes. */
  shutdown_ms_max: 5_000,
} as const;

export type WireLimits = { readonly [K in keyof typeof wireLimits]: number };
