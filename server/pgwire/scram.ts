import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import { SqlError } from "../../runtime/contract/errors.ts";

/**
 * The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding.
 * The password is stretched once when the server starts; a login then costs four hashes, so that logins are no lever
 * to load the server. The salt is the server's own, made at its start.
 */
export const mechanism = "SCRAM-SHA-256";
const iterations = 4_096;

export interface ScramVerifier {
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

const hmac = (key: Buffer, text: string): Buffer => createHmac("sha256", key).update(text).digest();

export function scramVerifier(password: string): ScramVerifier {
  const salt = randomBytes(16);
  const salted = pbkdf2Sync(password.normalize("NFKC"), salt, iterations, 32, "sha256");
  return {
    salt,
    storedKey: createHash("sha256").update(hmac(salted, "Client Key")).digest(),
    serverKey: hmac(salted, "Server Key"),
  };
}

const malformed = (detail: string): SqlError => new SqlError({ sqlState: "08P01", message: "malformed SCRAM message", detail });

/** One login: `first` answers the client's first message, `final` checks its proof. */
export class ScramExchange {
  private readonly verifier: ScramVerifier;
  private readonly serverNonce: string;
  private clientFirstBare = "";
  private serverFirst = "";
  private nonce = "";
  private gs2Header = "";

  constructor(verifier: ScramVerifier, serverNonce = randomBytes(18).toString("base64")) {
    this.verifier = verifier;
    this.serverNonce = serverNonce;
  }

  first(message: string): string {
    // The user name inside is empty or ignored: the start-up packet names the user, as in Postgres.
    const match = /^([ny]),,((?:m=[^,]*,)?n=[^,]*,r=([!-+\--~]+)(?:,.*)?)$/.exec(message);
    if (match === null) throw malformed("The first message is not understood, or it asks for channel binding, which is not offered.");
    const [, flag, bare = "", clientNonce = ""] = match;
    if (bare.startsWith("m=")) throw malformed("Mandatory extensions are not supported.");
    this.gs2Header = `${flag},,`;
    this.clientFirstBare = bare;
    this.nonce = clientNonce + this.serverNonce;
    this.serverFirst = `r=${this.nonce},s=${this.verifier.salt.toString("base64")},i=${iterations}`;
    return this.serverFirst;
  }

  /** The server's signature when the proof is right, null when it is not. */
  final(message: string): string | null {
    const match = /^(c=([A-Za-z0-9+/=]+),r=([!-+\--~]+)),p=([A-Za-z0-9+/=]+)$/.exec(message);
    if (match === null) throw malformed("The final message is not understood.");
    const [, withoutProof = "", binding = "", nonce = "", proof = ""] = match;
    if (nonce !== this.nonce) throw malformed("The nonce does not match.");
    if (Buffer.from(binding, "base64").toString("latin1") !== this.gs2Header) throw malformed("The channel binding does not match.");
    const authMessage = `${this.clientFirstBare},${this.serverFirst},${withoutProof}`;
    return this.isProof(Buffer.from(proof, "base64"), authMessage)
      ? `v=${hmac(this.verifier.serverKey, authMessage).toString("base64")}`
      : null;
  }

  private isProof(proof: Buffer, authMessage: string): boolean {
    if (proof.length !== 32) return false;
    const signature = hmac(this.verifier.storedKey, authMessage);
    const clientKey = Buffer.from(proof.map((byte, i) => byte ^ (signature[i] as number)));
    return timingSafeEqual(createHash("sha256").update(clientKey).digest(), this.verifier.storedKey);
  }
}
