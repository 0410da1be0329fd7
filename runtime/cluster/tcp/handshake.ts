import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Socket } from "node:net";

/**
 * Both sides prove that they know the cluster's secret before either reads a message of the other:
 *
 *   dialer   -> listener: magic, nonce d
 *   listener -> dialer:   magic, nonce l
 *   dialer   -> listener: HMAC-SHA256(secret, "dialer", d, l)
 *   listener -> dialer:   HMAC-SHA256(secret, "listener", d, l)
 *
 * The roles are in the proofs, so that none can be sent back to its maker; the dialer proves first, so that a listener gives nothing away.
 */
export type Role = "dialer" | "listener";

/** The last character is the version of all that follows on a connection. */
const magic = Buffer.from("MILLRACE1");
const nonce_bytes = 32;
const proof_bytes = 32;

/** Resolves when the other side has proved itself; throws when it does not, or when the socket closes. */
export async function shakeHands(socket: Socket, role: Role, secret: string): Promise<void> {
  const own = randomBytes(nonce_bytes);
  socket.write(Buffer.concat([magic, own]));
  const hello = await readExactly(socket, magic.length + nonce_bytes);
  if (!hello.subarray(0, magic.length).equals(magic)) throw new Error("the other side does not speak this cluster's protocol");
  const other = hello.subarray(magic.length);
  const nonces = role === "dialer" ? [own, other] : [other, own];
  const proofOf = (of: Role): Buffer =>
    createHmac("sha256", secret)
      .update(Buffer.concat([Buffer.from(of), ...nonces]))
      .digest();
  if (role === "dialer") socket.write(proofOf("dialer"));
  const proof = await readExactly(socket, proof_bytes);
  if (!timingSafeEqual(proof, proofOf(role === "dialer" ? "listener" : "dialer"))) throw new Error("the other side has another secret");
  if (role === "listener") socket.write(proofOf("listener"));
}

/** Bytes of a paused socket; those behind them stay in it. */
function readExactly(socket: Socket, bytes: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void): void => {
      socket.off("readable", look).off("close", gone).off("error", failed);
      act();
    };
    const gone = (): void => settle(() => reject(new Error("the other side closed the connection: is its secret another one?")));
    const failed = (error: Error): void => settle(() => reject(error));
    const look = (): void => {
      const read = socket.read(bytes) as Buffer | null;
      if (read === null) return;
      if (read.length === bytes) settle(() => resolve(read));
      else gone();
    };
    socket.on("readable", look).on("close", gone).on("error", failed);
    if (socket.destroyed) gone();
    else look();
  });
}
