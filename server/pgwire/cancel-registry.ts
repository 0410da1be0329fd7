import { randomInt } from "node:crypto";

interface Entry {
  readonly secret: number;
  readonly cancel: () => void;
}

/** Who may be cancelled by whom: a CancelRequest comes on a connection of its own and names process and secret. */
export class CancelRegistry {
  private readonly entries = new Map<number, Entry>();
  private lastId = 0;

  /** `cancel` is called for each request with the right secret, whatever the session is doing. */
  register(cancel: () => void): { readonly processId: number; readonly secret: number } {
    do this.lastId = (this.lastId % 2_147_483_647) + 1;
    while (this.entries.has(this.lastId));
    const secret = randomInt(-2_147_483_648, 2_147_483_648);
    this.entries.set(this.lastId, { secret, cancel });
    return { processId: this.lastId, secret };
  }

  release(processId: number): void {
    this.entries.delete(processId);
  }

  /** A wrong guess is answered like a right one: with nothing. */
  cancel(processId: number, secret: number): void {
    const entry = this.entries.get(processId);
    if (entry !== undefined && entry.secret === secret) entry.cancel();
  }
}
